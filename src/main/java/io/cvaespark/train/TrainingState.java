package io.cvaespark.train;

import io.cvaespark.model.LossSums;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a training: everything that changes while a model is trained, and that a checkpoint holds.
 *
 * <p>It is mutable and belongs to the driver's training loop. Code in another thread must hold the state's lock.
 */
public final class TrainingState {
    private final float[] parameters;
    private final float[][] moments;
    private long step;
    private LossSums epochSums = LossSums.ZERO;
    private double stepSeconds;
    private StepTimes epochTimes = StepTimes.ZERO;
    private @Nullable Best best;
    private final List<HistoryRow> history = new ArrayList<>();
    private boolean finished;

    /**
     * The best model so far.
     *
     * @param loss the validation loss of these parameters
     * @param epoch the epoch after which it was reached, from 1
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Best(float[] parameters, double loss, int epoch) {}

    public TrainingState(float[] parameters, int moments) {
        this.parameters = parameters;
        this.moments = new float[moments][parameters.length];
    }

    /** θ [P]. */
    public float[] parameters() {
        return parameters;
    }

    /** The optimiser's moments, and after them the average of the parameters if there is one, each [P]. */
    public float[][] moments() {
        return moments;
    }

    /** The number of steps done. */
    public long step() {
        return step;
    }

    /** The time spent in steps, in seconds. */
    public double stepSeconds() {
        return stepSeconds;
    }

    /** The times of the steps of the current epoch. */
    public StepTimes epochTimes() {
        return epochTimes;
    }

    /** The sums of the losses over the steps of the current epoch. */
    public LossSums epochSums() {
        return epochSums;
    }

    /** The best model so far by validation loss; null before the first validation. */
    public @Nullable Best best() {
        return best;
    }

    public List<HistoryRow> history() {
        return history;
    }

    /** True if training has ended, after its last step or by early stopping. */
    public boolean finished() {
        return finished;
    }

    /** Records a step whose update has been applied. */
    public void stepDone(Exchange.StepResult result) {
        step++;
        epochSums = epochSums.plus(result.sums());
        stepSeconds += result.seconds();
        epochTimes = epochTimes.plus(result);
    }

    /** Records the end of an epoch. */
    public void epochDone() {
        epochSums = LossSums.ZERO;
        epochTimes = StepTimes.ZERO;
    }

    void best(Best value) {
        best = value;
    }

    void finish() {
        finished = true;
    }

    /**
     * Restores the values of a checkpoint. The caller fills {@link #parameters()}, {@link #moments()} and {@link
     * #history()} itself.
     */
    public void restore(
            long steps,
            LossSums sums,
            double totalSeconds,
            StepTimes timesOfEpoch,
            @Nullable Best bestSoFar,
            boolean isFinished) {
        step = steps;
        epochSums = sums;
        stepSeconds = totalSeconds;
        epochTimes = timesOfEpoch;
        best = bestSoFar;
        finished = isFinished;
    }
}
