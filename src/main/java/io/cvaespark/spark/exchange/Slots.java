package io.cvaespark.spark.exchange;

import io.cvaespark.spark.internal.ClusterView;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The task slots of the cluster: counts them, waits for them, and places workers on executors. */
public final class Slots {
    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final long CHECK_INTERVAL_MILLIS = 200;
    private static final long LOG_INTERVAL_NANOS = 15_000_000_000L;

    private final SparkContext spark;
    private final long timeoutSeconds;
    private final long patienceSeconds;

    public Slots(SparkContext spark) {
        this.spark = spark;
        SparkConf conf = spark.conf();
        this.timeoutSeconds = conf.getTimeAsSeconds("spark.cvae.slots.timeout", "10min");
        this.patienceSeconds = conf.getTimeAsSeconds("spark.cvae.slots.wait", "30s");
    }

    /** Waits for the first slots of the cluster, so that the error for a missing executor says what to do. */
    public static void await(SparkSession spark) {
        int unused = new Slots(spark.sparkContext()).await();
    }

    /** The number of tasks that can run at once now. */
    int available() {
        return ClusterView.slots(spark);
    }

    /**
     * Waits until there is a slot, and then some time for as many slots as the settings ask for.
     *
     * @return the number of available slots, at least 1
     * @throws IllegalStateException if there is no slot in time
     */
    public int await() {
        int requested = requested(spark.conf());
        long begin = System.nanoTime();
        long lastLogged = begin;
        while (true) {
            int slots = available();
            long waited = System.nanoTime() - begin;
            if (slots >= Math.max(1, requested) || (slots >= 1 && waited > patienceSeconds * 1e9)) {
                if (slots < requested) {
                    LOG.warn(
                            "The cluster gives {} task slots, the settings ask for {}: training uses these slots now, and more from the next round on if they become available",
                            slots,
                            requested);
                }
                return slots;
            }
            if (waited > timeoutSeconds * 1e9) {
                throw new IllegalStateException(
                        "The cluster at %s gave no task slot in %s s. Look at its page for free cores and memory: each executor takes spark.executor.cores and spark.executor.memory (now %s), each task spark.task.cpus (now %s). To wait longer, raise spark.cvae.slots.timeout"
                                .formatted(
                                        spark.master(),
                                        timeoutSeconds,
                                        spark.conf().get("spark.executor.memory", "1g"),
                                        spark.conf().get("spark.task.cpus", "1")));
            }
            if (System.nanoTime() - lastLogged > LOG_INTERVAL_NANOS) {
                lastLogged = System.nanoTime();
                LOG.info(
                        "Waiting for task slots: {} of {} ({} s)",
                        slots,
                        Math.max(1, requested),
                        waited / 1_000_000_000L);
            }
            sleep(CHECK_INTERVAL_MILLIS);
        }
    }

    /** The number of slots that the settings ask for; 0 if they do not say. */
    static int requested(SparkConf conf) {
        int perTask = conf.getInt("spark.task.cpus", 1);
        int instances = conf.getInt("spark.executor.instances", 0);
        int cores = conf.getInt("spark.executor.cores", 0);
        int most = conf.getInt("spark.cores.max", 0);
        int byInstances = instances * (Math.max(cores, perTask) / perTask);
        int byCores = most / perTask;
        return byInstances > 0 && byCores > 0 ? Math.min(byInstances, byCores) : Math.max(byInstances, byCores);
    }

    /**
     * The number of workers for {@code shards} shards and {@code slots} slots: the largest power of two that both
     * allow.
     */
    public static int workers(int shards, int slots) {
        return Math.min(shards, Integer.highestOneBit(Math.max(1, slots)));
    }

    /**
     * The preferred executor of each worker. Workers with neighbouring ranks share an executor, so that it sends one
     * sum for all of them.
     */
    List<String> locations(int workers) {
        return locations(ClusterView.executors(spark), workers);
    }

    static List<String> locations(List<ClusterView.Executor> executors, int workers) {
        int[] taken = new int[executors.size()];
        int placed = 0;
        boolean room = true;
        while (placed < workers && room) {
            room = false;
            for (int e = 0; e < taken.length && placed < workers; e++) {
                if (taken[e] < executors.get(e).slots()) {
                    taken[e]++;
                    placed++;
                    room = true;
                }
            }
        }
        List<String> locations = new ArrayList<>();
        if (placed == workers) {
            for (int e = 0; e < taken.length; e++) {
                for (int i = 0; i < taken[e]; i++) {
                    locations.add(executors.get(e).location());
                }
            }
        }
        return locations;
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for the cluster", e);
        }
    }
}
