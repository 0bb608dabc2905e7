package io.cvaespark.train;

import io.cvaespark.model.LossSums;

/**
 * An exchange runs synchronous steps: each worker computes its gradient, the gradients are summed in a fixed binary
 * tree, and the optimiser updates the parameters.
 *
 * <p>All exchanges give the same bits; they differ in how the gradients travel.
 */
public interface Exchange extends AutoCloseable {

    /** The number of tasks that compute gradients. */
    int workers();

    /**
     * Runs steps until {@code state} has done {@code toStep} of them, or until {@code observer} asks to stop.
     *
     * <p>The state is changed while its lock is held, so a thread that holds this lock never sees a half-done step.
     */
    void runSteps(TrainingState state, long toStep, StepObserver observer);

    /** True if a checkpoint should be written now, because executors are about to leave. */
    default boolean checkpointAdvised() {
        return false;
    }

    @Override
    void close();

    /** A callback after each step. */
    interface StepObserver {
        /** Returns true to continue. On false, an exchange that works in rounds stops at the end of the round. */
        boolean onStep(TrainingState state, StepResult result);
    }

    /**
     * The result of one step.
     *
     * @param step its number, from 0
     * @param seconds the wall time of the step
     * @param computeSeconds the time of the arithmetic, averaged over the workers
     * @param waitSeconds how much longer the slowest worker computed than the average
     */
    record StepResult(long step, LossSums sums, double seconds, double computeSeconds, double waitSeconds) {
        /** The rest of the step's time: moving parameters and gradients, and the update. */
        public double exchangeSeconds() {
            return seconds - computeSeconds - waitSeconds;
        }
    }
}
