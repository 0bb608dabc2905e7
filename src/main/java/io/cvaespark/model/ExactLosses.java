package io.cvaespark.model;

import io.cvaespark.linalg.ExactSum;
import java.io.Serializable;

/** Weighted sums of row losses that do not depend on the order of the rows. */
public final class ExactLosses implements Serializable {
    private long rows;
    /** 0, or NaN. */
    private double undefined;

    private final ExactSum weight = new ExactSum();
    private final ExactSum loss = new ExactSum();
    private final ExactSum reconstruction = new ExactSum();
    private final ExactSum kl = new ExactSum();
    private final ExactSum logLikelihood = new ExactSum();

    /** Adds one row; where a value is not finite, all sums are NaN. */
    public void add(double w, double rowLoss, double rowReconstruction, double rowKl, double rowLogLikelihood) {
        if (!Double.isFinite(rowLoss + rowLogLikelihood)) {
            undefined = Double.NaN;
            return;
        }
        rows++;
        weight.add(w);
        loss.add(w * rowLoss);
        reconstruction.add(w * rowReconstruction);
        kl.add(w * rowKl);
        logLikelihood.add(w * rowLogLikelihood);
    }

    public ExactLosses merge(ExactLosses other) {
        rows += other.rows;
        undefined += other.undefined;
        weight.add(other.weight);
        loss.add(other.loss);
        reconstruction.add(other.reconstruction);
        kl.add(other.kl);
        logLikelihood.add(other.logLikelihood);
        return this;
    }

    public LossSums sums() {
        return new LossSums(
                rows,
                weight.value(),
                loss.value() + undefined,
                reconstruction.value() + undefined,
                kl.value() + undefined);
    }

    /** Average log p̂(x|c). */
    public double meanLogLikelihood() {
        return (logLikelihood.value() + undefined) / weight.value();
    }
}
