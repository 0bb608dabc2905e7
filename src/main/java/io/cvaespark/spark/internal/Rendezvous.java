package io.cvaespark.spark.internal;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.rpc.RpcCallContext;
import org.apache.spark.rpc.RpcEndpoint;
import org.apache.spark.rpc.RpcEndpointRef;
import org.apache.spark.rpc.RpcEnv;
import org.apache.spark.util.RpcUtils$;
import scala.PartialFunction;
import scala.jdk.javaapi.FutureConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractPartialFunction;
import scala.runtime.BoxedUnit;

/**
 * Where the tasks of a round meet: each says a word to the driver and hears those of all, once all have come.
 *
 * <p>Over Spark's own connection to the driver. {@code BarrierTaskContext.allGather} does the same, but lets a task sleep for
 * a second before it looks whether the others are there.
 *
 * <p>Messages are arrays of the platform's classes: Spark's own threads, which cannot see a user's jar, read them.
 */
public final class Rendezvous implements RpcEndpoint, AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 100;

    private final RpcEnv environment;
    private final RpcEndpointRef reference;
    private final Map<String, Meeting> meetings = new HashMap<>();

    /** Opens on the driver; {@code name} is how tasks find it. */
    public Rendezvous(SparkContext spark, String name) {
        this.environment = spark.env().rpcEnv();
        this.reference = environment.setupEndpoint(name, this);
    }

    @Override
    public RpcEnv rpcEnv() {
        return environment;
    }

    @Override
    public PartialFunction<Object, BoxedUnit> receiveAndReply(RpcCallContext caller) {
        return new AbstractPartialFunction<>() {
            @Override
            public boolean isDefinedAt(Object message) {
                return message instanceof Object[] words && words.length == 4;
            }

            @Override
            public BoxedUnit apply(Object message) {
                Object[] words = (Object[]) message;
                arrive((String) words[0], (int) words[1], (int) words[2], (String) words[3], caller);
                return BoxedUnit.UNIT;
            }
        };
    }

    private synchronized void arrive(String meeting, int place, int places, String word, RpcCallContext caller) {
        Meeting there = meetings.computeIfAbsent(meeting, m -> new Meeting(places));
        there.words[place] = word;
        there.callers.put(place, caller);
        if (there.callers.size() == places) {
            meetings.remove(meeting);
            there.callers.values().forEach(c -> c.reply(there.words));
        }
    }

    /** Forgets meetings that will not take place, because their attempt has failed. */
    public synchronized void clear() {
        meetings.clear();
    }

    @Override
    public void close() {
        environment.stop(reference);
    }

    private static final class Meeting {
        private final String[] words;
        private final Map<Integer, RpcCallContext> callers = new HashMap<>();

        Meeting(int places) {
            words = new String[places];
        }
    }

    /** A task's way to the driver's rendezvous. */
    public static final class Participant {
        private final RpcEndpointRef driver;
        private final BooleanSupplier killed;

        /** @param killed whether the task is to end */
        public Participant(String name, BooleanSupplier killed) {
            SparkEnv environment = SparkEnv.get();
            this.driver = RpcUtils$.MODULE$.makeDriverRef(name, environment.conf(), environment.rpcEnv());
            this.killed = killed;
        }

        /**
         * Waits for the others.
         *
         * @param meeting its name, the same for all
         * @param place which of {@code places} this task is
         * @return every task's word, by place
         */
        public String[] allGather(String meeting, int place, int places, String word) {
            ClassTag<String[]> tag = ClassTag$.MODULE$.apply(String[].class);
            var answer = FutureConverters.asJava(driver.ask(
                            new Object[] {meeting, place, places, word}, RpcUtils$.MODULE$.INFINITE_TIMEOUT(), tag))
                    .toCompletableFuture();
            try {
                while (true) {
                    try {
                        return answer.get(LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
                    } catch (TimeoutException e) {
                        if (killed.getAsBoolean()) {
                            throw new IllegalStateException("The worker was told to stop", e);
                        }
                    }
                }
            } catch (ExecutionException e) {
                throw new IllegalStateException("The driver cannot be reached: " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("The worker was interrupted", e);
            }
        }
    }
}
