package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;

/**
 * A mixture of Gaussians with diagonal covariances: p(z) = Σ_k π_k N(z; μ_k, σ_k²).
 *
 * <p>Shapes: components [K×2Z], each [μ | v = log σ²], where v is limited to ±{@value
 * DiagonalGaussian#LOG_VARIANCE_BOUND}; log π [1×K], or [B×K] if the weights differ from row to row. With the
 * responsibilities ρ_k = π_k N(z; μ_k, σ_k²)/p(z): ∂(−log p)/∂z = Σ ρ_k (z − μ_k)/σ_k², ∂μ_k = −ρ_k (z − μ_k)/σ_k²,
 * ∂v_k = ½ρ_k (1 − (z − μ_k)²/σ_k²), ∂logit_k = π_k − ρ_k.
 */
public final class GaussianMixture {
    private final Matrix components;
    private final Matrix logWeights;
    private final Matrix precision;
    private final int width;

    /** Creates the mixture, with buffers from {@code workspace}: it must not be used after the workspace is reset. */
    public GaussianMixture(Matrix components, Matrix logWeights, Workspace workspace) {
        this.components = components;
        this.logWeights = logWeights;
        this.width = components.cols() / 2;
        this.precision = workspace.matrix(components.rows(), width);
        for (int k = 0; k < components.rows(); k++) {
            for (int j = 0; j < width; j++) {
                precision.set(k, j, -DiagonalGaussian.bounded(components.get(k, width + j)));
            }
            workspace.math().exp(precision.data(), precision.row(k), precision.data(), precision.row(k), width);
        }
    }

    /** Adds log p(z_r) to {@code logDensity[r]}, and writes ρ [B×K] to {@code responsibilities}. */
    public void logDensity(Matrix z, double[] logDensity, Matrix responsibilities) {
        int n = components.rows();
        double[] constants = new double[n];
        for (int k = 0; k < n; k++) {
            for (int j = 0; j < width; j++) {
                constants[k] -= 0.5 * (Gaussian.LOG_TWO_PI + DiagonalGaussian.bounded(components.get(k, width + j)));
            }
        }
        double[] terms = new double[n];
        for (int r = 0; r < z.rows(); r++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < n; k++) {
                double squares = 0;
                for (int j = 0; j < width; j++) {
                    double distance = (double) z.get(r, j) - components.get(k, j);
                    squares += distance * distance * precision.get(k, j);
                }
                terms[k] = logWeight(r, k) + constants[k] - 0.5 * squares;
                largest = Math.max(largest, terms[k]);
            }
            double sum = 0;
            for (int k = 0; k < n; k++) {
                terms[k] = StrictMath.exp(terms[k] - largest);
                sum += terms[k];
            }
            for (int k = 0; k < n; k++) {
                responsibilities.set(r, k, (float) (terms[k] / sum));
            }
            logDensity[r] += largest + StrictMath.log(sum);
        }
    }

    /**
     * Adds the gradient of Σ_r weight_r·(−log p(z_r)).
     *
     * @param zGradient [B×Z]
     * @param componentGradient [K×2Z]
     * @param logitGradient the gradient by the logits of π, in the shape of log π
     */
    public void gradient(
            Matrix z,
            Matrix responsibilities,
            float[] weight,
            Matrix zGradient,
            Matrix componentGradient,
            Matrix logitGradient) {
        for (int r = 0; r < z.rows(); r++) {
            for (int k = 0; k < components.rows(); k++) {
                float rho = responsibilities.get(r, k);
                add(
                        logitGradient,
                        logitGradient.rows() == 1 ? 0 : r,
                        k,
                        weight[r] * ((float) StrictMath.exp(logWeight(r, k)) - rho));
                float w = weight[r] * rho;
                if (w == 0f) {
                    continue;
                }
                for (int j = 0; j < width; j++) {
                    float distance = z.get(r, j) - components.get(k, j);
                    float pull = w * distance * precision.get(k, j);
                    add(zGradient, r, j, pull);
                    add(componentGradient, k, j, -pull);
                    float dv = 0.5f * (w - pull * distance);
                    add(
                            componentGradient,
                            k,
                            width + j,
                            DiagonalGaussian.boundedGradient(components.get(k, width + j), dv));
                }
            }
        }
    }

    /** Draws z for row {@code r}: the noise of {@code key} chooses the component k, then z = μ_k + σ_k ⊙ ε. */
    public void draw(int r, long key, Matrix epsilon, Matrix z) {
        double u = Noise.uniform(key, 0);
        int chosen = components.rows() - 1;
        double cumulated = 0;
        for (int k = 0; k < chosen; k++) {
            cumulated += StrictMath.exp(logWeight(r, k));
            if (u < cumulated) {
                chosen = k;
            }
        }
        for (int j = 0; j < width; j++) {
            float sigma = (float) (1 / Math.sqrt(precision.get(chosen, j)));
            z.set(r, j, Math.fma(sigma, epsilon.get(r, j), components.get(chosen, j)));
        }
    }

    /** Writes the mean Σ_k π_k μ_k to row {@code r} of {@code z}. */
    public void mean(int r, Matrix z) {
        for (int j = 0; j < width; j++) {
            double sum = 0;
            for (int k = 0; k < components.rows(); k++) {
                sum += StrictMath.exp(logWeight(r, k)) * components.get(k, j);
            }
            z.set(r, j, (float) sum);
        }
    }

    private double logWeight(int r, int k) {
        return logWeights.get(logWeights.rows() == 1 ? 0 : r, k);
    }

    private static void add(Matrix m, int r, int j, float value) {
        m.data()[m.row(r) + j] += value;
    }
}
