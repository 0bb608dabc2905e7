package io.cvaespark.train;

import static io.cvaespark.TestArrays.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.batch.Dealing;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.TrainingConfig.CheckpointEvery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The loop over an exchange in memory: 10 rows in batches of 4, three steps an epoch. */
class TrainingLoopTest {
    private static final Dealing DEALING = new Dealing(10, 2, 4);
    private static final TrainingListener SILENT = new TrainingListener() {};

    private static TrainingPlan plan(int epochs, @Nullable Integer patience, @Nullable CheckpointEvery every) {
        return new TrainingPlan(
                Configs.of(epochs, 4)
                        .with(TrainingConfig.PATIENCE, patience)
                        .with(TrainingConfig.CHECKPOINT_EVERY, every),
                DEALING);
    }

    private static TrainingState state(TrainingPlan plan) {
        return new TrainingState(new float[] {2f, -1f}, plan.moments());
    }

    /** Validation that gives these mean losses, epoch by epoch. */
    private static TrainingLoop.Validation scripted(double... losses) {
        AtomicInteger calls = new AtomicInteger();
        return (parameters, beta) -> new LossSums(2, 2, 2 * losses[calls.getAndIncrement()], 0.5, 0.25);
    }

    private static TrainingState copy(TrainingState state) {
        TrainingState copy = new TrainingState(state.parameters().clone(), state.moments().length);
        for (int m = 0; m < state.moments().length; m++) {
            System.arraycopy(state.moments()[m], 0, copy.moments()[m], 0, state.moments()[m].length);
        }
        copy.restore(
                state.step(),
                state.epochSums(),
                state.stepSeconds(),
                state.epochTimes(),
                state.best(),
                state.finished());
        copy.history().addAll(state.history());
        return copy;
    }

    private static List<TrainingState> run(
            TrainingPlan plan, TrainingState state, TrainingLoop.@Nullable Validation validation) {
        List<TrainingState> saved = new ArrayList<>();
        new TrainingLoop(plan, new FakeExchange(plan), validation, s -> saved.add(copy(s)), SILENT).run(state);
        return saved;
    }

    private static List<Long> steps(List<TrainingState> saved) {
        return saved.stream().map(TrainingState::step).toList();
    }

    @Test
    void anEpochsHistoryIsTheAverageOverItsRows() {
        TrainingPlan plan = plan(2, null, null);
        TrainingState state = state(plan);
        run(plan, state, null);
        assertEquals(2, state.history().size());
        double shrink = 0.9 * 0.9;
        double loss = 0.5 * (4 + 1) * (4 + 4 * shrink + 2 * shrink * shrink) / 10;
        HistoryRow first = state.history().get(0);
        assertEquals(loss, first.loss(), 1e-6);
        assertEquals(0.75 * loss, first.reconstruction(), 1e-6);
        assertEquals(0.25 * loss, first.kl(), 1e-6);
        assertEquals(-loss, first.elbo(), 1e-6);
        assertEquals(1, first.epoch());
        assertEquals(3, first.step());
        assertEquals(HistoryRow.TRAIN, first.split());
        assertEquals(0.1, first.learningRate());
        assertEquals(10 / (3 * FakeExchange.SECONDS), first.rowsPerSecond());
        assertEquals(3 * FakeExchange.SECONDS, first.seconds());
        assertEquals(FakeExchange.WORKERS, first.workers());
        assertEquals(1e3 * FakeExchange.SECONDS, first.computeMs() + first.exchangeMs() + first.waitMs(), 1e-9);
        HistoryRow second = state.history().get(1);
        assertEquals(6, second.step());
        assertEquals(loss * Math.pow(shrink, 3), second.loss(), 1e-6);
        assertEquals(10 / (3 * FakeExchange.SECONDS), second.rowsPerSecond());
        assertEquals(6 * FakeExchange.SECONDS, second.seconds());
        assertTrue(state.finished());
        assertNull(state.best());
        assertSameBits(state.parameters(), plan.selected(state), "without validation the last is kept");
    }

    @Test
    void theBestByValidationIsKept() {
        TrainingPlan plan = plan(4, null, null);
        TrainingState state = state(plan);
        List<float[]> seen = new ArrayList<>();
        TrainingLoop.Validation scripted = scripted(3, 1, 2, 1);
        run(plan, state, (parameters, beta) -> {
            seen.add(parameters.clone());
            assertEquals(plan.finalBeta(), beta);
            return scripted.evaluate(parameters, beta);
        });
        TrainingState.Best best = Objects.requireNonNull(state.best());
        assertEquals(2, best.epoch(), "the first of equals");
        assertEquals(1.0, best.loss());
        assertSameBits(seen.get(1), plan.selected(state), "parameters after epoch 2");
        assertEquals(12, state.step());
        HistoryRow row = state.history().get(1);
        assertEquals(HistoryRow.VALIDATION, row.split());
        assertEquals(3.0, row.loss());
        assertEquals(-0.25 - 0.125, row.elbo());
        assertEquals(8, state.history().size());
    }

    @Test
    void patienceEndsTrainingAfterSoManyEpochsWithoutABetterOne() {
        TrainingPlan plan = plan(10, 2, null);
        TrainingState state = state(plan);
        List<String> events = new ArrayList<>();
        TrainingListener listener = new TrainingListener() {
            @Override
            public void onStart(TrainingPlan p, TrainingState s, int workers) {
                events.add("start " + workers);
            }

            @Override
            public void onStep(TrainingPlan p, TrainingState s, Exchange.StepResult result) {
                events.add("step " + result.step());
            }

            @Override
            public void onEpoch(TrainingPlan p, TrainingState s, List<HistoryRow> rows) {
                events.add("epoch " + rows.get(0).epoch());
            }

            @Override
            public void onEarlyStop(TrainingPlan p, TrainingState s) {
                events.add("early");
            }
        };
        TrainingLoop.Validation validation = scripted(5, 4, 4.5, 3, 3, 3.5);
        new TrainingLoop(plan, new FakeExchange(plan), validation, Checkpoints.none(), listener).run(state);
        assertEquals(6 * 3, state.step());
        assertEquals(4, Objects.requireNonNull(state.best()).epoch());
        assertEquals(List.of("start 3", "step 0", "step 1", "step 2", "epoch 1"), events.subList(0, 5));
        assertEquals(List.of("step 17", "early", "epoch 6"), events.subList(events.size() - 3, events.size()));
    }

    @Test
    void checkpointsComeByEpochsBySteps() {
        TrainingPlan byEpochs = plan(5, null, new CheckpointEvery(2, null, null));
        assertEquals(List.of(6L, 12L, 15L), steps(run(byEpochs, state(byEpochs), null)));
        TrainingPlan bySteps = plan(3, null, new CheckpointEvery(null, 4L, null));
        assertEquals(List.of(4L, 8L, 9L), steps(run(bySteps, state(bySteps), null)));
        TrainingPlan rarely = plan(2, null, new CheckpointEvery(null, 100L, null));
        assertEquals(List.of(6L), steps(run(rarely, state(rarely), null)));
        TrainingPlan always = plan(2, null, new CheckpointEvery(null, null, 1e-12));
        assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), steps(run(always, state(always), null)));
    }

    @Test
    void theAverageOfTheWeightsIsValidatedAndKept() {
        TrainingPlan plan = averaged(plan(3, null, null), 0.9);
        TrainingState state = state(plan);
        float[] expected = new float[2];
        List<float[]> weights = new ArrayList<>();
        List<float[]> seen = new ArrayList<>();
        TrainingListener steps = new TrainingListener() {
            @Override
            public void onStep(TrainingPlan p, TrainingState s, Exchange.StepResult result) {
                weights.add(s.parameters().clone());
            }
        };
        TrainingLoop.Validation validation = (parameters, beta) -> {
            seen.add(parameters.clone());
            return scripted(2).evaluate(parameters, beta);
        };
        new TrainingLoop(plan, new FakeExchange(plan), validation, Checkpoints.none(), steps).run(state);
        for (int t = 1; t <= weights.size(); t++) {
            double d = Math.min(0.9, (t - 1.0) / (t + 9));
            for (int i = 0; i < expected.length; i++) {
                expected[i] = (float) (d * expected[i] + (1 - d) * weights.get(t - 1)[i]);
            }
            if (t == 3) {
                assertArrayEquals(expected, plan.selected(state), 1e-6f, "the first of equals is kept");
            }
        }
        assertEquals(9, weights.size());
        assertArrayEquals(expected, seen.get(2), 1e-6f);
        assertArrayEquals(expected, plan.kept(state), 1e-6f);
        assertTrue(Math.abs(expected[0] - state.parameters()[0]) > 0.01, "the average lags behind the weights");
    }

    @Test
    void aPlateauLowersTheLearningRate() {
        TrainingPlan plan = plateau(plan(6, null, null));
        TrainingState state = state(plan);
        run(plan, state, byEpoch(new double[] {5, 5, 5.1, 3, 3.5, 3.7}, 0));
        List<Double> rates = state.history().stream()
                .filter(row -> row.split().equals(HistoryRow.TRAIN))
                .map(HistoryRow::learningRate)
                .toList();
        assertEquals(List.of(0.1, 0.1, 0.1, 0.05, 0.05, 0.05), rates);
        assertEquals(0.25, plan.rateFactor(state), "after the last epoch");
    }

    private static TrainingPlan averaged(TrainingPlan plan, double decay) {
        return new TrainingPlan(plan.config().with(TrainingConfig.AVERAGING, decay), DEALING);
    }

    private static TrainingPlan plateau(TrainingPlan plan) {
        OptimizerConfig optimizer = plan.config()
                .optimizer()
                .with(OptimizerConfig.SCHEDULE, OptimizerConfig.Course.PLATEAU)
                .with(OptimizerConfig.PLATEAU_EPOCHS, 2);
        return new TrainingPlan(plan.config().with(TrainingConfig.OPTIMIZER, optimizer), DEALING);
    }

    /** Whatever the checkpoint, continuing from it is never having stopped. */
    @Test
    void continuingFromAnyCheckpointGivesTheSameHistory() {
        double[] losses = {5, 4, 4.5, 3, 3.5, 3.7};
        for (Integer patience : new Integer[] {null, 2}) {
            TrainingPlan plan = averaged(plateau(plan(6, patience, new CheckpointEvery(null, 1L, null))), 0.8);
            TrainingState whole = state(plan);
            List<TrainingState> saved = run(plan, whole, byEpoch(losses, 0));
            assertEquals(18, saved.size());
            for (TrainingState checkpoint : saved) {
                TrainingState continued = copy(checkpoint);
                int epochsDone = (int) (checkpoint.step() / 3);
                run(plan, continued, byEpoch(losses, epochsDone));
                assertEquals(whole.history(), continued.history(), "from step " + checkpoint.step());
                assertSameBits(whole.parameters(), continued.parameters(), "from step " + checkpoint.step());
                assertSameBits(plan.selected(whole), plan.selected(continued), "best");
                assertEquals(whole.step(), continued.step());
                assertTrue(continued.finished());
            }
        }
    }

    /**
     * A process that is told to stop writes a checkpoint from another thread, wherever the loop is. Resumed from it, the run
     * ends as if it had never stopped.
     */
    @Test
    void aStopAtAnyTransitionEndsInTheSameHistory() {
        double[] losses = {5, 4, 4.5, 3, 3.5, 3.7};
        for (Integer patience : new Integer[] {null, 2}) {
            for (CheckpointEvery every :
                    List.of(new CheckpointEvery(1, null, null), new CheckpointEvery(null, 2L, null))) {
                TrainingPlan plan = plateau(plan(6, patience, every));
                TrainingState whole = state(plan);
                run(plan, whole, byParameters(losses, plan));
                int transitions = new Stops(plan, losses, -1).count();
                assertTrue(transitions > 30, "transitions: " + transitions);
                for (int stop = 0; stop < transitions; stop++) {
                    TrainingState continued = new Stops(plan, losses, stop).saved();
                    run(plan, continued, byParameters(losses, plan));
                    String at = "stopped at transition " + stop;
                    assertEquals(whole.history(), continued.history(), at);
                    assertSameBits(whole.parameters(), continued.parameters(), at);
                    assertSameBits(plan.selected(whole), plan.selected(continued), at);
                    assertEquals(whole.step(), continued.step(), at);
                }
            }
        }
    }

    /** A run that is told to stop at one of its transitions, and the checkpoint that it has then. */
    private static final class Stops implements TrainingListener {
        private final TrainingState state;
        private final int stopAt;
        private int seen;
        private TrainingState newest;
        private @Nullable TrainingState saved;

        Stops(TrainingPlan plan, double[] losses, int stopAt) {
            this.stopAt = stopAt;
            this.state = state(plan);
            this.newest = copy(state);
            TrainingLoop.Validation validation = byParameters(losses, plan);
            TrainingLoop[] loop = new TrainingLoop[1];
            Checkpoints checkpoints = s -> {
                transition(loop[0]);
                newest = copy(s);
                transition(loop[0]);
            };
            TrainingListener listener = new TrainingListener() {
                @Override
                public void onEarlyStop(TrainingPlan p, TrainingState s) {
                    transition(loop[0]);
                }

                @Override
                public void onEpoch(TrainingPlan p, TrainingState s, List<HistoryRow> rows) {
                    transition(loop[0]);
                }
            };
            Exchange exchange = new FakeExchange(plan) {
                @Override
                public void runSteps(TrainingState s, long toStep, StepObserver observer) {
                    transition(loop[0]);
                    super.runSteps(s, toStep, observer);
                    transition(loop[0]);
                }
            };
            TrainingLoop.Validation watched = (parameters, beta) -> {
                transition(loop[0]);
                LossSums sums = validation.evaluate(parameters, beta);
                transition(loop[0]);
                return sums;
            };
            loop[0] = new TrainingLoop(plan, exchange, watched, checkpoints, listener);
            loop[0].run(state);
        }

        /** What a shutdown hook does; the checkpoint that is being written then is not there yet. */
        private void transition(TrainingLoop loop) {
            if (seen++ == stopAt) {
                loop.saveNow(state);
                saved = copy(newest);
            }
        }

        int count() {
            return seen;
        }

        TrainingState saved() {
            return Objects.requireNonNull(saved);
        }
    }

    /** Losses by epoch for a validation that is called again after a stop: it knows the epoch by θ. */
    private static TrainingLoop.Validation byParameters(double[] losses, TrainingPlan plan) {
        return (parameters, beta) -> {
            TrainingState state = state(plan);
            int epoch = -1;
            FakeExchange exchange = new FakeExchange(plan);
            for (int e = 0; e < losses.length && epoch < 0; e++) {
                exchange.runSteps(state, (e + 1) * 3L, (s, result) -> true);
                epoch = java.util.Arrays.equals(state.parameters(), parameters) ? e : -1;
            }
            return new LossSums(2, 2, 2 * losses[epoch], 0.5, 0.25);
        };
    }

    private static TrainingLoop.Validation byEpoch(double[] losses, int epochsDone) {
        double[] rest = java.util.Arrays.copyOfRange(losses, epochsDone, losses.length);
        return scripted(rest);
    }

    @Test
    void aLossThatIsNoNumberStopsTrainingAndSaysWhatToDo() {
        TrainingPlan plan = plan(4, null, null);
        for (double loss : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
            TrainingState state = state(plan);
            List<Long> saved = new ArrayList<>();
            Exchange exchange = new FakeExchange(plan, step -> step == 4 ? loss : 0);
            TrainingLoop loop = new TrainingLoop(plan, exchange, null, s -> saved.add(s.step()), SILENT);
            ExpectedError.of(
                    IllegalStateException.class,
                    () -> loop.run(state),
                    "became " + loss,
                    "epoch 2, step 2",
                    "training.optimizer.learningRate",
                    "now 0.1",
                    "clipNorm");
            assertEquals(List.of(3L), saved, "nothing is saved after it");
        }
    }

    @Test
    void aValidationLossThatIsNoNumberStopsTrainingToo() {
        TrainingPlan plan = plan(4, null, null);
        TrainingState state = state(plan);
        ExpectedError.of(
                IllegalStateException.class,
                () -> run(plan, state, scripted(2, Double.NaN, 1, 1)),
                "validation loss",
                "NaN",
                "epoch 2");
        assertFalse(state.finished());
    }

    @Test
    void aCheckpointThatCannotBeWrittenIsSaid() {
        TrainingPlan plan = plan(1, null, null);
        Checkpoints broken = state -> {
            throw new IOException("disk full");
        };
        TrainingLoop loop = new TrainingLoop(plan, new FakeExchange(plan), null, broken, SILENT);
        ExpectedError.of(UncheckedIOException.class, () -> loop.run(state(plan)), "step 3", "disk full");
    }

    @Test
    void aFinishedStateIsLeftAlone() {
        TrainingPlan plan = plan(2, null, null);
        TrainingState state = state(plan);
        run(plan, state, null);
        TrainingState again = copy(state);
        assertTrue(run(plan, again, null).isEmpty());
        assertSameBits(state.parameters(), again.parameters(), "parameters");
        assertEquals(state.history(), again.history());
    }
}
