package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of independent normal targets with learned mean and variance, η = [μ | v = log σ²].
 *
 * <p>−log p(x|η) = ½ Σ [ln 2π + v + (x − μ)²·e^−v]; ∂μ = −(x − μ)·e^−v, ∂v = ½[1 − (x − μ)²·e^−v]. v is limited to
 * ±{@value DiagonalGaussian#LOG_VARIANCE_BOUND}, so that the loss of a column that can be predicted exactly stays
 * finite.
 *
 * <p>In {@code gaussian-shared}, v is one learned number for each column instead of an output of the decoder; see
 * {@link Likelihood#shared}.
 */
record Gaussian(String name, int width) implements Likelihood {
    static final String NAME = "gaussian";
    static final String SHARED_NAME = "gaussian-shared";

    @Override
    public boolean shared(int eta) {
        return name.equals(SHARED_NAME) && eta >= width;
    }

    static final double LOG_TWO_PI = 1.8378770664093453;

    @Override
    public int cells() {
        return width;
    }

    @Override
    public int etaWidth() {
        return 2 * width;
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
        Matrix precision = workspace.matrix(1, width);
        float[] p = precision.data();
        float[] e = eta.data();
        float[] g = etaGradient.data();
        for (int r = 0; r < x.rows(); r++) {
            int means = eta.row(r);
            int variances = means + width;
            for (int j = 0; j < width; j++) {
                p[j] = -DiagonalGaussian.bounded(e[variances + j]);
            }
            workspace.math().exp(p, 0, p, 0, width);
            double sum = 0;
            for (int j = 0; j < width; j++) {
                float v = e[variances + j];
                float error = x.data()[x.row(r) + j] - e[means + j];
                float square = error * error * p[j];
                float known = observed == null ? 1f : observed.get(r, j);
                sum += known * (0.5 * (LOG_TWO_PI + DiagonalGaussian.bounded(v) + square));
                g[etaGradient.row(r) + j] = -known * weight[r] * error * p[j];
                g[etaGradient.row(r) + width + j] =
                        known * weight[r] * DiagonalGaussian.boundedGradient(v, 0.5f * (1f - square));
            }
            loss[r] += sum;
        }
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        mean.copyFrom(eta.columns(0, width));
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        Matrix deviation = workspace.matrix(1, width);
        float[] s = deviation.data();
        for (int r = 0; r < eta.rows(); r++) {
            for (int j = 0; j < width; j++) {
                s[j] = 0.5f * DiagonalGaussian.bounded(eta.get(r, width + j));
            }
            workspace.math().exp(s, 0, s, 0, width);
            workspace.math().normals(keys[r], x.data(), x.row(r), width);
            for (int j = 0; j < width; j++) {
                x.set(r, j, Math.fma(x.get(r, j), s[j], eta.get(r, j)));
            }
        }
    }
}
