package io.cvaespark.spark.training;

import io.cvaespark.store.RunLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;

/** Takes the lock of a directory for this Spark application. */
public final class RunLocks {
    private RunLocks() {}

    /**
     * Takes the lock of {@code directory}; see {@link RunLock}.
     *
     * @throws IllegalStateException if another training holds it
     */
    public static RunLock take(SparkSession session, String directory) {
        SparkContext spark = session.sparkContext();
        String attempt = spark.applicationAttemptId().isDefined()
                ? spark.applicationAttemptId().get()
                : null;
        try {
            return RunLock.take(spark.hadoopConfiguration(), new Path(directory), spark.applicationId(), attempt);
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written: %s".formatted(directory, e.getMessage()), e);
        }
    }
}
