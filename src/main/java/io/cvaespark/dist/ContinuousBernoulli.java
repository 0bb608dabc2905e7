package io.cvaespark.dist;

/**
 * The density of a target in [0, 1], such as a grey value: p(x|η) = e^{x·η}·η/(e^η − 1).
 *
 * <p>−log p(x|η) = A(η) − x·η with A(η) = ln((e^η − 1)/η); the derivative is A′(η) − x with A′(η) = 1/(1 − e^−η) − 1/η.
 * Near 0 both are computed as power series. See Loaiza-Ganem and Cunningham 2019.
 */
record ContinuousBernoulli() implements Density {
    static final String NAME = "continuous-bernoulli";
    /** Below this |η| the series is exact to 1e-16, while the closed formulas lose digits. */
    private static final double NEAR_ZERO = 0.02;

    @Override
    public int parameters() {
        return 1;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        gradient[0] = mean(eta) - x;
        return logPartition(eta[0]) - x * eta[0];
    }

    /** A(η), computed as the sum of its odd part η/2 and its even part. */
    private static double logPartition(double eta) {
        double size = Math.abs(eta);
        double square = eta * eta;
        double even = size < NEAR_ZERO
                ? square * (1.0 / 24 - square * (1.0 / 2880 - square / 181440))
                : 0.5 * size + StrictMath.log(-StrictMath.expm1(-size) / size);
        return 0.5 * eta + even;
    }

    @Override
    public double mean(double[] eta) {
        double v = eta[0];
        double square = v * v;
        if (square < NEAR_ZERO * NEAR_ZERO) {
            return 0.5 + v * (1.0 / 12 - square * (1.0 / 720 - square / 30240));
        }
        double size = Math.abs(v);
        double upper = -1 / StrictMath.expm1(-size) - 1 / size;
        return v > 0 ? upper : 1 - upper;
    }

    /** Draws by the inverse of the distribution function: x = ln(1 + u·(e^η − 1))/η. */
    @Override
    public double draw(double[] eta, NoiseStream noise) {
        double u = noise.nextDouble();
        double size = Math.abs(eta[0]);
        if (size < 1e-6) {
            return u;
        }
        double x = 1 + StrictMath.log(u + (1 - u) * StrictMath.exp(-size)) / size;
        return eta[0] > 0 ? x : 1 - x;
    }
}
