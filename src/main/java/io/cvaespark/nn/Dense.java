package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A fully connected layer: y = f(x·Wᵀ + b).
 *
 * <p>Shapes: x [B×in], W [out×in], b [out], y [B×out]. Backward, with d = ∂L/∂y ⊙ f′: ∂W += dᵀ·x, ∂b += Σ_rows d,
 * ∂x = d·W.
 */
public record Dense(int inputWidth, int outputWidth, Activation activation) implements Layer {
    private static final float LAST_LAYER_SCALE = 0.1f;

    public Dense {
        if (inputWidth < 1 || outputWidth < 1) {
            throw new IllegalArgumentException("A dense layer needs at least one input and one output, found %s and %s"
                    .formatted(inputWidth, outputWidth));
        }
    }

    @Override
    public List<Tensor> tensors() {
        return List.of(
                new Tensor("weight", 0, List.of(outputWidth, inputWidth)),
                new Tensor("bias", biasOffset(), List.of(outputWidth)));
    }

    /**
     * W ~ N(0, 2/in) before relu-like activations (He et al. 2015), N(0, 2/(in + out)) otherwise (Glorot and Bengio 2010);
     * b = 0. A network's last layer starts at a tenth of that, so that q starts near N(0, I) and spends no nats on noise:
     * on MNIST that ends at a lower KL and a better ELBO.
     */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        double fan = activation.gain() > 1f ? inputWidth : inputWidth + outputWidth;
        float deviation = (float) Math.sqrt(2.0 / fan);
        if (activation == Activation.IDENTITY) {
            deviation *= LAST_LAYER_SCALE;
        }
        long key = Noise.key(seed, Noise.Purpose.INITIALIZATION, 0, offset, 0);
        for (int i = 0; i < biasOffset(); i++) {
            parameters[offset + i] = deviation * Noise.normal(key, i);
        }
        Arrays.fill(parameters, offset + biasOffset(), offset + biasOffset() + outputWidth, 0f);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth);
        Matrix u = workspace.matrix(input.rows(), outputWidth);
        workspace.blas().multiplyTransposed(input, weight(parameters, offset), 0f, u);
        Matrix y = activation.needsInput() ? workspace.matrix(input.rows(), outputWidth) : u;
        activation.forward(u, parameters, offset + biasOffset(), y, workspace.math());
        return new Trace(input, u, y);
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
        Matrix.requireShape(outputGradient, trace.output().rows(), outputWidth);
        activation.backward(trace.preActivation(), trace.output(), outputGradient, workspace);
        workspace
                .blas()
                .transposedMultiply(
                        outputGradient,
                        trace.input(),
                        gradient.claim(offset, biasOffset()),
                        weight(gradient.values(), offset));
        int bias = offset + biasOffset();
        if (gradient.claim(bias, outputWidth) == 0f) {
            Arrays.fill(gradient.values(), bias, bias + outputWidth, 0f);
        }
        for (int r = 0; r < outputGradient.rows(); r++) {
            workspace.math().add(outputGradient.data(), outputGradient.row(r), gradient.values(), bias, outputWidth);
        }
        if (inputGradient != null) {
            Matrix w = weight(parameters, offset).columns(0, inputGradient.cols());
            workspace.blas().multiply(outputGradient, w, 0f, inputGradient);
        }
    }

    /** Multiplies the weights of the inputs from column {@code from} on by {@code factor}. */
    public void scaleInputs(float[] parameters, int offset, int from, float factor) {
        Matrix columns = weight(parameters, offset).columns(from, inputWidth);
        for (int r = 0; r < outputWidth; r++) {
            for (int j = 0; j < columns.cols(); j++) {
                columns.set(r, j, factor * columns.get(r, j));
            }
        }
    }

    private int biasOffset() {
        return Math.multiplyExact(outputWidth, inputWidth);
    }

    private Matrix weight(float[] array, int offset) {
        return new Matrix(array, offset, outputWidth, inputWidth, inputWidth);
    }
}
