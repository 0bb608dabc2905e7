package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A layer normalisation (Ba et al. 2016): y = f(γ ⊙ x̂ + b) with x̂ = (x − m)/√(s² + ε), where m and s² are the mean
 * and the variance of the row's values and ε = {@value #EPSILON}.
 *
 * <p>Shapes: x, y [B×n], γ and b [n]. Backward, with d = ∂L/∂y ⊙ f′ and g = γ ⊙ d: ∂γ += Σ_rows d ⊙ x̂, ∂b += Σ_rows d,
 * ∂x = (g − mean(g) − x̂·mean(g ⊙ x̂))/√(s² + ε).
 */
public record LayerNorm(int inputWidth, Activation activation) implements Layer {
    private static final double EPSILON = 1e-5;

    @Override
    public int outputWidth() {
        return inputWidth;
    }

    @Override
    public List<Tensor> tensors() {
        return List.of(
                new Tensor("weight", 0, List.of(inputWidth)), new Tensor("bias", inputWidth, List.of(inputWidth)));
    }

    /** γ = 1, b = 0. */
    @Override
    public void initialize(long seed, float[] parameters, int offset) {
        Arrays.fill(parameters, offset, offset + inputWidth, 1f);
        Arrays.fill(parameters, offset + inputWidth, offset + 2 * inputWidth, 0f);
    }

    @Override
    public Trace forward(float[] parameters, int offset, Matrix input, Workspace workspace) {
        Matrix.requireShape(input, input.rows(), inputWidth);
        Matrix u = workspace.matrix(input.rows(), inputWidth);
        for (int r = 0; r < u.rows(); r++) {
            normalize(input, r, u, r);
            for (int j = 0; j < inputWidth; j++) {
                u.set(r, j, u.get(r, j) * parameters[offset + j]);
            }
        }
        Matrix y = activation.needsInput() ? workspace.matrix(input.rows(), inputWidth) : u;
        activation.forward(u, parameters, offset + inputWidth, y, workspace.math());
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
        int n = inputWidth;
        activation.backward(trace.preActivation(), trace.output(), outputGradient, workspace);
        if (gradient.claim(offset, 2 * n) == 0f) {
            Arrays.fill(gradient.values(), offset, offset + 2 * n, 0f);
        }
        Matrix normal = workspace.matrix(1, n);
        for (int r = 0; r < outputGradient.rows(); r++) {
            double deviation = normalize(trace.input(), r, normal, 0);
            double sum = 0;
            double product = 0;
            for (int j = 0; j < n; j++) {
                float d = outputGradient.get(r, j);
                gradient.values()[offset + j] += d * normal.get(0, j);
                gradient.values()[offset + n + j] += d;
                double g = (double) d * parameters[offset + j];
                sum += g;
                product += g * normal.get(0, j);
            }
            if (inputGradient == null) {
                continue;
            }
            for (int j = 0; j < inputGradient.cols(); j++) {
                double g = (double) outputGradient.get(r, j) * parameters[offset + j];
                inputGradient.set(r, j, (float) ((g - sum / n - normal.get(0, j) * product / n) / deviation));
            }
        }
    }

    /** Writes x̂ of a row and returns √(s² + ε). */
    private double normalize(Matrix x, int r, Matrix out, int to) {
        double sum = 0;
        for (int j = 0; j < inputWidth; j++) {
            sum += x.get(r, j);
        }
        double mean = sum / inputWidth;
        double squares = 0;
        for (int j = 0; j < inputWidth; j++) {
            double distance = x.get(r, j) - mean;
            squares += distance * distance;
        }
        double deviation = Math.sqrt(squares / inputWidth + EPSILON);
        for (int j = 0; j < inputWidth; j++) {
            out.set(to, j, (float) ((x.get(r, j) - mean) / deviation));
        }
        return deviation;
    }
}
