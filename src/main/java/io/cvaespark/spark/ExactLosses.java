package io.cvaespark.spark;

import io.cvaespark.data.ExactSum;
import io.cvaespark.model.LossSums;
import java.io.Serializable;

/** Weighted sums of row losses that do not depend on the order of the rows. */
final class ExactLosses implements Serializable {
    private long rows;
    private final ExactSum weight = new ExactSum();
    private final ExactSum loss = new ExactSum();
    private final ExactSum reconstruction = new ExactSum();
    private final ExactSum kl = new ExactSum();
    private final ExactSum logLikelihood = new ExactSum();

    /** Adds one row; a value that is not finite is named. */
    void add(double w, double rowLoss, double rowReconstruction, double rowKl, double rowLogLikelihood) {
        if (!Double.isFinite(rowLoss + rowLogLikelihood)) {
            throw new IllegalStateException(
                    "A row has a loss of %s and a log-likelihood of %s: the model is not usable on this data"
                            .formatted(rowLoss, rowLogLikelihood));
        }
        rows++;
        weight.add(w);
        loss.add(w * rowLoss);
        reconstruction.add(w * rowReconstruction);
        kl.add(w * rowKl);
        logLikelihood.add(w * rowLogLikelihood);
    }

    ExactLosses merge(ExactLosses other) {
        rows += other.rows;
        weight.add(other.weight);
        loss.add(other.loss);
        reconstruction.add(other.reconstruction);
        kl.add(other.kl);
        logLikelihood.add(other.logLikelihood);
        return this;
    }

    LossSums sums() {
        return new LossSums(rows, weight.value(), loss.value(), reconstruction.value(), kl.value());
    }

    /** Average log p̂(x|c). */
    double meanLogLikelihood() {
        return logLikelihood.value() / weight.value();
    }
}
