package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * The likelihood of one of {@code width} classes, one-hot in x, with logits η: −log p(x|η) = logsumexp(η) − x·η,
 * gradient softmax(η) − x.
 *
 * <p>The largest logit is subtracted first, so that large values of η do not overflow.
 */
record Categorical(int width) implements Likelihood {
    static final String NAME = "categorical";

    Categorical {
        if (width < 2) {
            throw new IllegalArgumentException("A categorical likelihood needs at least two classes, found " + width);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int cells() {
        return 1;
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
        for (int r = 0; r < x.rows(); r++) {
            int xr = x.row(r);
            int er = eta.row(r);
            int gr = etaGradient.row(r);
            float max = max(eta, r);
            double sum = softmax(eta, r, max, etaGradient, workspace);
            double dot = 0;
            float known = observed == null ? 1f : observed.get(r, 0);
            for (int j = 0; j < width; j++) {
                float target = x.data()[xr + j];
                dot += (double) target * (eta.data()[er + j] - max);
                etaGradient.data()[gr + j] = known * weight[r] * (etaGradient.data()[gr + j] - target);
            }
            loss[r] += known * (StrictMath.log(sum) - dot);
        }
    }

    @Override
    public void mean(Matrix eta, Matrix mean, Workspace workspace) {
        for (int r = 0; r < eta.rows(); r++) {
            softmax(eta, r, max(eta, r), mean, workspace);
        }
    }

    @Override
    public void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        for (int r = 0; r < eta.rows(); r++) {
            softmax(eta, r, max(eta, r), x, workspace);
            float u = Noise.uniform(keys[r], 0);
            int chosen = -1;
            double cumulated = 0;
            for (int j = 0; j < width; j++) {
                cumulated += x.get(r, j);
                if (chosen < 0 && (u < cumulated || j == width - 1)) {
                    chosen = j;
                }
                x.set(r, j, 0f);
            }
            x.set(r, chosen, 1f);
        }
    }

    private float max(Matrix eta, int r) {
        float max = eta.get(r, 0);
        for (int j = 1; j < width; j++) {
            max = Math.max(max, eta.get(r, j));
        }
        return max;
    }

    /** Writes softmax(η_r) to row r of {@code out} and returns Σ e^(η − max). */
    private double softmax(Matrix eta, int r, float max, Matrix out, Workspace workspace) {
        float[] o = out.data();
        int or = out.row(r);
        for (int j = 0; j < width; j++) {
            o[or + j] = eta.get(r, j) - max;
        }
        workspace.math().exp(o, or, o, or, width);
        double sum = 0;
        for (int j = 0; j < width; j++) {
            sum += o[or + j];
        }
        float scale = (float) (1 / sum);
        for (int j = 0; j < width; j++) {
            o[or + j] *= scale;
        }
        return sum;
    }
}
