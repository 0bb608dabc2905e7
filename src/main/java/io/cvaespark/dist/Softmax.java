package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;

/** Logits as probabilities of classes. */
public final class Softmax {
    private Softmax() {}

    /** {@code logits − logsumexp(logits)}, row by row. */
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
