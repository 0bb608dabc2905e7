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
 * A rendezvous of a round's tasks at the driver: each task sends a value, and all tasks receive the values of all when
 * the last one has arrived.
 *
 * <p>It uses Spark's own connection to the driver. {@code BarrierTaskContext.allGather} does the same, but a task there
 * sleeps for a second before it checks if the others have arrived.
 *
 * <p>Messages are arrays of classes of the Java platform, because they are read by Spark's own threads, which cannot
 * load classes of a user's jar.
 */
public final class Rendezvous implements RpcEndpoint, AutoCloseable {
    private static final long CHECK_INTERVAL_MILLIS = 100;

    private final RpcEnv environment;
    private final RpcEndpointRef reference;
    private final Map<String, Gathering> gatherings = new HashMap<>();

    /** Opens a rendezvous on the driver; tasks find it by its {@code name}. */
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
                return message instanceof Object[] fields && fields.length == 4;
            }

            @Override
            public BoxedUnit apply(Object message) {
                Object[] fields = (Object[]) message;
                addValue((String) fields[0], (int) fields[1], (int) fields[2], (String) fields[3], caller);
                return BoxedUnit.UNIT;
            }
        };
    }

    private synchronized void addValue(String name, int rank, int participants, String value, RpcCallContext caller) {
        Gathering gathering = gatherings.computeIfAbsent(name, n -> new Gathering(participants));
        gathering.values[rank] = value;
        gathering.callers.put(rank, caller);
        if (gathering.callers.size() == participants) {
            gatherings.remove(name);
            gathering.callers.values().forEach(c -> c.reply(gathering.values));
        }
    }

    /** Removes all incomplete gatherings, after an attempt has failed. */
    public synchronized void clear() {
        gatherings.clear();
    }

    @Override
    public void close() {
        environment.stop(reference);
    }

    /** The values that have arrived for one call of {@link Participant#allGather}. */
    private static final class Gathering {
        private final String[] values;
        private final Map<Integer, RpcCallContext> callers = new HashMap<>();

        Gathering(int participants) {
            values = new String[participants];
        }
    }

    /** A task's connection to the driver's rendezvous. */
    public static final class Participant {
        private final RpcEndpointRef driver;
        private final BooleanSupplier killed;

        /** @param killed true if the task must stop */
        public Participant(String name, BooleanSupplier killed) {
            SparkEnv environment = SparkEnv.get();
            this.driver = RpcUtils$.MODULE$.makeDriverRef(name, environment.conf(), environment.rpcEnv());
            this.killed = killed;
        }

        /**
         * Sends {@code value} and waits for the values of the other tasks.
         *
         * @param gathering the name of this exchange of values, the same for all tasks
         * @param rank the number of this task among the {@code participants} tasks
         * @return the values of all tasks, by rank
         */
        public String[] allGather(String gathering, int rank, int participants, String value) {
            ClassTag<String[]> tag = ClassTag$.MODULE$.apply(String[].class);
            var answer = FutureConverters.asJava(driver.ask(
                            new Object[] {gathering, rank, participants, value},
                            RpcUtils$.MODULE$.INFINITE_TIMEOUT(),
                            tag))
                    .toCompletableFuture();
            try {
                while (true) {
                    try {
                        return answer.get(CHECK_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
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
