package io.cvaespark.train;

import io.cvaespark.model.LossSums;

/**
 * Runs synchronous steps: every worker's gradient, their sum in the fixed tree, the update.
 *
 * <p>All exchanges give the same bits; they differ in what carries the gradient.
 */
public interface Exchange extends AutoCloseable {

    /** Tasks that compute gradients. */
    int workers();

    /**
     * Advances {@code state} to {@code toStep} steps, or less when {@code observer} asks to stop.
     *
     * <p>Changes the state under its own lock, so that whoever holds that sees whole steps.
     */
    void run(TrainingState state, long toStep, StepObserver observer);

    /** Whether something is about to go that a checkpoint would save from being lost. */
    default boolean checkpointAdvised() {
        return false;
    }

    @Override
    void close();

    /** Told after each step. */
    interface StepObserver {
        /** Whether to go on; an exchange that works in rounds stops at the round's end. */
        boolean onStep(TrainingState state, StepResult result);
    }

    /**
     * One step.
     *
     * @param step its number, from 0
     * @param seconds wall time of the step
     * @param computeSeconds of arithmetic, the workers' average
     * @param waitSeconds the slowest worker computed longer than the average
     */
    record StepResult(long step, LossSums sums, double seconds, double computeSeconds, double waitSeconds) {
        /** What is neither arithmetic nor waiting: moving parameters and gradients, the update. */
        public double exchangeSeconds() {
            return seconds - computeSeconds - waitSeconds;
        }
    }
}
