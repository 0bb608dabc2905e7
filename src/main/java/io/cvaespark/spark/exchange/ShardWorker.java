package io.cvaespark.spark.exchange;

import io.cvaespark.batch.EpochOrder;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.LossSums;
import io.cvaespark.model.Objectives;
import io.cvaespark.spark.shards.WorkerBlocks;
import io.cvaespark.train.GradientTree;
import io.cvaespark.train.ShardStep;
import io.cvaespark.train.TrainingPlan;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of one worker's shards. Its buffers stay in the executor from step to step.
 *
 * <p>Each task thread has its own worker. Spark serialises a task's result in the thread that ran the task, so the
 * buffer in the result can be used again when this thread starts its next task. A worker is held by a soft reference,
 * so that the executor can free the memory of a training that has ended.
 */
final class ShardWorker {
    private static final ThreadLocal<Map<UUID, SoftReference<ShardWorker>>> WORKERS_OF_THREAD =
            ThreadLocal.withInitial(HashMap::new);

    private final WorkerSpec spec;
    private final TrainingPlan plan;
    private final ShardStep shardStep;
    private final GradientTree tree;
    private float @Nullable [] lastSum;
    private int orderEpoch = -1;
    private final Map<Integer, EpochOrder> orders = new HashMap<>();

    /**
     * The result of a worker in one step.
     *
     * @param gradient the sum of the gradients of its shards
     * @param losses the losses of each shard
     * @param seconds the time of the arithmetic
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Sum(float[] gradient, List<LossSums> losses, double seconds) {}

    private ShardWorker(WorkerSpec spec) {
        this.spec = spec;
        this.plan = spec.plan();
        CvaeNetwork network = new CvaeNetwork(spec.architecture());
        this.shardStep = new ShardStep(
                network,
                Objectives.of(spec.architecture(), (float) spec.config().freeBits()),
                spec.schema(),
                spec.dealing(),
                spec.config().seed(),
                spec.config().augment(),
                new Workspace(Blas.of(spec.config().blas())));
        this.tree = new GradientTree(network.parameterCount(), true);
    }

    /**
     * Runs {@code work} with this thread's worker for the training. A worker is not used again after its work has
     * failed.
     */
    static <T> T withWorker(WorkerSpec spec, Function<ShardWorker, T> work) {
        Map<UUID, SoftReference<ShardWorker>> workers = WORKERS_OF_THREAD.get();
        SoftReference<ShardWorker> kept = workers.remove(spec.trainingId());
        ShardWorker worker = kept == null ? null : kept.get();
        if (worker == null) {
            workers.values().removeIf(reference -> reference.get() == null);
            worker = new ShardWorker(spec);
        }
        T result = work.apply(worker);
        workers.put(spec.trainingId(), new SoftReference<>(worker));
        return result;
    }

    TrainingPlan plan() {
        return plan;
    }

    /** Returns access to the blocks of each shard of worker {@code worker} of {@code workers}. */
    List<ShardStep.Blocks> blocks(WorkerBlocks.Local local, int worker, int workers) {
        int shards = spec.dealing().shards() / workers;
        List<ShardStep.Blocks> blocks = new ArrayList<>();
        for (int s = 0; s < shards; s++) {
            blocks.add(local.shard(worker * shards + s));
        }
        return blocks;
    }

    /**
     * Computes the sum of the gradients of a worker's shards in one step. The gradient is valid until this thread's
     * next step.
     *
     * @param blocks the blocks of the worker's shards, from {@link #blocks}
     * @param step the number of the step, from 0
     */
    Sum step(int worker, List<ShardStep.Blocks> blocks, long step, float[] parameters) {
        long start = System.nanoTime();
        int epoch = plan.epochOf(step);
        int shards = blocks.size();
        if (lastSum != null) {
            tree.release(lastSum);
        }
        List<LossSums> losses = new ArrayList<>(shards);
        for (int s = 0; s < shards; s++) {
            int shard = worker * shards + s;
            float[] gradient = tree.buffer();
            losses.add(shardStep.run(
                    blocks.get(s),
                    shard,
                    order(shard, epoch),
                    epoch,
                    plan.stepInEpoch(step),
                    parameters,
                    plan.beta(step),
                    gradient));
            tree.push(gradient, 1);
        }
        float[] sum = tree.root(shards);
        lastSum = sum;
        return new Sum(sum, losses, (System.nanoTime() - start) * 1e-9);
    }

    private EpochOrder order(int shard, int epoch) {
        if (epoch != orderEpoch) {
            orders.clear();
            orderEpoch = epoch;
        }
        return orders.computeIfAbsent(shard, s -> shardStep.order(s, epoch));
    }
}
