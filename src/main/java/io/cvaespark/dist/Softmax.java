package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;

/** The softmax function, which turns logits into class probabilities. */
public final class Softmax {
    private Softmax() {}

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
