package io.cvaespark.train;

import java.io.Serializable;

/**
 * One row of a run's history: the averages of one epoch over one split, in nats per row.
 *
 * @param epoch from 1
 * @param step steps done at its end
 * @param split {@code train} or {@code validation}
 * @param loss the objective: at the step's β for training, at the schedule's last β for validation
 * @param elbo −reconstruction − kl, at β = 1
 * @param rowsPerSecond training rows over the time spent in steps
 * @param seconds spent in steps since training began
 * @param computeMs of a step of the epoch, on average: arithmetic
 * @param exchangeMs of a step: moving gradients and parameters, the update
 * @param waitMs of a step: for the slowest worker
 */
public record HistoryRow(
        int epoch,
        long step,
        String split,
        double loss,
        double elbo,
        double reconstruction,
        double kl,
        double learningRate,
        double beta,
        double rowsPerSecond,
        double seconds,
        int workers,
        double computeMs,
        double exchangeMs,
        double waitMs)
        implements Serializable {
    public static final String TRAIN = "train";
    public static final String VALIDATION = "validation";
}
