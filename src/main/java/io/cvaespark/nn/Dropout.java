package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An inverted dropout layer: in training y = x ⊙ m/(1 − rate), where m_j is 0 with probability {@code rate} and else 1;
 * outside of training y = x.
 *
 * <p>Shapes: x, m, y [B×n]. m is a pure function of the row's key and of the layer's offset in the parameter array.
 * Backward: ∂x = ∂y ⊙ m/(1 − rate). See Srivastava et al. 2014.
 */
public record Dropout(int inputWidth, double rate) implements Layer {

    public Dropout {
        if (!(rate > 0 && rate < 1)) {
            throw new IllegalArgumentException("The dropout rate must lie between 0 and 1, found " + rate);
        }
    }

    @Override
    public int outputWidth() {
        return inputWidth;
    }

    @Override
    public List<Tensor> tensors() {
        return List.of();
    }

    @Override
    public void initialize(long seed, float[] parameters, int offset) {}

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth);
        return new Trace(input, input, input);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, long @Nullable [] keys, Workspace workspace) {
        if (keys == null) {
            return forward(parameters, offset, input, workspace);
        }
        Matrix.requireShape(input, input.rows(), inputWidth);
        float[] kept = workspace.matrix(1, inputWidth).data();
        Arrays.fill(kept, 0, inputWidth, (float) (1 - rate));
        Matrix mask = workspace.matrix(input.rows(), inputWidth);
        Matrix y = workspace.matrix(input.rows(), inputWidth);
        for (int r = 0; r < y.rows(); r++) {
            workspace.math().bernoulliDraws(Noise.mix(keys[r] ^ offset), kept, 0, mask.data(), mask.row(r), inputWidth);
            multiply(mask, r, input, y);
        }
        return new Trace(input, mask, y);
    }

    @Override
    public void backward(
            float[] parameters,
            int offset,
            Trace trace,
            Matrix outputGradient,
            @Nullable Matrix inputGradient,
            Gradient gradient,
            Workspace workspace) {
        if (inputGradient == null) {
            return;
        }
        Matrix mask = trace.preActivation();
        if (mask == trace.input()) { // nothing was dropped
            inputGradient.copyFrom(outputGradient.columns(0, inputGradient.cols()));
            return;
        }
        for (int r = 0; r < inputGradient.rows(); r++) {
            multiply(mask, r, outputGradient, inputGradient);
        }
    }

    /** y ← x ⊙ mask/(1 − rate), for the columns that y has. */
    private void multiply(Matrix mask, int row, Matrix x, Matrix y) {
        float scale = (float) (1 / (1 - rate));
        for (int j = 0; j < y.cols(); j++) {
            y.set(row, j, scale * mask.get(row, j) * x.get(row, j));
        }
    }
}
