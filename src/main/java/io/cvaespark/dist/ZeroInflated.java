package io.cvaespark.dist;

/**
 * The zero-inflated negative binomial, for counts with many zeros: with probability σ(ℓ) x is 0, else x ~ NB(μ, r); η =
 * [log μ | log r | ℓ].
 *
 * <p>With L(x) = −log NB(x): −log p(0) = ln(1 + e^ℓ) − ln(e^ℓ + e^−L(0)), −log p(x) = ln(1 + e^ℓ) + L(x) otherwise. Let
 * w be the probability that x comes from the inflation: w = σ(ℓ + L(0)) if x = 0, else 0. Then ∂ℓ = σ(ℓ) − w, ∂[log μ,
 * log r] = (1 − w)·∂L. ℓ is limited to ±{@value #LOGIT_BOUND}. See Lopez et al. 2018 (scVI).
 */
record ZeroInflated() implements Density {
    static final String NAME = "zero-inflated-negative-binomial";
    static final double LOGIT_BOUND = 30;
    private static final NegativeBinomial COUNT = new NegativeBinomial();

    @Override
    public int parameters() {
        return 3;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        double logit = Bounded.value(eta[2], LOGIT_BOUND);
        double count = COUNT.loss(x, eta, gradient);
        double excess = sigmoid(logit);
        double loss = NegativeBinomial.softplus(logit);
        if (x > 0) {
            gradient[2] = Bounded.gradient(eta[2], LOGIT_BOUND, excess);
            return loss + count;
        }
        double responsibility = sigmoid(logit + count);
        gradient[0] *= 1 - responsibility;
        gradient[1] *= 1 - responsibility;
        gradient[2] = Bounded.gradient(eta[2], LOGIT_BOUND, excess - responsibility);
        return loss - NegativeBinomial.softplus(logit + count) + count;
    }

    private static double sigmoid(double v) {
        return 1 / (1 + StrictMath.exp(-v));
    }

    @Override
    public double mean(double[] eta) {
        return sigmoid(-Bounded.value(eta[2], LOGIT_BOUND)) * COUNT.mean(eta);
    }

    @Override
    public double draw(double[] eta, NoiseStream noise) {
        boolean excess = noise.nextDouble() < sigmoid(Bounded.value(eta[2], LOGIT_BOUND));
        return excess ? 0 : COUNT.draw(eta, noise);
    }
}
