package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.model.LossSums;
import io.cvaespark.spark.internal.ClusterView;
import io.cvaespark.spark.internal.Rendezvous;
import io.cvaespark.spark.shards.Layouts;
import io.cvaespark.spark.shards.WorkerBlocks;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exchange {@code allreduce}: a round of many steps is one barrier stage, whose tasks exchange gradients and
 * parameters directly with each other ({@link io.cvaespark.train.allreduce}).
 *
 * <p>Between rounds the driver holds the state. A round that fails begins again from this state, with as many workers
 * as there are slots at that time. The resulting bits do not depend on failures or on the number of workers.
 */
public final class AllReduceExchange implements Exchange {
    private static final Logger LOG = LoggerFactory.getLogger(AllReduceExchange.class);
    private static final long CHECK_INTERVAL_SECONDS = 1;
    /**
     * A stage without enough slots is cancelled after this number of checks; Spark itself would wait for the slots for
     * ever.
     */
    private static final int MAX_CHECKS_WITHOUT_SLOTS = 10;

    private static final long FIRST_RETRY_PAUSE_MILLIS = 500;
    private static final long LONGEST_RETRY_PAUSE_MILLIS = 15_000;

    private final JavaSparkContext spark;
    private final Layouts layouts;
    private final TrainingPlan plan;
    private final WorkerSpec spec;
    private final Slots slots;
    private final int maxFailures;
    private final long timeoutNanos;
    private final Rendezvous rendezvous;
    private final LostExecutors lostExecutors = new LostExecutors();
    private @Nullable WorkerBlocks currentLayout;
    private long attempts;

    AllReduceExchange(JavaSparkContext spark, Layouts layouts, TrainingPlan plan, WorkerSpec spec, int parameters) {
        this.spark = spark;
        this.layouts = layouts;
        this.plan = plan;
        this.spec = spec;
        this.slots = new Slots(spark.sc());
        this.maxFailures = spark.getConf().getInt("spark.cvae.round.maxFailures", 8);
        this.timeoutNanos =
                TimeUnit.SECONDS.toNanos(spark.getConf().getTimeAsSeconds("spark.cvae.exchange.timeout", "120s"));
        DriverExchange.requireResultSize(
                "allreduce",
                1 + plan.moments(),
                parameters,
                spark.getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g"));
        spark.sc().addSparkListener(lostExecutors);
        this.rendezvous = new Rendezvous(spark.sc(), RoundTask.rendezvousName(spec));
    }

    @Override
    public int workers() {
        return currentLayout == null
                ? Slots.workers(plan.dealing().shards(), slots.available())
                : currentLayout.workers();
    }

    @Override
    public boolean checkpointAdvised() {
        List<String> leaving = ClusterView.decommissioning(spark.sc());
        if (!leaving.isEmpty()) {
            LOG.info("Executors {} are being decommissioned", leaving);
        }
        return !leaving.isEmpty();
    }

    @Override
    public void runSteps(TrainingState state, long toStep, StepObserver observer) {
        boolean goOn = true;
        while (goOn && state.step() < toStep) {
            long end = Math.min(toStep, roundEnd(state.step()));
            long begin = System.nanoTime();
            List<RoundPart> parts = runRound(state, end);
            logTimes(parts.get(0).stepSeconds(), (System.nanoTime() - begin) * 1e-9);
            synchronized (state) {
                goOn = updateState(state, parts, end, observer);
            }
        }
    }

    private long roundEnd(long step) {
        long epochEnd = (plan.epochOf(step) + 1L) * plan.dealing().stepsPerEpoch();
        Integer most = plan.config().roundSteps();
        return most == null ? epochEnd : Math.min(epochEnd, step + most);
    }

    /** Runs a round, again if it fails, and returns its parts in the order of the ranks. */
    private List<RoundPart> runRound(TrainingState state, long toStep) {
        long pause = FIRST_RETRY_PAUSE_MILLIS;
        for (int failures = 1; ; failures++) {
            WorkerBlocks layout = layout();
            try {
                return runAttempt(layout, state, toStep);
            } catch (ExecutionException e) {
                String failure = lostExecutors.takeDescription() + reason(e.getCause());
                if (spark.sc().isStopped() || isCancelled(e.getCause()) || failures >= maxFailures) {
                    throw new IllegalStateException(
                            "The round from step %s failed %s times; the last failure: %s. What to do: look at the executors' logs. If this training writes checkpoints, resume it from the last one"
                                    .formatted(state.step(), failures, failure),
                            e.getCause());
                }
                LOG.warn(
                        "Lost the round from step {} (epoch {}, workers: {}): {}. It begins again in {} s (failure {} of at most {})",
                        state.step(),
                        plan.epochOf(state.step()) + 1,
                        layout.workers(),
                        failure,
                        pause / 1000.0,
                        failures,
                        maxFailures);
                Slots.sleep(pause);
                pause = Math.min(2 * pause, LONGEST_RETRY_PAUSE_MILLIS);
            }
        }
    }

    /**
     * Returns the layout for the slots that are available now: the current one, or a new one if the number of workers
     * changes.
     */
    private WorkerBlocks layout() {
        int shards = plan.dealing().shards();
        int workers = Slots.workers(
                shards, currentLayout == null || slots.available() < 1 ? slots.await() : slots.available());
        WorkerBlocks current = currentLayout;
        if (current != null && current.workers() == workers) {
            return current;
        }
        if (current != null) {
            LOG.info("The number of workers changes from {} to {}", current.workers(), workers);
            current.drop();
        } else if (workers < shards) {
            LOG.info("{} workers train, each with {} of the {} shards", workers, shards / workers, shards);
        }
        WorkerBlocks next = layouts.layout(workers, slots.locations(workers));
        currentLayout = next;
        return next;
    }

    private List<RoundPart> runAttempt(WorkerBlocks layout, TrainingState state, long toStep)
            throws ExecutionException {
        spark.sc()
                .setJobDescription(String.format(
                        Locale.ROOT,
                        "cvae: epoch %d/%d, steps %d to %d of %d",
                        plan.epochOf(state.step()) + 1,
                        plan.config().epochs(),
                        state.step() + 1,
                        toStep,
                        plan.totalSteps()));
        Broadcast<RoundState> start = spark.broadcast(RoundState.of(plan, state));
        try {
            RoundTask task = new RoundTask(spec, start, attempts++, state.step(), toStep, timeoutNanos);
            JavaFutureAction<List<RoundPart>> job =
                    Barriers.map(layout, local -> task.trainRound(local.next())).collectAsync();
            return awaitJob(job, layout.workers()).stream()
                    .sorted(Comparator.comparingInt(RoundPart::rank))
                    .toList();
        } finally {
            rendezvous.clear();
            start.destroy();
            spark.sc().setJobDescription(null);
        }
    }

    /** Waits for the job and returns its results; cancels it if too few task slots are left. */
    private List<RoundPart> awaitJob(JavaFutureAction<List<RoundPart>> job, int workers) throws ExecutionException {
        int checksWithoutSlots = 0;
        while (true) {
            try {
                return job.get(CHECK_INTERVAL_SECONDS, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                checksWithoutSlots = slots.available() < workers ? checksWithoutSlots + 1 : 0;
                if (checksWithoutSlots >= MAX_CHECKS_WITHOUT_SLOTS) {
                    job.cancel(true);
                    throw new ExecutionException(new IllegalStateException(
                            "only %s of the %s task slots are left".formatted(slots.available(), workers), e));
                }
            } catch (InterruptedException e) {
                job.cancel(true);
                Thread.currentThread().interrupt();
                throw new IllegalStateException("Training was interrupted", e);
            }
        }
    }

    private boolean updateState(TrainingState state, List<RoundPart> parts, long toStep, StepObserver observer) {
        for (RoundPart part : parts) {
            RoundPart.Slice slice = part.slice();
            if (slice != null) {
                copy(slice.parameters(), state.parameters(), slice.start());
                for (int m = 0; m < slice.moments().size(); m++) {
                    copy(slice.moments().get(m), state.moments()[m], slice.start());
                }
            }
        }
        boolean goOn = true;
        int steps = (int) (toStep - state.step());
        for (int i = 0; i < steps; i++) {
            StepResult result = result(state.step(), parts, i);
            state.stepDone(result);
            goOn &= observer.onStep(state, result);
        }
        return goOn;
    }

    private static void logTimes(double[] stepSeconds, double seconds) {
        if (LOG.isDebugEnabled()) {
            double steps = Arrays.stream(stepSeconds).sum();
            LOG.debug(
                    "Round of {} steps: {} s, of which {} s around the steps; the first step took {} ms, the median {} ms",
                    stepSeconds.length,
                    seconds,
                    seconds - steps,
                    1e3 * stepSeconds[0],
                    1e3 * Arrays.stream(stepSeconds).sorted().toArray()[stepSeconds.length / 2]);
        }
    }

    private static void copy(PackedFloats from, float[] to, int start) {
        System.arraycopy(from.values(), 0, to, start, from.values().length);
    }

    private static StepResult result(long step, List<RoundPart> parts, int i) {
        LossSums sums = LossSums.ZERO;
        double slowest = 0;
        double compute = 0;
        for (RoundPart part : parts) {
            for (LossSums shard : part.losses().get(i)) {
                sums = sums.plus(shard);
            }
            slowest = Math.max(slowest, part.computeSeconds()[i]);
            compute += part.computeSeconds()[i] / parts.size();
        }
        return new StepResult(step, sums, parts.get(0).stepSeconds()[i], compute, slowest - compute);
    }

    /** Returns the line of Spark's long message that says what happened in the task. */
    static String reason(@Nullable Throwable e) {
        String message = e == null ? "" : String.valueOf(e.getMessage());
        List<String> lines = message.lines().map(String::strip).toList();
        for (int i = 0; i + 1 < lines.size(); i++) {
            if (lines.get(i).endsWith("finished unsuccessfully.")) {
                return lines.get(i + 1);
            }
        }
        return lines.isEmpty() ? String.valueOf(e) : lines.get(0);
    }

    private static boolean isCancelled(@Nullable Throwable e) {
        return e instanceof SparkException spark && "SPARK_JOB_CANCELLED".equals(spark.getCondition());
    }

    @Override
    public void close() {
        rendezvous.close();
        spark.sc().removeSparkListener(lostExecutors);
        if (currentLayout != null) {
            currentLayout.drop();
        }
    }

    /** Collects the executors that were lost since the last call of {@link #takeDescription}. */
    private static final class LostExecutors extends SparkListener {
        private final Deque<String> lost = new ArrayDeque<>();

        @Override
        public synchronized void onExecutorRemoved(SparkListenerExecutorRemoved event) {
            lost.add("executor %s lost (%s)".formatted(event.executorId(), event.reason()));
        }

        synchronized String takeDescription() {
            String text = lost.isEmpty() ? "" : String.join(", ", lost) + "; ";
            lost.clear();
            return text;
        }
    }
}
