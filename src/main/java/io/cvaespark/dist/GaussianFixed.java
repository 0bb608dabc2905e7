package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of independent normal targets of fixed variance σ², η = μ: the squared error.
 *
 * <p>−log p(x|η) = ½ Σ [ln 2πσ² + (x − μ)²/σ²], gradient −(x − μ)/σ².
 */
record GaussianFixed(int width, double variance) implements Likelihood {
    static final String NAME = "gaussian-fixed";

    /** {@code variance} null means 1. */
    GaussianFixed(int width, @Nullable Double variance) {
        this(width, variance == null ? 1.0 : variance.doubleValue());
    }

    GaussianFixed {
        if (!(variance > 0) || Double.isInfinite(variance)) {
            throw new IllegalArgumentException(
                    "The variance of gaussian-fixed must be a positive number, found " + variance);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int cells() {
        return width;
    }

    @Override
    public int etaWidth() {
        return width;
    }

    @Override
    public void lossAndGradient(
            Matrix x,
            Matrix eta,
            @Nullable Matrix observed,
            float[] weight,
            double[] loss,
            Matrix etaGradient,
            Workspace workspace) {
        double constant = 0.5 * (Gaussian.LOG_TWO_PI + StrictMath.log(variance));
        float precision = (float) (1 / variance);
        for (int r = 0; r < x.rows(); r++) {
            double squares = 0;
            double cells = 0;
            for (int j = 0; j < width; j++) {
                float error = x.data()[x.row(r) + j] - eta.data()[eta.row(r) + j];
                float known = observed == null ? 1f : observed.get(r, j);
                cells += known;
                squares += known * ((double) error * error);
                etaGradient.data()[etaGradient.row(r) + j] = -known * weight[r] * precision * error;
            }
            loss[r] += cells * constant + 0.5 * squares / variance;
        }
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        mean.copyFrom(eta);
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        float deviation = (float) Math.sqrt(variance);
        for (int r = 0; r < eta.rows(); r++) {
            workspace.math().normals(keys[r], x.data(), x.row(r), width);
            for (int j = 0; j < width; j++) {
                x.set(r, j, Math.fma(x.get(r, j), deviation, eta.get(r, j)));
            }
        }
    }
}
