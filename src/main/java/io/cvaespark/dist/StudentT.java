package io.cvaespark.dist;

import org.apache.commons.math3.distribution.GammaDistribution;
import org.apache.commons.math3.special.Gamma;

/**
 * Student's t, for targets with outliers: η = [μ | s | d] with location μ, scale e^s and ν = 2 + e^d degrees of
 * freedom, so that mean and variance exist.
 *
 * <p>With t = (x − μ)·e^−s: −log p(x|η) = ln Γ(ν/2) − ln Γ((ν + 1)/2) + ½ ln(νπ) + s + ½(ν + 1)·ln(1 + t²/ν). ∂μ = −(ν
 * + 1)·t·e^−s/(ν + t²), ∂s = 1 − (ν + 1)·t²/(ν + t²), ∂d = e^d·½[ψ(ν/2) − ψ((ν + 1)/2) + 1/ν + ln(1 + t²/ν) − (ν +
 * 1)·t²/(ν(ν + t²))]. s and d are limited to ±{@value Laplace#LOG_SCALE_BOUND}.
 */
record StudentT() implements Density {
    static final String NAME = "student-t";
    private static final double BOUND = Laplace.LOG_SCALE_BOUND;

    @Override
    public int parameters() {
        return 3;
    }

    @Override
    public double loss(double x, double[] eta, double[] gradient) {
        double s = Bounded.value(eta[1], BOUND);
        double freedom = StrictMath.exp(Bounded.value(eta[2], BOUND));
        double nu = 2 + freedom;
        double rate = StrictMath.exp(-s);
        double t = (x - eta[0]) * rate;
        double square = t * t;
        double pull = (nu + 1) / (nu + square);
        double tail = StrictMath.log1p(square / nu);
        gradient[0] = -pull * t * rate;
        gradient[1] = Bounded.gradient(eta[1], BOUND, 1 - pull * square);
        double byNu = Gamma.digamma(nu / 2) - Gamma.digamma((nu + 1) / 2) + 1 / nu + tail - pull * square / nu;
        gradient[2] = Bounded.gradient(eta[2], BOUND, 0.5 * freedom * byNu);
        return Gamma.logGamma(nu / 2)
                - Gamma.logGamma((nu + 1) / 2)
                + 0.5 * StrictMath.log(nu * Math.PI)
                + s
                + 0.5 * (nu + 1) * tail;
    }

    @Override
    public double mean(double[] eta) {
        return eta[0];
    }

    /** Draws a normal number and divides it by the square root of an independent χ²/ν. */
    @Override
    public double draw(double[] eta, NoiseStream noise) {
        double nu = 2 + StrictMath.exp(Bounded.value(eta[2], BOUND));
        double chiSquared = new GammaDistribution(noise, nu / 2, 2).sample();
        double scale = StrictMath.exp(Bounded.value(eta[1], BOUND));
        return eta[0] + scale * noise.nextGaussian() * Math.sqrt(nu / chiSquared);
    }
}
