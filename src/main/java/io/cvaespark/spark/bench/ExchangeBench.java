package io.cvaespark.spark.bench;

import io.cvaespark.spark.exchange.Barriers;
import io.cvaespark.spark.exchange.RoundState;
import io.cvaespark.spark.exchange.SharedNode;
import io.cvaespark.spark.exchange.WorkerSpec;
import io.cvaespark.spark.internal.Rendezvous;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import io.cvaespark.train.allreduce.AllReduceNode;
import io.cvaespark.train.allreduce.Membership;
import java.io.Serializable;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/** A benchmark of the exchange alone, with steps that compute no gradients. */
final class ExchangeBench {
    private static final long TIMEOUT_NANOS = 120_000_000_000L;
    /** The number of floats to exchange before the measurement, so that the JVM has compiled the code. */
    private static final long WARM_UP_FLOATS = 1_000_000_000;

    private static final int FEWEST_WARM_UP_STEPS = 60;
    private static final int MOST_WARM_UP_STEPS = 2000;

    private ExchangeBench() {}

    /**
     * The result of a measurement.
     *
     * @param workers W, the number of workers
     * @param executors the number of executors that they ran on
     * @param exchangeMillis the time of the exchange in a step, including the optimiser
     */
    record Result(int workers, int executors, double exchangeMillis) implements Serializable {}

    /** Measures {@code steps} exchanges of {@code parameters} floats among {@code workers} workers. */
    static Result measure(JavaSparkContext spark, TrainingPlan plan, int parameters, int workers, int steps) {
        UUID trainingId = UUID.randomUUID();
        TrainingState state = new TrainingState(new float[parameters], plan.moments());
        Broadcast<RoundState> start = spark.broadcast(RoundState.of(plan, state));
        WorkerSpec.Plan recipe = new WorkerSpec.Plan(plan.config(), plan.dealing());
        try (Rendezvous rendezvous = new Rendezvous(spark.sc(), "cvae-" + trainingId)) {
            List<Result> results = Barriers.map(
                            spark.parallelize(Collections.nCopies(workers, 0), workers)
                                    .rdd(),
                            unused -> measureInTask(trainingId, recipe.plan(), start, steps))
                    .collect();
            rendezvous.clear();
            return results.get(0);
        } finally {
            start.destroy();
        }
    }

    private static Result measureInTask(UUID trainingId, TrainingPlan plan, Broadcast<RoundState> start, int steps) {
        BarrierTaskContext context = BarrierTaskContext.get();
        int rank = context.partitionId();
        int workers = context.getTaskInfos().length;
        Rendezvous.Participant participant = new Rendezvous.Participant("cvae-" + trainingId, context::isInterrupted);
        return SharedNode.whileJoined(trainingId, 0, shared -> {
            String[] addresses = participant.allGather("opens", rank, workers, shared.address());
            AllReduceNode node = shared.open(addresses, plan, start.value(), 0, TIMEOUT_NANOS);
            Membership members = SharedNode.members(addresses, node.parameters().length);
            int self = members.nodeOf(rank);
            int index = members.ranks(self).indexOf(rank);
            float[] gradient = new float[members.parameters()];
            String[] ready = participant.allGather("begins", rank, workers, "");
            int warmUp = (int)
                    Math.max(FEWEST_WARM_UP_STEPS, Math.min(WARM_UP_FLOATS / members.parameters(), MOST_WARM_UP_STEPS));
            for (int i = 0; i < warmUp; i++) {
                node.step(index, gradient, i);
            }
            String[] warm = participant.allGather("warm exchange", rank, workers, "");
            long begin = System.nanoTime();
            for (int i = 0; i < steps; i++) {
                node.step(index, gradient, warmUp + i);
            }
            double millis = (System.nanoTime() - begin) * 1e-6 / steps;
            String[] done = participant.allGather("exchanged", rank, workers, "");
            String[] ends = participant.allGather("ends", rank, workers, "");
            return new Result(workers, members.nodes(), millis);
        });
    }
}
