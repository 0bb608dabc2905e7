package io.cvaespark.cli.shared;

import io.cvaespark.store.HadoopFiles;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks if the executors see what the driver writes to a local path: the driver writes a small file there, and tasks look for it.
 *
 * <p>What they do not see lies on the disk of the driver alone. In cluster mode that disk goes with the driver's container.
 */
public final class OutputProbe {
    private static final Logger LOG = LoggerFactory.getLogger(OutputProbe.class);
    private static final int LOOKS = 10;
    private static final long BETWEEN_LOOKS_MILLIS = 200;

    private OutputProbe() {}

    /**
     * Warns if executors do not see the directory, or the nearest one above it that exists.
     *
     * @param output what is to be written, for messages
     * @throws IllegalArgumentException in cluster mode, if they do not see it
     */
    static void requireSeen(SparkSession session, Path directory, String output) {
        SparkContext spark = session.sparkContext();
        if (spark.isLocal()) {
            return;
        }
        List<String> blind;
        try {
            FileSystem fs = directory.getFileSystem(spark.hadoopConfiguration());
            if (!HadoopFiles.isLocal(fs)) {
                return;
            }
            Path nearest = fs.makeQualified(directory);
            while (!fs.exists(nearest)) {
                nearest = Objects.requireNonNull(nearest.getParent());
            }
            Path probe = new Path(nearest, ".cvae-probe-" + UUID.randomUUID());
            try {
                fs.create(probe, false).close();
                blind = hostsWithout(spark, probe.toUri().getPath());
            } finally {
                fs.delete(probe, false);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written: %s".formatted(output, e.getMessage()), e);
        }
        if (blind.isEmpty()) {
            return;
        }
        if (spark.deployMode().equals("cluster")) {
            throw new IllegalArgumentException(
                    "%s is on the disk of the driver, which goes with the driver's container and which executors on %s do not see. Give a path on a file system that all machines share, such as hdfs:// or s3a://"
                            .formatted(output, String.join(", ", blind)));
        }
        LOG.warn(
                "{} is a local path, but the master is {}: every machine writes to its own disk, and executors on {} do not see what the driver writes. Use a shared file system, such as hdfs:// or s3a://",
                output,
                spark.master(),
                String.join(", ", blind));
    }

    /** As {@link #requireSeen(SparkSession, Path, String)}, of the directory {@code output} itself. */
    public static void requireSeen(SparkSession session, String output) {
        requireSeen(session, new Path(output), output);
    }

    /** The executors' machines that do not see the file, sorted. */
    private static List<String> hostsWithout(SparkContext spark, String file) {
        // More tasks than slots: while one looks, the next goes to another executor.
        int tasks = 2 * spark.defaultParallelism();
        List<Integer> numbers = IntStream.range(0, tasks).boxed().toList();
        return JavaSparkContext.fromSparkContext(spark)
                .parallelize(numbers, tasks)
                .mapPartitions(unused -> hostIfMissing(file))
                .distinct()
                .collect()
                .stream()
                .sorted()
                .toList();
    }

    private static Iterator<String> hostIfMissing(String file) throws Exception {
        for (int i = 0; i < LOOKS; i++) {
            if (new File(file).exists()) {
                return List.<String>of().iterator();
            }
            Thread.sleep(BETWEEN_LOOKS_MILLIS);
        }
        return List.of(InetAddress.getLocalHost().getHostName()).iterator();
    }
}
