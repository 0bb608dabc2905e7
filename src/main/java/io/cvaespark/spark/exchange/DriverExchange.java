package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.model.LossSums;
import io.cvaespark.spark.shards.WorkerBlocks;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.GradientTree;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * The exchange {@code driver}, the reference. Each step broadcasts the parameters and runs one Spark job, in which each
 * worker sums the gradients of its shards. The driver finishes the tree of sums and applies the optimiser.
 *
 * <p>It works on any cluster, dynamic allocation included, and needs no barrier slots.
 */
public final class DriverExchange implements Exchange {
    private final JavaSparkContext spark;
    private final WorkerBlocks blocks;
    private final TrainingPlan plan;
    private final WorkerSpec spec;
    private final int workers;
    private final GradientTree tree;

    /** The result of a worker's task: the sum of its subtree, and the losses of each shard. */
    record Partial(int worker, PackedFloats gradient, List<LossSums> losses, double computeSeconds)
            implements Serializable {}

    DriverExchange(JavaSparkContext spark, WorkerBlocks blocks, TrainingPlan plan, WorkerSpec spec, int parameters) {
        this.spark = spark;
        this.blocks = blocks;
        this.plan = plan;
        this.workers = blocks.workers();
        this.spec = spec;
        this.tree = new GradientTree(parameters, false);
        requireResultSize(
                "driver", workers, parameters, spark.getConf().getSizeAsBytes("spark.driver.maxResultSize", "1g"));
    }

    @Override
    public int workers() {
        return workers;
    }

    @Override
    public void runSteps(TrainingState state, long toStep, StepObserver observer) {
        boolean goOn = true;
        while (goOn && state.step() < toStep) {
            goOn = observer.onStep(state, step(state));
        }
    }

    private StepResult step(TrainingState state) {
        long start = System.nanoTime();
        long step = state.step();
        int epoch = plan.epochOf(step);
        int stepInEpoch = plan.stepInEpoch(step);
        spark.sc()
                .setJobDescription(String.format(
                        Locale.ROOT,
                        "cvae: epoch %d/%d, step %d/%d",
                        epoch + 1,
                        plan.config().epochs(),
                        stepInEpoch + 1,
                        plan.dealing().stepsPerEpoch()));
        Broadcast<PackedFloats> parameters = spark.broadcast(new PackedFloats(state.parameters()));
        WorkerSpec worker = spec;
        int count = workers;
        List<Partial> partials;
        try {
            partials = new ArrayList<>(blocks.toJavaRDD()
                    .mapPartitionsWithIndex((index, it) -> compute(worker, index, count, it, step, parameters), true)
                    .collect());
        } finally {
            parameters.destroy();
            spark.sc().setJobDescription(null);
        }
        LossSums sums = LossSums.ZERO;
        double slowest = 0;
        double compute = 0;
        int shardsPerWorker = plan.dealing().shards() / workers;
        for (Partial partial : partials) {
            tree.push(partial.gradient().values(), shardsPerWorker);
            for (LossSums shard : partial.losses()) {
                sums = sums.plus(shard);
            }
            slowest = Math.max(slowest, partial.computeSeconds());
            compute += partial.computeSeconds() / workers;
        }
        float[] gradient = tree.root(plan.dealing().shards());
        synchronized (state) {
            plan.update(state, gradient, step, sums.rows());
            double seconds = (System.nanoTime() - start) * 1e-9;
            StepResult result = new StepResult(step, sums, seconds, compute, slowest - compute);
            state.stepDone(result);
            return result;
        }
    }

    private static Iterator<Partial> compute(
            WorkerSpec spec,
            int worker,
            int workers,
            Iterator<WorkerBlocks.Local> blocks,
            long step,
            Broadcast<PackedFloats> parameters) {
        float[] values = parameters.value().values();
        WorkerBlocks.Local local = blocks.next();
        ShardWorker.Sum sum =
                ShardWorker.withWorker(spec, w -> w.step(worker, w.blocks(local, worker, workers), step, values));
        return List.of(new Partial(worker, new PackedFloats(sum.gradient()), sum.losses(), sum.seconds()))
                .iterator();
    }

    /**
     * Throws if {@code vectors} vectors of {@code parameters} floats, sent to the driver at once, exceed {@code limit}
     * bytes; 0 means no limit.
     */
    public static void requireResultSize(String exchange, int vectors, int parameters, long limit) {
        long needed = vectors * (4L * parameters + 4096);
        if (limit > 0 && needed > limit) {
            throw new IllegalArgumentException(
                    "exchange: %s sends %s MB to the driver at once (%s vectors of %s parameters), but spark.driver.maxResultSize is %s MB. Raise it to %sm or more"
                            .formatted(exchange, needed >> 20, vectors, parameters, limit >> 20, (needed >> 20) + 1));
        }
    }

    @Override
    public void close() {
        blocks.drop();
    }
}
