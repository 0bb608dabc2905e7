package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A dense (fully connected) layer: y = f(x·Wᵀ + b).
 *
 * <p>Shapes: x [B×in], W [out×in], b [out], y [B×out]. Backward, with d = ∂L/∂y ⊙ f′: ∂W += dᵀ·x, ∂b += Σ_rows d, ∂x =
 * d·W.
 */
public record Dense(int inputWidth, int outputWidth, Activation activation) implements Layer {
    public Dense {
        if (inputWidth < 1 || outputWidth < 1) {
            throw new IllegalArgumentException("A dense layer needs at least one input and one output, found %s and %s"
                    .formatted(inputWidth, outputWidth));
        }
        if ((inputWidth + 1L) * outputWidth > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "A dense layer of %s inputs and %s outputs has more parameters than an array can hold; make model.hidden narrower"
                            .formatted(inputWidth, outputWidth));
        }
    }

    @Override
    public List<Tensor> tensors() {
        return List.of(
                new Tensor("weight", 0, List.of(outputWidth, inputWidth)),
                new Tensor("bias", biasOffset(), List.of(outputWidth)));
    }

    /** See {@link Initialization#fill}. */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        Initialization.fill(seed, parameters, offset, biasOffset(), outputWidth, inputWidth, outputWidth, activation);
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

    /** Multiplies the weights of all inputs from column {@code from} on by {@code factor}. */
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
