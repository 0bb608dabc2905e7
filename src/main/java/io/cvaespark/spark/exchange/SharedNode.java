package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.spark.internal.PeerLinks;
import io.cvaespark.spark.internal.PeerLinks.Address;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.allreduce.AllReduceNode;
import io.cvaespark.train.allreduce.Links;
import io.cvaespark.train.allreduce.Membership;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.jspecify.annotations.Nullable;

/**
 * The node of this executor in one attempt of a round. All tasks of the round on this executor share it: the first task
 * opens it, and the last one closes it.
 */
public final class SharedNode {
    private static final Map<Key, SharedNode> OPEN = new HashMap<>();

    private record Key(UUID trainingId, long attempt) {}

    private final Key key;
    private final @Nullable PeerLinks links;
    private final Address address;
    private int tasks;
    private @Nullable AllReduceNode node;

    private SharedNode(Key key) {
        this.key = key;
        String executor = SparkEnv.get().executorId();
        boolean local = executor.equals("driver");
        this.links = local ? null : new PeerLinks(key.trainingId(), key.attempt());
        this.address = links == null ? new Address(executor, "local", 0) : links.address();
    }

    /** Joins the attempt of a round. Tasks of an earlier attempt that still run on this executor are told to stop. */
    static SharedNode join(UUID trainingId, long attempt) {
        synchronized (OPEN) {
            for (SharedNode other : List.copyOf(OPEN.values())) {
                if (other.key.trainingId().equals(trainingId) && other.key.attempt() < attempt) {
                    other.fail("a later attempt of the round has begun", null);
                }
            }
            SharedNode shared = OPEN.computeIfAbsent(new Key(trainingId, attempt), SharedNode::new);
            shared.tasks++;
            return shared;
        }
    }

    /** The address of this node, which the other tasks need. */
    public String address() {
        return address.text();
    }

    /**
     * Returns this executor's node; the first task that calls this creates it.
     *
     * @param addresses the {@link #address} of every worker, in the order of the ranks
     * @param state the parameters and moments at the beginning of the round; the node copies them
     */
    public synchronized AllReduceNode open(
            String[] addresses, TrainingPlan plan, RoundState state, long firstStep, long timeoutNanos) {
        AllReduceNode opened = node;
        if (opened == null) {
            Membership members = members(addresses, state.parameters().values().length);
            int self = members.node(address.name());
            List<float[]> moments = new ArrayList<>();
            for (PackedFloats moment : state.moments()) {
                moments.add(Arrays.copyOfRange(moment.values(), members.sliceStart(self), members.sliceEnd(self)));
            }
            Links outward = links == null ? SharedNode::noPeer : links;
            opened = new AllReduceNode(
                    plan,
                    members,
                    self,
                    outward,
                    state.parameters().values().clone(),
                    moments.toArray(float[][]::new),
                    firstStep,
                    state.rateFactor(),
                    () -> TaskContext.get() != null && TaskContext.get().isInterrupted(),
                    timeoutNanos);
            node = opened;
            if (links != null) {
                links.connect(distinct(addresses), self, opened);
            }
        }
        return opened;
    }

    /** Returns the membership of a round from the addresses of its workers in the order of the ranks. */
    public static Membership members(String[] addresses, int parameters) {
        return new Membership(
                Arrays.stream(addresses).map(a -> Address.parse(a).name()).toList(), parameters);
    }

    private static List<Address> distinct(String[] addresses) {
        Map<String, Address> byName = new LinkedHashMap<>();
        for (String text : addresses) {
            byName.putIfAbsent(text, Address.parse(text));
        }
        return List.copyOf(byName.values());
    }

    private static void noPeer(int peer, Links.Kind kind, long step, java.nio.ByteBuffer content, Runnable sent) {
        throw new IllegalStateException("There is no node " + peer + " in local mode");
    }

    /** Ends the round for all tasks of this node. */
    synchronized void fail(String reason, @Nullable Throwable cause) {
        if (node != null) {
            node.fail(reason, cause);
        }
    }

    /** Leaves the node; the last task that leaves closes the port. */
    void leave() {
        synchronized (OPEN) {
            if (--tasks > 0) {
                return;
            }
            OPEN.remove(key);
        }
        if (links != null) {
            links.close();
        }
    }

    /** Joins, runs {@code work} and leaves. If the work throws, the reason is sent to the other tasks. */
    public static <T> T whileJoined(UUID trainingId, long attempt, Function<SharedNode, T> work) {
        SharedNode shared = join(trainingId, attempt);
        try {
            return work.apply(shared);
        } catch (RuntimeException | Error e) {
            shared.fail(e.toString(), e);
            throw e;
        } finally {
            shared.leave();
        }
    }
}
