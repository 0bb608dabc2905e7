package io.cvaespark.train.allreduce;

import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Nodes in one process, a thread for each worker and one for what each node receives.
 *
 * <p>A message is read from its sender's buffer only when it is delivered, and in pieces that cut numbers: what is
 * overwritten too early shows.
 */
final class MemoryCluster implements AutoCloseable {
    private static final int PIECE_BYTES = 4099;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final Membership members;
    private final long firstStep;
    private final List<AllReduceNode> nodes = new ArrayList<>();
    private final List<ExecutorService> deliveries = new ArrayList<>();
    private final ExecutorService workers = Executors.newCachedThreadPool();

    /** Writes one worker's gradient of a step. */
    interface Work {
        void gradient(int rank, long step, float[] parameters, float[] gradient);
    }

    /**
     * @param placement names the node of each worker by a letter
     * @param start before step {@code firstStep}; nodes make copies
     */
    MemoryCluster(TrainingPlan plan, String placement, TrainingState start, long firstStep, BooleanSupplier killed) {
        this.members = members(placement, start.parameters().length);
        this.firstStep = firstStep;
        for (int node = 0; node < members.nodes(); node++) {
            int from = node;
            float[][] moments = Arrays.stream(start.moments())
                    .map(m -> Arrays.copyOfRange(m, members.sliceStart(from), members.sliceEnd(from)))
                    .toArray(float[][]::new);
            deliveries.add(new ThreadPoolExecutor(
                    1, 1, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new ThreadPoolExecutor.DiscardPolicy()));
            nodes.add(new AllReduceNode(
                    plan,
                    members,
                    node,
                    (peer, kind, step, content, sent) ->
                            deliveries.get(peer).execute(() -> deliver(from, peer, kind, step, content, sent)),
                    start.parameters().clone(),
                    moments,
                    firstStep,
                    1,
                    killed,
                    TIMEOUT_NANOS));
        }
    }

    /** The members of a placement: equal letters are workers of one node. */
    static Membership members(String placement, int parameters) {
        return new Membership(placement.chars().mapToObj(Character::toString).toList(), parameters);
    }

    private void deliver(int from, int to, Links.Kind kind, long step, ByteBuffer content, Runnable sent) {
        AllReduceNode node = nodes.get(to);
        try {
            Links.Inbound inbound = node.receive(from, kind, step);
            for (int at = 0; at < content.limit(); at += PIECE_BYTES) {
                inbound.accept(content.slice(at, Math.min(PIECE_BYTES, content.limit() - at)));
            }
            inbound.complete();
            sent.run();
        } catch (RuntimeException e) {
            node.fail(e.toString(), e);
        }
    }

    Membership members() {
        return members;
    }

    AllReduceNode node(int node) {
        return nodes.get(node);
    }

    /** Lets worker {@code rank} take {@code steps} steps; when it fails, its node hears why. */
    CompletableFuture<Void> start(int rank, int steps, Work work) {
        int self = members.nodeOf(rank);
        AllReduceNode node = nodes.get(self);
        int index = members.ranks(self).indexOf(rank);
        return CompletableFuture.runAsync(
                () -> {
                    float[] gradient = new float[members.parameters()];
                    try {
                        for (long step = firstStep; step < firstStep + steps; step++) {
                            work.gradient(rank, step, node.parameters(), gradient);
                            node.step(index, gradient, step);
                        }
                    } catch (RuntimeException | Error e) {
                        node.fail(e.toString(), e);
                        throw e;
                    }
                },
                workers);
    }

    /** The same for all workers. */
    List<CompletableFuture<Void>> startAll(int steps, Work work) {
        List<CompletableFuture<Void>> started = new ArrayList<>();
        for (int rank = 0; rank < members.workers(); rank++) {
            started.add(start(rank, steps, work));
        }
        return started;
    }

    @Override
    public void close() {
        workers.shutdownNow();
        deliveries.forEach(ExecutorService::shutdownNow);
    }
}
