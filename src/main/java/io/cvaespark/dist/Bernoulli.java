package io.cvaespark.dist;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of independent binary targets with logits η: −log p(x|η) = Σ ln(1 + e^η) − x·η, gradient σ(η) − x.
 *
 * <p>x may be any value in [0, 1]. For values other than 0 and 1 this is the cross-entropy, which is not a normalised
 * density.
 */
record Bernoulli(int width) implements Likelihood {
    static final String NAME = "bernoulli";

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
        Matrix terms = workspace.matrix(1, width);
        for (int r = 0; r < x.rows(); r++) {
            workspace
                    .math()
                    .bernoulli(
                            x.data(),
                            x.row(r),
                            eta.data(),
                            eta.row(r),
                            weight[r],
                            terms.data(),
                            0,
                            etaGradient.data(),
                            etaGradient.row(r),
                            width);
            if (observed != null) {
                for (int j = 0; j < width; j++) {
                    terms.data()[j] *= observed.get(r, j);
                    etaGradient.data()[etaGradient.row(r) + j] *= observed.get(r, j);
                }
            }
            loss[r] += Elementwise.sum(terms.data(), 0, width);
        }
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        for (int r = 0; r < eta.rows(); r++) {
            workspace.math().sigmoid(eta.data(), eta.row(r), mean.data(), mean.row(r), width);
        }
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        mean(eta, x, workspace);
        for (int r = 0; r < eta.rows(); r++) {
            workspace.math().bernoulliDraws(keys[r], x.data(), x.row(r), x.data(), x.row(r), width);
        }
    }
}
