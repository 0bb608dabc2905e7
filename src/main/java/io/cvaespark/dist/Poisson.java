package io.cvaespark.dist;

import org.apache.commons.math3.special.Gamma;

/**
 * The Poisson distribution of a count, with η = log mean: −log p(x|η) = e^η − x·η + ln x!, derivative e^η − x.
 *
 * <p>η is limited to ±{@value #LOG_MEAN_BOUND}.
 */
record Poisson() implements Density {
    static final String NAME = "poisson";
    /** The bound of η: the largest mean is e^20 = 4.9·10⁸. */
    static final double LOG_MEAN_BOUND = 20;
    /** From this mean on, rejection is the faster method; its constants are valid for such means only. */
    private static final double LARGE_MEAN = 10;

    @Override
    public int parameters() {
        return 1;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        double logMean = Bounded.value(eta[0], LOG_MEAN_BOUND);
        double mean = StrictMath.exp(logMean);
        gradient[0] = Bounded.gradient(eta[0], LOG_MEAN_BOUND, mean - x);
        return mean - x * logMean + Gamma.logGamma(x + 1);
    }

    @Override
    public double mean(double[] eta) {
        return StrictMath.exp(Bounded.value(eta[0], LOG_MEAN_BOUND));
    }

    @Override
    public double draw(double[] eta, NoiseStream noise) {
        return draw(mean(eta), noise);
    }

    /** Draws a count with the given mean, which may be 0. */
    static double draw(double mean, NoiseStream noise) {
        return mean < LARGE_MEAN ? drawByProducts(mean, noise) : drawByRejection(mean, noise);
    }

    /** Counts how many uniform numbers can be multiplied until the product is at most e^−mean (Knuth 1969). */
    private static double drawByProducts(double mean, NoiseStream noise) {
        double limit = StrictMath.exp(-mean);
        int count = 0;
        for (double product = noise.nextDouble(); product > limit; product *= noise.nextDouble()) {
            count++;
        }
        return count;
    }

    /**
     * Draws by transformed rejection with squeeze, with the constants of the algorithm PTRS (Hörmann 1993). It needs
     * only a few uniform numbers for any mean, while the time of Commons Math grows with the mean.
     */
    private static double drawByRejection(double mean, NoiseStream noise) {
        double b = 0.931 + 2.53 * Math.sqrt(mean);
        double a = -0.059 + 0.02483 * b;
        double inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
        double squeeze = 0.9277 - 3.6224 / (b - 2);
        double logMean = StrictMath.log(mean);
        while (true) {
            double u = noise.nextDouble() - 0.5;
            double v = noise.nextDouble();
            double edge = 0.5 - Math.abs(u);
            double k = Math.floor((2 * a / edge + b) * u + mean + 0.43);
            if (edge >= 0.07 && v <= squeeze) {
                return k;
            }
            if (k < 0 || (edge < 0.013 && v > edge)) {
                continue;
            }
            double logRatio = StrictMath.log(v * inverseAlpha / (a / (edge * edge) + b));
            if (logRatio <= -mean + k * logMean - Gamma.logGamma(k + 1)) {
                return k;
            }
        }
    }
}
