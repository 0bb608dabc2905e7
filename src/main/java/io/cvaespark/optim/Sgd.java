package io.cvaespark.optim;

import java.util.Objects;

/**
 * Stochastic gradient descent with momentum and decoupled weight decay.
 *
 * <p>m ← μm + g, θ ← (1 − η·λ)·θ − η·m.
 */
public record Sgd(double momentum, double weightDecay) implements Optimizer {

    @Override
    public int moments() {
        return 1;
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
        float[] velocity = moments[0];
        float mu = (float) momentum;
        float rate = (float) learningRate;
        float keep = (float) (1 - learningRate * weightDecay);
        Objects.checkFromIndexSize(at, n, parameters.length);
        for (int i = 0; i < n; i++) {
            float m = mu * velocity[momentsAt + i] + gradient[gradientAt + i] * scale;
            velocity[momentsAt + i] = m;
            parameters[at + i] = keep * parameters[at + i] - rate * m;
        }
    }
}
