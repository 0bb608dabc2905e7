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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * Computes the gradient of one worker's shards, with buffers that live from step to step in the executor.
 *
 * <p>Tasks borrow one and give it back. What is not in use is only softly reachable, so a training that has ended leaves
 * nothing behind that the executor needs.
 */
final class ShardWorker {
    private static final Map<String, Deque<SoftReference<ShardWorker>>> IDLE = new ConcurrentHashMap<>();

    private final WorkerSpec spec;
    private final ShardStep shardStep;
    private final GradientTree tree;
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

    /** Runs {@code work} with an idle worker of the training, or a new one. */
    static <T> T borrow(WorkerSpec spec, Function<ShardWorker, T> work) {
        Deque<SoftReference<ShardWorker>> idle = IDLE.computeIfAbsent(spec.run(), run -> new ArrayDeque<>());
        ShardWorker worker = null;
        synchronized (idle) {
            while (worker == null && !idle.isEmpty()) {
                worker = idle.pop().get();
            }
        }
        if (worker == null) {
            worker = new ShardWorker(spec);
        }
        T result = work.apply(worker);
        synchronized (idle) {
            idle.push(new SoftReference<>(worker));
        }
        return result;
    }

    /** Forgets the workers of a training that has ended, in this JVM. */
    static void forget(String run) {
        IDLE.remove(run);
    }

    /** The sum of the gradients of worker {@code worker}'s shards in one step. */
    DriverExchange.Partial step(int worker, List<Block> blocks, int epoch, int step, float[] parameters, double beta) {
        long start = System.nanoTime();
        int shards = spec.dealing().shards() / spec.workers();
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
