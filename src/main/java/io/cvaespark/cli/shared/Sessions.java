package io.cvaespark.cli.shared;

import io.cvaespark.spark.exchange.Slots;
import io.cvaespark.store.BuildInfo;
import java.net.URI;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.LoggerFactory;

/** The Spark session of this process. */
public final class Sessions {
    /** A cluster on this machine, such as that of submit/local-cluster. */
    private static final Pattern ON_THIS_MACHINE = Pattern.compile("spark://(127\\.0\\.0\\.1|localhost):");

    private Sessions() {}

    /** Returns the session, which the first call creates; its application is named after the command. */
    public static SparkSession get(String command) {
        BuildInfo.requireSpark(
                org.apache.spark.package$.MODULE$.SPARK_VERSION(),
                scala.util.Properties$.MODULE$.versionNumberString());
        SparkSession spark = SparkSession.builder().appName("cvae " + command).getOrCreate();
        Slots.await(spark);
        return spark;
    }

    /**
     * Warns if {@code path} is local, so that each executor of a cluster would write to the disk of its own machine.
     */
    public static void warnAboutLocalOutput(SparkSession spark, String path) {
        boolean oneMachine = spark.sparkContext().isLocal()
                || ON_THIS_MACHINE.matcher(spark.sparkContext().master()).lookingAt();
        if (!oneMachine && isLocal(spark, path)) {
            LoggerFactory.getLogger(Sessions.class)
                    .warn(
                            "{} is a local path, but the master is {}: every machine writes to its own disk. Use a shared file system, such as hdfs:// or s3a://",
                            path,
                            spark.sparkContext().master());
        }
    }

    private static boolean isLocal(SparkSession spark, String path) {
        URI uri = new Path(path).toUri();
        String scheme = uri.getScheme() == null
                ? FileSystem.getDefaultUri(spark.sparkContext().hadoopConfiguration())
                        .getScheme()
                : uri.getScheme();
        return "file".equals(scheme);
    }

    public static void stop() {
        SparkSession.getActiveSession().foreach(session -> {
            session.stop();
            return null;
        });
    }
}
