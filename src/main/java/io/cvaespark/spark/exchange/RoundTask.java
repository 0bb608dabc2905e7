package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.model.LossSums;
import io.cvaespark.spark.internal.Rendezvous;
import io.cvaespark.spark.shards.WorkerBlocks;
import io.cvaespark.train.ShardStep;
import io.cvaespark.train.allreduce.AllReduceNode;
import io.cvaespark.train.allreduce.Membership;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.BarrierTaskContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * One worker's task in a round, which runs in a barrier stage of W tasks.
 *
 * <p>The tasks exchange their addresses, connect to each other, do the steps of the round, and return the new state.
 *
 * @param attempt the number of the driver's attempt
 * @param timeoutNanos the longest wait for a peer
 */
record RoundTask(
        WorkerSpec spec, Broadcast<RoundState> state, long attempt, long fromStep, long toStep, long timeoutNanos)
        implements Serializable {

    /** Does the steps of the round with the blocks {@code local} of this worker's shards. */
    RoundPart trainRound(WorkerBlocks.Local local) {
        BarrierTaskContext context = BarrierTaskContext.get();
        // Spark may repeat a stage by itself. Tasks of the first run that still live must not disturb the second.
        long number = attempt << 8 | context.stageAttemptNumber();
        int rank = context.partitionId();
        int workers = context.getTaskInfos().length;
        Rendezvous.Participant participant = new Rendezvous.Participant(rendezvousName(spec), context::isInterrupted);
        return SharedNode.whileJoined(
                spec.trainingId(),
                number,
                shared -> ShardWorker.withWorker(spec, worker -> {
                    String[] addresses = participant.allGather(number + " opens", rank, workers, shared.address());
                    AllReduceNode node = shared.open(addresses, worker.plan(), state.value(), fromStep, timeoutNanos);
                    Membership members = SharedNode.members(
                            addresses, state.value().parameters().values().length);
                    String[] ready = participant.allGather(number + " begins", rank, workers, "");
                    RoundPart part = trainSteps(worker, local, node, members, rank);
                    // After this point no task needs a message of another task.
                    String[] done = participant.allGather(number + " ends", rank, workers, "");
                    return part;
                }));
    }

    /** The name of the training's {@link Rendezvous}. */
    static String rendezvousName(WorkerSpec spec) {
        return "cvae-" + spec.trainingId();
    }

    private RoundPart trainSteps(
            ShardWorker worker, WorkerBlocks.Local local, AllReduceNode node, Membership members, int rank) {
        int self = members.nodeOf(rank);
        int index = members.ranks(self).indexOf(rank);
        List<ShardStep.Blocks> blocks = worker.blocks(local, rank, members.workers());
        int steps = Math.toIntExact(toStep - fromStep);
        List<List<LossSums>> losses = new ArrayList<>(steps);
        double[] compute = new double[steps];
        double[] wall = new double[steps];
        long begin = System.nanoTime();
        for (int i = 0; i < steps; i++) {
            ShardWorker.Sum sum = worker.step(rank, blocks, fromStep + i, node.parameters());
            losses.add(sum.losses());
            compute[i] = sum.seconds();
            node.step(index, sum.gradient(), fromStep + i);
            long end = System.nanoTime();
            wall[i] = (end - begin) * 1e-9;
            begin = end;
        }
        RoundPart.Slice slice = null;
        if (index == 0) {
            int start = members.sliceStart(self);
            slice = new RoundPart.Slice(
                    start,
                    new PackedFloats(Arrays.copyOfRange(node.parameters(), start, members.sliceEnd(self))),
                    Arrays.stream(node.moments()).map(PackedFloats::new).toList());
        }
        return new RoundPart(rank, slice, losses, compute, wall);
    }
}
