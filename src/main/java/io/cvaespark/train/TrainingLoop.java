package io.cvaespark.train;

import io.cvaespark.model.LossSums;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The training loop: it runs the steps, and at each epoch's end it validates, checks for early stopping, and writes
 * history and checkpoints.
 *
 * <p>It knows neither Spark nor how gradients travel. A training that was interrupted at any point and continued from
 * its checkpoint gives the same bits as one that never stopped.
 */
public final class TrainingLoop {

    /** Computes the losses of the held-out rows. */
    public interface Validation {
        LossSums evaluate(float[] parameters, double beta);
    }

    private final TrainingPlan plan;
    private final Exchange exchange;
    private final @Nullable Validation validation;
    private final Checkpoints checkpoints;
    private final TrainingListener listener;
    private long lastCheckpointNanos = System.nanoTime();
    private long savedStep;

    public TrainingLoop(
            TrainingPlan plan,
            Exchange exchange,
            @Nullable Validation validation,
            Checkpoints checkpoints,
            TrainingListener listener) {
        this.plan = plan;
        this.exchange = exchange;
        this.validation = validation;
        this.checkpoints = checkpoints;
        this.listener = listener;
    }

    /** Trains {@code state} to the end. */
    public void run(TrainingState state) {
        savedStep = state.step();
        listener.onStart(plan, state, exchange.workers());
        lastCheckpointNanos = System.nanoTime();
        while (!state.finished()) {
            // A run that was stopped after the last step of an epoch, but before its validation, continues with the end
            // of the epoch.
            if (!epochWaitsForItsEnd(state)) {
                long epochEnd =
                        (plan.epochOf(state.step()) + 1L) * plan.dealing().stepsPerEpoch();
                exchange.runSteps(state, Math.min(epochEnd, nextCheckpointStep(state.step())), this::afterStep);
            }
            if (epochWaitsForItsEnd(state)) {
                endEpoch(state);
            }
            if (state.finished() || checkpointDue(state) || exchange.checkpointAdvised()) {
                save(state);
            }
        }
    }

    /** True if all steps of an epoch are done, but not its validation and its row of history. */
    private boolean epochWaitsForItsEnd(TrainingState state) {
        return state.epochSums().rows() > 0 && state.step() % plan.dealing().stepsPerEpoch() == 0;
    }

    private boolean afterStep(TrainingState state, Exchange.StepResult result) {
        listener.onStep(plan, state, result);
        LossSums sums = result.sums();
        if (!Double.isFinite(sums.loss())) {
            throw new IllegalStateException(
                    "The loss became %s in epoch %s, step %s. What to do: lower training.optimizer.learningRate (now %s), set training.optimizer.clipNorm (such as 10), or look for extreme values in the targets"
                            .formatted(
                                    sums.loss(),
                                    plan.epochOf(result.step()) + 1,
                                    plan.stepInEpoch(result.step()) + 1,
                                    plan.learningRate(result.step(), plan.rateFactor(state))));
        }
        return !minutesDue();
    }

    /**
     * Ends an epoch: validation, history, best parameters, early stopping.
     *
     * <p>The state is changed while its lock is held. So a process that is told to stop saves the state before or after
     * the end of the epoch, but never one between.
     */
    private void endEpoch(TrainingState state) {
        int epoch = plan.epochOf(state.step() - 1) + 1;
        LossSums heldOut = validation == null ? null : validation.evaluate(plan.kept(state), plan.finalBeta());
        if (heldOut != null) {
            requireFinite(heldOut.meanLoss(), epoch);
        }
        List<HistoryRow> rows = new ArrayList<>();
        boolean early = false;
        synchronized (state) {
            rows.add(historyRow(state, epoch, HistoryRow.TRAIN, state.epochSums()));
            if (heldOut != null) {
                rows.add(historyRow(state, epoch, HistoryRow.VALIDATION, heldOut));
                keepBest(state, heldOut.meanLoss(), epoch);
            }
            state.history().addAll(rows);
            state.epochDone();
            boolean lastStep = state.step() >= plan.totalSteps();
            early = !lastStep && patienceIsOver(state, epoch);
            if (lastStep || early) {
                state.finish();
            }
        }
        if (early) {
            listener.onEarlyStop(plan, state);
        }
        listener.onEpoch(plan, state, rows);
    }

    private boolean patienceIsOver(TrainingState state, int epoch) {
        TrainingState.Best best = state.best();
        Integer patience = plan.config().patience();
        return patience != null && best != null && epoch - best.epoch() >= patience;
    }

    private static void requireFinite(double validationLoss, int epoch) {
        if (!Double.isFinite(validationLoss)) {
            throw new IllegalStateException(
                    "The validation loss became %s after epoch %s. What to do: lower training.optimizer.learningRate, set training.optimizer.clipNorm (such as 10), or look for extreme values in the held-out rows"
                            .formatted(validationLoss, epoch));
        }
    }

    /**
     * Throws if a parameter is not finite, which can happen while the loss is still finite. Such parameters are never
     * saved.
     */
    private void requireFinite(TrainingState state) {
        for (float parameter : state.parameters()) {
            if (!Float.isFinite(parameter)) {
                throw new IllegalStateException(
                        "A parameter became %s by step %s. What to do: lower training.optimizer.learningRate (now %s), set training.optimizer.clipNorm (such as 10), or look for extreme values in the targets"
                                .formatted(
                                        parameter,
                                        state.step(),
                                        plan.learningRate(state.step() - 1, plan.rateFactor(state))));
            }
        }
    }

    private void keepBest(TrainingState state, double loss, int epoch) {
        TrainingState.Best best = state.best();
        if (best == null || loss < best.loss()) {
            state.best(new TrainingState.Best(plan.kept(state).clone(), loss, epoch));
        }
    }

    private HistoryRow historyRow(TrainingState state, int epoch, String split, LossSums sums) {
        long last = state.step() - 1;
        return new HistoryRow(
                epoch,
                state.step(),
                split,
                sums.meanLoss(),
                sums.meanElbo(),
                sums.meanReconstruction(),
                sums.meanKl(),
                plan.learningRate(last, plan.rateFactor(state)),
                split.equals(HistoryRow.TRAIN) ? plan.beta(last) : plan.finalBeta(),
                state.epochSums().rows() / state.epochTimes().seconds(),
                state.stepSeconds(),
                exchange.workers(),
                state.epochTimes().computeMillis(),
                state.epochTimes().exchangeMillis(),
                state.epochTimes().waitMillis());
    }

    private long nextCheckpointStep(long step) {
        Long every = plan.config().checkpointEvery().steps();
        return every == null ? Long.MAX_VALUE : (step / every + 1) * every;
    }

    private boolean checkpointDue(TrainingState state) {
        TrainingConfig.CheckpointEvery every = plan.config().checkpointEvery();
        if (every.steps() != null) {
            return state.step() % every.steps() == 0;
        }
        if (every.epochs() != null) {
            return state.step() % ((long) every.epochs() * plan.dealing().stepsPerEpoch()) == 0;
        }
        return minutesDue();
    }

    private boolean minutesDue() {
        Double minutes = plan.config().checkpointEvery().minutes();
        return minutes != null && System.nanoTime() - lastCheckpointNanos >= minutes * 60e9;
    }

    private void save(TrainingState state) {
        synchronized (state) {
            requireFinite(state);
            try {
                checkpoints.save(state);
            } catch (IOException e) {
                throw new UncheckedIOException(
                        "The checkpoint after step %s could not be written: %s".formatted(state.step(), e.getMessage()),
                        e);
            }
            savedStep = state.step();
        }
        lastCheckpointNanos = System.nanoTime();
    }

    /**
     * Writes a checkpoint if there are steps that no checkpoint has. It is called from another thread when the process
     * is being stopped.
     *
     * @return true if a checkpoint was written
     */
    public boolean saveNow(TrainingState state) {
        synchronized (state) {
            if (state.step() <= savedStep) {
                return false;
            }
            save(state);
            return true;
        }
    }
}
