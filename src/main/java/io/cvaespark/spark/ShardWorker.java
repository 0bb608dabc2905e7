package io.cvaespark.spark;

import io.cvaespark.data.Block;
import io.cvaespark.data.EpochOrder;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.Elbo;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.GradientTree;
import io.cvaespark.train.ShardStep;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Computes the gradient of one worker's shards, with buffers that live from step to step in the executor.
 *
 * <p>Each task thread keeps its own: Spark serialises a task's result in the thread that ran it, so the buffer in a result is
 * free again when that thread starts its next task. What is kept is only softly reachable, so a training that has ended
 * leaves nothing behind that the executor needs.
 */
final class ShardWorker {
    private static final ThreadLocal<Map<String, SoftReference<ShardWorker>>> OF_THREAD =
            ThreadLocal.withInitial(HashMap::new);

    private final WorkerSpec spec;
    private final ShardStep shardStep;
    private final GradientTree tree;
    private float @Nullable [] lastSum;
    private int orderEpoch = -1;
    private final Map<Integer, EpochOrder> orders = new HashMap<>();

    private ShardWorker(WorkerSpec spec) {
        this.spec = spec;
        CvaeNetwork network = new CvaeNetwork(spec.architecture());
        this.shardStep = new ShardStep(
                network,
                new Elbo(spec.freeBits()),
                spec.schema(),
                spec.dealing(),
                spec.seed(),
                new Workspace(WorkerSpec.blas(spec.blas())));
        this.tree = new GradientTree(network.parameterCount(), true);
    }

    /** Runs {@code work} with this thread's worker for the training; one whose work fails is not used again. */
    static <T> T withWorker(WorkerSpec spec, Function<ShardWorker, T> work) {
        Map<String, SoftReference<ShardWorker>> workers = OF_THREAD.get();
        SoftReference<ShardWorker> kept = workers.remove(spec.run());
        ShardWorker worker = kept == null ? null : kept.get();
        if (worker == null) {
            workers.values().removeIf(reference -> reference.get() == null);
            worker = new ShardWorker(spec);
        }
        T result = work.apply(worker);
        workers.put(spec.run(), new SoftReference<>(worker));
        return result;
    }

    /** The sum of the gradients of worker {@code worker}'s shards in one step; valid until this thread's next step. */
    DriverExchange.Partial step(int worker, List<Block> blocks, int epoch, int step, float[] parameters, double beta) {
        long start = System.nanoTime();
        int shards = spec.dealing().shards() / spec.workers();
        if (lastSum != null) {
            tree.release(lastSum);
        }
        List<LossSums> losses = new ArrayList<>(shards);
        int firstBlock = 0;
        for (int s = 0; s < shards; s++) {
            int shard = worker * shards + s;
            int from = firstBlock;
            float[] gradient = tree.buffer();
            losses.add(shardStep.run(
                    index -> blocks.get(from + index),
                    shard,
                    order(shard, epoch),
                    epoch,
                    step,
                    parameters,
                    beta,
                    gradient));
            tree.push(gradient, 1);
            firstBlock += EpochOrder.blockCount(
                    spec.dealing().shardRows(shard), Block.maxRows(spec.schema().rowWidth()));
        }
        float[] sum = tree.root(shards);
        lastSum = sum;
        return new DriverExchange.Partial(worker, new Floats(sum), losses, (System.nanoTime() - start) * 1e-9);
    }

    private EpochOrder order(int shard, int epoch) {
        if (epoch != orderEpoch) {
            orders.clear();
            orderEpoch = epoch;
        }
        return orders.computeIfAbsent(shard, s -> shardStep.order(s, epoch));
    }
}
