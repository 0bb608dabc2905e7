package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The Gaussian of the latent with diagonal covariance, as a network outputs it: [μ | v = log σ²], [B×2Z].
 *
 * <p>It has the reparameterisation and the analytic KL divergence of Kingma and Welling 2014 (appendix B), with their
 * gradients.
 */
public final class DiagonalGaussian {
    /** v is limited to ± this bound wherever it is exponentiated. */
    public static final float LOG_VARIANCE_BOUND = 15f;

    private DiagonalGaussian() {}

    /** v, limited to the bound. */
    static float bounded(float v) {
        return Math.min(Math.max(v, -LOG_VARIANCE_BOUND), LOG_VARIANCE_BOUND);
    }

    /** ∂L/∂v: 0 if v is beyond the bound and a descent step would move it further out, else {@code gradient}. */
    static float boundedGradient(float v, float gradient) {
        boolean outwards = (v > LOG_VARIANCE_BOUND && gradient < 0f) || (v < -LOG_VARIANCE_BOUND && gradient > 0f);
        return outwards ? 0f : gradient;
    }

    /** Computes {@code out} ← exp(scale·v), [B×Z], where v is the second half of {@code gaussian}. */
    private static void expLogVariance(Matrix gaussian, float scale, Matrix out, Workspace workspace) {
        int z = out.cols();
        for (int r = 0; r < out.rows(); r++) {
            int from = gaussian.row(r) + z;
            int to = out.row(r);
            for (int j = 0; j < z; j++) {
                out.data()[to + j] = scale * bounded(gaussian.data()[from + j]);
            }
            workspace.math().exp(out.data(), to, out.data(), to, z);
        }
    }

    /** Computes z = μ + σ ⊙ ε, [B×Z], and writes σ too. */
    public static void reparameterize(Matrix gaussian, Matrix epsilon, Matrix sigma, Matrix z, Workspace workspace) {
        expLogVariance(gaussian, 0.5f, sigma, workspace);
        for (int r = 0; r < z.rows(); r++) {
            for (int j = 0; j < z.cols(); j++) {
                z.set(r, j, Math.fma(sigma.get(r, j), epsilon.get(r, j), gaussian.get(r, j)));
            }
        }
    }

    /** Adds ∂L/∂[μ | v] given ∂L/∂z: ∂μ += ∂z, ∂v += ½·∂z ⊙ ε ⊙ σ. */
    public static void reparameterizeGradient(
            Matrix gaussian, Matrix epsilon, Matrix sigma, Matrix zGradient, Matrix gaussianGradient) {
        int width = sigma.cols();
        for (int r = 0; r < sigma.rows(); r++) {
            for (int j = 0; j < width; j++) {
                float dz = zGradient.get(r, j);
                add(gaussianGradient, r, j, dz);
                float dv = 0.5f * dz * epsilon.get(r, j) * sigma.get(r, j);
                add(gaussianGradient, r, width + j, boundedGradient(gaussian.get(r, width + j), dv));
            }
        }
    }

    /**
     * Adds KL(q‖p) of each row to {@code kl}, and adds its gradients.
     *
     * <p>KL = ½ Σ_j [v_p − v_q + (σ_q² + (μ_q − μ_p)²)/σ_p² − 1]; p is N(0, I) if {@code p} is null. With free bits λ
     * (Kingma et al. 2016, here for each row and dimension), {@code penalty} gets max(λ, KL_j) instead of KL_j, and the
     * gradient of a dimension with KL_j below λ is 0.
     *
     * @param weight the weight of each row, by which its gradients are multiplied
     * @param qGradient ∂L/∂[μ_q | v_q], to which is added; null if it is not needed
     * @param pGradient ∂L/∂[μ_p | v_p], to which is added; null if it is not needed
     */
    public static void kl(
            Matrix q,
            @Nullable Matrix p,
            float freeBits,
            float[] weight,
            double[] kl,
            double[] penalty,
            @Nullable Matrix qGradient,
            @Nullable Matrix pGradient,
            Workspace workspace) {
        int width = q.cols() / 2;
        Matrix varianceQ = workspace.matrix(q.rows(), width);
        expLogVariance(q, 1f, varianceQ, workspace);
        Matrix precisionP = workspace.matrix(q.rows(), width);
        if (p != null) {
            expLogVariance(p, -1f, precisionP, workspace);
        }
        for (int r = 0; r < q.rows(); r++) {
            for (int j = 0; j < width; j++) {
                float rawQ = q.get(r, width + j);
                float rawP = p == null ? 0f : p.get(r, width + j);
                float precision = p == null ? 1f : precisionP.get(r, j);
                float distance = q.get(r, j) - (p == null ? 0f : p.get(r, j));
                float ratio = varianceQ.get(r, j) * precision;
                float scaled = distance * precision;
                double term = 0.5 * ((double) bounded(rawP) - bounded(rawQ) + ratio + (double) distance * scaled - 1.0);
                kl[r] += term;
                boolean free = freeBits > 0f && term < freeBits; // without free bits a term may round to less than 0
                penalty[r] += free ? freeBits : term;
                if (free) {
                    continue;
                }
                float w = weight[r];
                if (qGradient != null) {
                    add(qGradient, r, j, w * scaled);
                    add(qGradient, r, width + j, w * boundedGradient(rawQ, 0.5f * (ratio - 1f)));
                }
                if (pGradient != null) {
                    add(pGradient, r, j, -w * scaled);
                    float dv = 0.5f * (1f - ratio - distance * scaled);
                    add(pGradient, r, width + j, w * boundedGradient(rawP, dv));
                }
            }
        }
    }

    /** Adds log N(z; μ, σ²) of each row to {@code logDensity}; the Gaussian is N(0, I) if {@code gaussian} is null. */
    public static void logDensity(@Nullable Matrix gaussian, Matrix z, double[] logDensity, Workspace workspace) {
        int width = z.cols();
        Matrix precision = workspace.matrix(z.rows(), width);
        if (gaussian != null) {
            expLogVariance(gaussian, -1f, precision, workspace);
        }
        for (int r = 0; r < z.rows(); r++) {
            double sum = 0;
            for (int j = 0; j < width; j++) {
                double mean = gaussian == null ? 0 : gaussian.get(r, j);
                double v = gaussian == null ? 0 : bounded(gaussian.get(r, width + j));
                double p = gaussian == null ? 1 : precision.get(r, j);
                double distance = z.get(r, j) - mean;
                sum += Gaussian.LOG_TWO_PI + v + distance * distance * p;
            }
            logDensity[r] -= 0.5 * sum;
        }
    }

    /**
     * Adds the gradient of Σ_r weight_r·(−log N(z_r; μ, σ²)) by z to {@code zGradient}, and by [μ | v] to {@code
     * gaussianGradient}: ∂z = (z − μ)/σ² = −∂μ, ∂v = ½(1 − (z − μ)²/σ²).
     *
     * @param gaussian null for N(0, I)
     * @param gaussianGradient null if it is not needed
     */
    public static void lossGradient(
            @Nullable Matrix gaussian,
            Matrix z,
            float[] weight,
            Matrix zGradient,
            @Nullable Matrix gaussianGradient,
            Workspace workspace) {
        int width = z.cols();
        Matrix precision = workspace.matrix(z.rows(), width);
        if (gaussian != null) {
            expLogVariance(gaussian, -1f, precision, workspace);
        }
        for (int r = 0; r < z.rows(); r++) {
            for (int j = 0; j < width; j++) {
                float distance = z.get(r, j) - (gaussian == null ? 0f : gaussian.get(r, j));
                float pull = weight[r] * distance * (gaussian == null ? 1f : precision.get(r, j));
                add(zGradient, r, j, pull);
                if (gaussian != null && gaussianGradient != null) {
                    add(gaussianGradient, r, j, -pull);
                    float dv = 0.5f * (weight[r] - pull * distance);
                    add(gaussianGradient, r, width + j, boundedGradient(gaussian.get(r, width + j), dv));
                }
            }
        }
    }

    /**
     * Adds the gradient of Σ_r weight_r·log q(z_r) by [μ | v], where z = μ + σ ⊙ ε depends on them too: log q = −½Σ(ε²
     * + v + ln 2π), so that ∂v = −½.
     */
    public static void entropyGradient(Matrix gaussian, float[] weight, Matrix gaussianGradient) {
        int width = gaussian.cols() / 2;
        for (int r = 0; r < gaussian.rows(); r++) {
            for (int j = width; j < 2 * width; j++) {
                float v = gaussian.get(r, j);
                boolean within = Math.abs(v) <= LOG_VARIANCE_BOUND;
                add(gaussianGradient, r, j, within ? -0.5f * weight[r] : boundedGradient(v, -0.5f * weight[r]));
            }
        }
    }

    private static void add(Matrix m, int r, int j, float value) {
        m.data()[m.row(r) + j] += value;
    }
}
