package io.cvaespark.optim;

import java.util.Objects;

/**
 * Adam (Kingma and Ba 2015) with decoupled weight decay (AdamW, Loshchilov and Hutter 2019).
 *
 * <p>m ← β₁m + (1−β₁)g, v ← β₂v + (1−β₂)g², θ ← (1 − η·λ)·θ − η/(1−β₁ᵗ) · m / (√v/√(1−β₂ᵗ) + ε).
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay) implements Optimizer {

    /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay. */
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
        float[] first = moments[0];
        float[] second = moments[1];
        float b1 = (float) beta1;
        float b2 = (float) beta2;
        float c1 = (float) (1 - beta1);
        float c2 = (float) (1 - beta2);
        float rate = (float) (learningRate / (1 - StrictMath.pow(beta1, (double) step)));
        float rootCorrection = (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, (double) step)));
        float eps = (float) epsilon;
        float keep = (float) (1 - learningRate * weightDecay);
        Objects.checkFromIndexSize(at, n, parameters.length);
        for (int i = 0; i < n; i++) {
            float g = gradient[gradientAt + i] * scale;
            float m = b1 * first[momentsAt + i] + c1 * g;
            float v = b2 * second[momentsAt + i] + c2 * (g * g);
            first[momentsAt + i] = m;
            second[momentsAt + i] = v;
            parameters[at + i] = keep * parameters[at + i] - rate * m / ((float) Math.sqrt(v) * rootCorrection + eps);
        }
    }
}
