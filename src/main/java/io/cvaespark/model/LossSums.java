package io.cvaespark.model;

import java.io.Serializable;

/**
 * Weighted sums over rows, in nats; averages over them are what the history shows.
 *
 * @param rows number of rows
 * @param weight Σ w
 * @param loss Σ w·loss
 * @param reconstruction Σ w·reconstruction
 * @param kl Σ w·KL
 */
public record LossSums(long rows, double weight, double loss, double reconstruction, double kl)
        implements Serializable {
    public static final LossSums ZERO = new LossSums(0, 0, 0, 0, 0);

    /** The sums over the first {@code n} rows, in row order. */
    public static LossSums of(RowLosses rows, float[] weights, int n) {
        double weight = 0;
        double loss = 0;
        double reconstruction = 0;
        double kl = 0;
        for (int r = 0; r < n; r++) {
            weight += weights[r];
            loss += weights[r] * rows.loss()[r];
            reconstruction += weights[r] * rows.reconstruction()[r];
            kl += weights[r] * rows.kl()[r];
        }
        return new LossSums(n, weight, loss, reconstruction, kl);
    }

    public LossSums plus(LossSums other) {
        return new LossSums(
                rows + other.rows,
                weight + other.weight,
                loss + other.loss,
                reconstruction + other.reconstruction,
                kl + other.kl);
    }

    /** Average loss. */
    public double meanLoss() {
        return loss / weight;
    }

    /** Average −log p(x|z,c). */
    public double meanReconstruction() {
        return reconstruction / weight;
    }

    /** Average KL(q‖p). */
    public double meanKl() {
        return kl / weight;
    }

    /** −reconstruction − KL, always at β = 1. */
    public double meanElbo() {
        return -meanReconstruction() - meanKl();
    }
}
