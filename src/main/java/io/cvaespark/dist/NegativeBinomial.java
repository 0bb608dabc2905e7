package io.cvaespark.dist;

import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.special.Gamma;

/**
 * The negative binomial, for counts with a variance above their mean: η = [a = log μ | b = log r], with mean μ,
 * variance μ + μ²/r and inverse dispersion r.
 *
 * <p>−log p(x|η) = ln Γ(r) + ln x! − ln Γ(x + r) − r·ln(r/(r + μ)) − x·ln(μ/(r + μ)). With s = μ/(r + μ): ∂a = (x +
 * r)·s − x, ∂b = r·[ψ(r) − ψ(x + r) − ln(1 − s) − s] + x·(1 − s). a is limited to ±{@value Poisson#LOG_MEAN_BOUND}, b
 * to ±{@value #LOG_INVERSE_DISPERSION_BOUND}.
 */
record NegativeBinomial() implements Density {
    static final String NAME = "negative-binomial";
    static final double LOG_INVERSE_DISPERSION_BOUND = 15;
    /**
     * Up to this count, ln Γ(x + r) − ln Γ(r) is computed as a sum of x logarithms, which is faster, and exact for
     * large r.
     */
    private static final int MOST_TERMS = 24;

    @Override
    public int parameters() {
        return 2;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        double a = Bounded.value(eta[0], Poisson.LOG_MEAN_BOUND);
        double b = Bounded.value(eta[1], LOG_INVERSE_DISPERSION_BOUND);
        double r = StrictMath.exp(b);
        double logOdds = a - b;
        double s = 1 / (1 + StrictMath.exp(-logOdds));
        double minusLogRest = softplus(logOdds); // −ln(1 − s)
        double rising = 0; // ln Γ(x + r) − ln Γ(r)
        double digammas = 0; // ψ(x + r) − ψ(r)
        if (x <= MOST_TERMS && x == StrictMath.rint(x)) {
            double product = 1;
            for (int i = 0; i < x; i++) {
                product *= r + i;
                digammas += 1 / (r + i);
                if (product > 1e200 || product < 1e-200) {
                    rising += StrictMath.log(product);
                    product = 1;
                }
            }
            rising += StrictMath.log(product);
        } else {
            rising = Gamma.logGamma(x + r) - Gamma.logGamma(r);
            digammas = Gamma.digamma(x + r) - Gamma.digamma(r);
        }
        gradient[0] = Bounded.gradient(eta[0], Poisson.LOG_MEAN_BOUND, (x + r) * s - x);
        gradient[1] =
                Bounded.gradient(eta[1], LOG_INVERSE_DISPERSION_BOUND, r * (minusLogRest - digammas - s) + x * (1 - s));
        double loss = r * minusLogRest - rising;
        return x == 0 ? loss : loss + Gamma.logGamma(x + 1) + x * (minusLogRest - logOdds);
    }

    /** ln(1 + e^v). */
    static double softplus(double v) {
        return Math.max(v, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(v)));
    }

    @Override
    public double mean(double[] eta) {
        return StrictMath.exp(Bounded.value(eta[0], Poisson.LOG_MEAN_BOUND));
    }

    /** Draws λ ~ Gamma(shape r, mean μ), then x ~ Poisson(λ). */
    @Override
    public double draw(double[] eta, NoiseStream noise) {
        double r = StrictMath.exp(Bounded.value(eta[1], LOG_INVERSE_DISPERSION_BOUND));
        return Poisson.draw(new GammaDistribution(noise, r, mean(eta) / r).sample(), noise);
    }
}
