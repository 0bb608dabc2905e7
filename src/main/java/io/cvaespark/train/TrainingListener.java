package io.cvaespark.train;

import java.util.List;

/** Watches a training: progress bars, logs, history files. */
public interface TrainingListener {

    /** Before the first step; {@code state.step()} is not 0 when a checkpoint is continued. */
    default void onStart(TrainingPlan plan, TrainingState state, int workers) {}

    default void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {}

    /** After an epoch; {@code rows} are its history rows, training first. */
    default void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {}

    default void onEarlyStop(TrainingPlan plan, TrainingState state) {}
}
