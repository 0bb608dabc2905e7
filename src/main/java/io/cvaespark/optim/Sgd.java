package io.cvaespark.optim;

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
            float[] gradient,
            float scale,
            float[][] moments,
            double learningRate,
            long step,
            int from,
            int to) {
        float[] velocity = moments[0];
        float mu = (float) momentum;
        float rate = (float) learningRate;
        float keep = (float) (1 - learningRate * weightDecay);
        for (int i = from; i < to; i++) {
            float m = mu * velocity[i] + gradient[i] * scale;
            velocity[i] = m;
            parameters[i] = keep * parameters[i] - rate * m;
        }
    }
}
