package io.cvaespark.spark.internal;

import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.sql.SparkSession;

/** Access to Spark ML's metadata files, whose writer and reader are private to Spark. */
public final class ModelMetadata {
    private ModelMetadata() {}

    /** Writes {@code path/metadata} with class, uid and params. */
    public static void save(Params instance, String path, SparkSession spark) {
        DefaultParamsWriter$.MODULE$.saveMetadata(instance, path, spark);
    }

    /** Returns the uid stored at {@code path/metadata}; throws if the stored class is not {@code className}. */
    public static String uid(String path, SparkSession spark, String className) {
        return DefaultParamsReader$.MODULE$.loadMetadata(path, spark, className).uid();
    }

    /** Sets the params of {@code instance} to those stored at {@code path/metadata}. */
    public static void restoreParams(Params instance, String path, SparkSession spark, String className) {
        DefaultParamsReader$.MODULE$
                .loadMetadata(path, spark, className)
                .getAndSetParams(instance, scala.Option.empty());
    }
}
