package io.cvaespark.dist;

/**
 * The Laplace density, whose tails are heavier than those of a normal one: η = [μ | s = log b], −log p(x|η) = ln 2 + s
 * + |x − μ|·e^−s; ∂μ = −sign(x − μ)·e^−s, ∂s = 1 − |x − μ|·e^−s. s is limited to ±{@value #LOG_SCALE_BOUND}.
 */
record Laplace() implements Density {
    static final String NAME = "laplace";
    static final double LOG_SCALE_BOUND = 7.5;
    private static final double LOG_TWO = 0.6931471805599453;

    @Override
    public int parameters() {
        return 2;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        double s = Bounded.value(eta[1], LOG_SCALE_BOUND);
        double rate = StrictMath.exp(-s);
        double distance = Math.abs(x - eta[0]) * rate;
        gradient[0] = -Math.signum(x - eta[0]) * rate;
        gradient[1] = Bounded.gradient(eta[1], LOG_SCALE_BOUND, 1 - distance);
        return LOG_TWO + s + distance;
    }

    @Override
    public double mean(double[] eta) {
        return eta[0];
    }

    /** Draws by the inverse of the distribution function. */
    @Override
    public double draw(double[] eta, NoiseStream noise) {
        double u = noise.nextDouble() - 0.5;
        double scale = StrictMath.exp(Bounded.value(eta[1], LOG_SCALE_BOUND));
        return eta[0] - scale * Math.signum(u) * StrictMath.log1p(-2 * Math.abs(u));
    }
}
