package io.cvaespark.model;

import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/** The KL divergence of each latent dimension on its own. */
final class LatentDimensions {
    private LatentDimensions() {}

    /**
     * KL(q‖p) of each dimension, [B×Z]: ½·(v_p − v_q + (σ_q² + (μ_q − μ_p)²)/σ_p² − 1).
     *
     * @param q [μ | log σ²] of the posterior, [B×2Z]
     * @param prior that of p(z|c); null: N(0, I)
     * @param weights of the rows
     */
    static Matrix kl(Matrix q, @Nullable Matrix prior, float[] weights, Workspace workspace) {
        int latent = q.cols() / 2;
        Matrix result = workspace.matrix(q.rows(), latent);
        int mark = workspace.mark();
        for (int j = 0; j < latent; j++) {
            workspace.release(mark);
            double[] kl = workspace.zeroDoubles(q.rows());
            DiagonalGaussian.kl(
                    dimension(q, j, workspace),
                    prior == null ? null : dimension(prior, j, workspace),
                    0f,
                    weights,
                    kl,
                    workspace.zeroDoubles(q.rows()),
                    null,
                    null,
                    workspace);
            for (int r = 0; r < q.rows(); r++) {
                result.set(r, j, (float) kl[r]);
            }
        }
        return result;
    }

    /** [μ_j | v_j] of [μ | v]. */
    private static Matrix dimension(Matrix gaussian, int j, Workspace workspace) {
        Matrix one = workspace.matrix(gaussian.rows(), 2);
        one.columns(0, 1).copyFrom(gaussian.columns(j, j + 1));
        int v = gaussian.cols() / 2 + j;
        one.columns(1, 2).copyFrom(gaussian.columns(v, v + 1));
        return one;
    }
}
