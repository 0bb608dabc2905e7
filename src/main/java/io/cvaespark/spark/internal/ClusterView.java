package io.cvaespark.spark.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.ExecutorCacheTaskLocation;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.jdk.javaapi.CollectionConverters;

/** The driver's view of the cluster's executors. */
public final class ClusterView {
    private ClusterView() {}

    /**
     * An executor that is alive.
     *
     * @param slots the number of tasks that it can run at once
     */
    public record Executor(String id, String host, int slots) {
        /** The executor as the preferred location of a partition. */
        public String location() {
            return new ExecutorCacheTaskLocation(host, id).toString();
        }
    }

    /** The number of tasks that can run at once now. */
    public static int slots(SparkContext spark) {
        return spark.maxNumConcurrentTasks(spark.resourceProfileManager().defaultResourceProfile());
    }

    /** The executors, sorted by host and id. In local mode there are none, because the driver runs the tasks. */
    public static List<Executor> executors(SparkContext spark) {
        List<Executor> executors = new ArrayList<>();
        for (ExecutorSummary executor :
                CollectionConverters.asJava(spark.statusStore().executorList(true))) {
            if (executor.maxTasks() > 0 && !executor.id().equals("driver")) {
                // An executor that has just registered has no port yet.
                String host = executor.hostPort().replaceFirst(":\\d+$", "");
                executors.add(new Executor(executor.id(), host, executor.maxTasks()));
            }
        }
        executors.sort(Comparator.comparing(Executor::host)
                .thenComparing((Executor e) -> e.id().length())
                .thenComparing(Executor::id));
        return executors;
    }

    /** The executors that are being decommissioned but still run. */
    public static List<String> decommissioning(SparkContext spark) {
        return executors(spark).stream()
                .map(Executor::id)
                .filter(id ->
                        spark.taskScheduler().getExecutorDecommissionState(id).isDefined())
                .toList();
    }
}
