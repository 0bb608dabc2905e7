package io.cvaespark.dist;

import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;

/** The softmax function, which turns logits into class probabilities. */
public final class Softmax {
    private Softmax() {}

    /**
     * Writes {@code factor}·softmax(η_r) to a row of {@code out} and returns logsumexp(η_r).
     *
     * <p>The largest logit is subtracted first, so that large values do not overflow.
     */
    static double row(Matrix eta, int r, Matrix out, int outRow, float factor, Workspace workspace) {
        int n = eta.cols();
        float[] logits = eta.data();
        float[] o = out.data();
        int from = eta.row(r);
        int to = out.row(outRow);
        float largest = Float.NEGATIVE_INFINITY;
        for (int j = 0; j < n; j++) {
            largest = Math.max(largest, logits[from + j]);
        }
        for (int j = 0; j < n; j++) {
            o[to + j] = logits[from + j] - largest;
        }
        workspace.math().exp(o, to, o, to, n);
        double sum = Elementwise.sum(o, to, n);
        float scale = (float) (factor / sum);
        for (int j = 0; j < n; j++) {
            o[to + j] *= scale;
        }
        return largest + StrictMath.log(sum);
    }

    /** The class that a number from 0 to 1 chooses by the probabilities of row {@code r}. */
    static int chosen(Matrix p, int r, float u) {
        float[] values = p.data();
        int at = p.row(r);
        double cumulated = 0;
        for (int k = 0; k < p.cols() - 1; k++) {
            cumulated += values[at + k];
            if (u < cumulated) {
                return k;
            }
        }
        return p.cols() - 1;
    }

    /** Writes the log-probabilities {@code logits − logsumexp(logits)} of each row to {@code out}. */
    public static void log(Matrix logits, Matrix out) {
        for (int r = 0; r < logits.rows(); r++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (int k = 0; k < logits.cols(); k++) {
                largest = Math.max(largest, logits.get(r, k));
            }
            double sum = 0;
            for (int k = 0; k < logits.cols(); k++) {
                sum += StrictMath.exp(logits.get(r, k) - largest);
            }
            double logSum = largest + StrictMath.log(sum);
            for (int k = 0; k < logits.cols(); k++) {
                out.set(r, k, (float) (logits.get(r, k) - logSum));
            }
        }
    }
}
