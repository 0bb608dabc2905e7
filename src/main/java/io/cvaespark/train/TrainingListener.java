package io.cvaespark.train;

import java.util.List;

/** Watches a training: progress bars, logs, metrics, history files. */
public interface TrainingListener {

    /** Before the first step; {@code state.step()} is not 0 when a checkpoint is continued. */
    default void onStart(TrainingPlan plan, TrainingState state, int workers) {}

    /** After a step; an exchange that works in rounds tells those of a round together, at its end. */
    default void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {}

    /** After an epoch; {@code rows} are its history rows, training first. */
    default void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {}

    default void onEarlyStop(TrainingPlan plan, TrainingState state) {}

    /** One that passes everything on to {@code listeners}, in their order. */
    static TrainingListener all(TrainingListener... listeners) {
        List<TrainingListener> all = List.of(listeners);
        return new TrainingListener() {
            @Override
            public void onStart(TrainingPlan plan, TrainingState state, int workers) {
                all.forEach(l -> l.onStart(plan, state, workers));
            }

            @Override
            public void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {
                all.forEach(l -> l.onStep(plan, state, result));
            }

            @Override
            public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
                all.forEach(l -> l.onEpoch(plan, state, rows));
            }

            @Override
            public void onEarlyStop(TrainingPlan plan, TrainingState state) {
                all.forEach(l -> l.onEarlyStop(plan, state));
            }
        };
    }
}
