package io.cvaespark.train;

import java.util.List;

/** A listener that observes a training, for progress bars, logs, metrics and history files. */
public interface TrainingListener {

    /** Called before the first step; {@code state.step()} is above 0 if training continues from a checkpoint. */
    default void onStart(TrainingPlan plan, TrainingState state, int workers) {}

    /** Called after each step; an exchange that works in rounds reports all steps of a round at its end. */
    default void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {}

    /** Called after each epoch; {@code rows} are its history rows, with the training row first. */
    default void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {}

    default void onEarlyStop(TrainingPlan plan, TrainingState state) {}

    /** Returns a listener that calls all of {@code listeners} in order. */
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
