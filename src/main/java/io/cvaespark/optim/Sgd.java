package io.cvaespark.optim;

import io.cvaespark.linalg.Elementwise;
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
        Objects.checkFromIndexSize(at, n, parameters.length);
        Elementwise.create()
                .momentum(
                        scale,
                        (float) momentum,
                        (float) learningRate,
                        (float) (1 - learningRate * weightDecay),
                        gradient,
                        gradientAt,
                        moments[0],
                        momentsAt,
                        parameters,
                        at,
                        n);
    }
}
