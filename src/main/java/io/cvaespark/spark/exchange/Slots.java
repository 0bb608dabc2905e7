package io.cvaespark.spark.exchange;

import io.cvaespark.spark.internal.ClusterView;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Counts the cluster's task slots, waits for them within bounds, and places workers on executors. */
public final class Slots {
    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final long LOOK_EVERY_MILLIS = 200;
    private static final long TELL_EVERY_NANOS = 15_000_000_000L;

    private final SparkContext spark;
    private final long timeoutSeconds;
    private final long patienceSeconds;

    public Slots(SparkContext spark) {
        this.spark = spark;
        SparkConf conf = spark.conf();
        this.timeoutSeconds = conf.getTimeAsSeconds("spark.cvae.slots.timeout", "10min");
        this.patienceSeconds = conf.getTimeAsSeconds("spark.cvae.slots.wait", "30s");
    }

    /** Waits for the first slots of {@code spark}'s cluster, so that what is missing is said in words of ours. */
    public static void await(SparkSession spark) {
        int unused = new Slots(spark.sparkContext()).await();
    }

    /** Tasks that can run at once, now. */
    int now() {
        return ClusterView.slots(spark);
    }

    /**
     * Waits until there is a slot, and a while for as many as the settings ask for.
     *
     * @return the slots there are then, at least 1
     * @throws IllegalStateException when there is none in time
     */
    public int await() {
        int asked = asked(spark.conf());
        long begin = System.nanoTime();
        long told = begin;
        while (true) {
            int slots = now();
            long waited = System.nanoTime() - begin;
            if (slots >= Math.max(1, asked) || (slots >= 1 && waited > patienceSeconds * 1e9)) {
                if (slots < asked) {
                    LOG.warn(
                            "The cluster gives {} task slots, the settings ask for {}: training goes on with what there is, and uses more from the next round on when they come",
                            slots,
                            asked);
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
            if (System.nanoTime() - told > TELL_EVERY_NANOS) {
                told = System.nanoTime();
                LOG.info("Waiting for task slots: {} of {} ({} s)", slots, Math.max(1, asked), waited / 1_000_000_000L);
            }
            sleep(LOOK_EVERY_MILLIS);
        }
    }

    /** Slots that the settings ask the cluster for; 0 when they leave it open. */
    static int asked(SparkConf conf) {
        int perTask = conf.getInt("spark.task.cpus", 1);
        int instances = conf.getInt("spark.executor.instances", 0);
        int cores = conf.getInt("spark.executor.cores", 0);
        int most = conf.getInt("spark.cores.max", 0);
        int byInstances = instances * (Math.max(cores, perTask) / perTask);
        int byCores = most / perTask;
        return byInstances > 0 && byCores > 0 ? Math.min(byInstances, byCores) : Math.max(byInstances, byCores);
    }

    /** The workers that {@code shards} shards and {@code slots} slots allow: a power of two. */
    public static int workers(int shards, int slots) {
        return Math.min(shards, Integer.highestOneBit(Math.max(1, slots)));
    }

    /** Where each worker should run: neighbours on one executor, so that it sends one sum for all of its workers. */
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
