package io.cvaespark.optim;

import io.cvaespark.linalg.Elementwise;
import java.util.Objects;

/**
 * The optimiser Adam (Kingma and Ba 2015) with decoupled weight decay (AdamW, Loshchilov and Hutter 2019).
 *
 * <p>m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← (1 − η·λ)·θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {

    /** Creates Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 and no weight decay. */
    public Adam() {
        this(0.9, 0.999, 1e-8, 0);
    }

    @Override
    public int moments() {
        return 2;
    }

    @Override
    public void update(
            float[] parameters,
            int at,
            float[] gradient,
            int gradientAt,
            float scale,
            float[][] moments,
            int momentsAt,
            double learningRate,
            long step,
            int n) {
        Objects.checkFromIndexSize(at, n, parameters.length);
        Elementwise.AdamStep factors = new Elementwise.AdamStep(
                scale,
                (float) beta1,
                (float) (1 - beta1),
                (float) beta2,
                (float) (1 - beta2),
                (float) (learningRate / (1 - StrictMath.pow(beta1, (double) step))),
                (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, (double) step))),
                (float) epsilon,
                (float) (1 - learningRate * weightDecay));
        Elementwise.create().adam(factors, gradient, gradientAt, moments[0], moments[1], momentsAt, parameters, at, n);
    }
}
