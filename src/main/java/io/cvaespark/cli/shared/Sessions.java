package io.cvaespark.cli.shared;

import io.cvaespark.spark.exchange.Slots;
import io.cvaespark.store.BuildInfo;
import org.apache.spark.sql.SparkSession;

/** The Spark session of this process. */
public final class Sessions {
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

    public static void stop() {
        SparkSession.getActiveSession().foreach(session -> {
            session.stop();
            return null;
        });
    }
}
