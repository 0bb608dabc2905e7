package io.cvaespark.train;

import java.io.Serializable;

/**
 * One row of a run's history: the averages of one epoch over one split of the data, in nats per row.
 *
 * @param epoch the number of the epoch, from 1
 * @param step the number of steps done at the end of the epoch
 * @param split {@code train} or {@code validation}
 * @param loss the objective, with each step's β for training and with the schedule's last β for validation
 * @param elbo −reconstruction − kl, at β = 1
 * @param rowsPerSecond the number of training rows per second spent in steps
 * @param seconds the time spent in steps since training began
 * @param computeMs the average time of the arithmetic in a step of the epoch
 * @param exchangeMs the average time of a step for moving gradients and parameters and for the update
 * @param waitMs the average time of a step for waiting for the slowest worker
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
