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
 * The node of this executor in one attempt of a round, shared by the round's tasks here: opened by the first, closed by the
 * last.
 */
public final class SharedNode {
    private static final Map<Key, SharedNode> OPEN = new HashMap<>();

    private record Key(UUID run, long attempt) {}

    private final Key key;
    private final @Nullable PeerLinks links;
    private final Address address;
    private int tasks;
    private @Nullable AllReduceNode node;

    private SharedNode(Key key) {
        this.key = key;
        String executor = SparkEnv.get().executorId();
        boolean local = executor.equals("driver");
        this.links = local ? null : new PeerLinks(key.run(), key.attempt());
        this.address = links == null ? new Address(executor, "local", 0) : links.address();
    }

    /** Joins the round's attempt; a task of an earlier attempt that still runs here is told to stop. */
    static SharedNode join(UUID run, long attempt) {
        synchronized (OPEN) {
            for (SharedNode other : List.copyOf(OPEN.values())) {
                if (other.key.run().equals(run) && other.key.attempt() < attempt) {
                    other.fail("a later attempt of the round has begun", null);
                }
            }
            SharedNode shared = OPEN.computeIfAbsent(new Key(run, attempt), SharedNode::new);
            shared.tasks++;
            return shared;
        }
    }

    /** What the other tasks must know of this one. */
    public String address() {
        return address.text();
    }

    /**
     * This executor's node, made by the first task that asks.
     *
     * @param addresses what {@link #address} gave, of every worker in order of rank
     * @param state the parameters and moments that the round begins with; a node makes copies
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
                    () -> TaskContext.get() != null && TaskContext.get().isInterrupted(),
                    timeoutNanos);
            node = opened;
            if (links != null) {
                links.connect(distinct(addresses), self, opened);
            }
        }
        return opened;
    }

    /** Who takes part, by the addresses of the workers in order of rank. */
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

    /** Ends the round for all of its tasks. */
    synchronized void fail(String reason, @Nullable Throwable cause) {
        if (node != null) {
            node.fail(reason, cause);
        }
    }

    /** Leaves; the last task to do so closes the port. */
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

    /** Runs {@code work} between joining and leaving; when it throws, the others hear why. */
    public static <T> T with(UUID run, long attempt, Function<SharedNode, T> work) {
        SharedNode shared = join(run, attempt);
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
