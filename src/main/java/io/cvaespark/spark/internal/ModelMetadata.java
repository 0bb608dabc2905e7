package io.cvaespark.spark.internal;

import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.util.DefaultParamsReader$;
import org.apache.spark.ml.util.DefaultParamsWriter$;
import org.apache.spark.sql.SparkSession;

/** Spark ML's metadata files, whose writer Spark keeps to itself. */
public final class ModelMetadata {
    private ModelMetadata() {}

    /** Writes {@code path/metadata}: class, uid, params. */
    public static void save(Params instance, String path, SparkSession spark) {
        DefaultParamsWriter$.MODULE$.saveMetadata(instance, path, spark);
    }

    /** The uid stored at {@code path/metadata}, which must be of class {@code className}. */
    public static String uid(String path, SparkSession spark, String className) {
        return DefaultParamsReader$.MODULE$.loadMetadata(path, spark, className).uid();
    }

    /** Sets the params stored at {@code path/metadata}. */
    public static void restoreParams(Params instance, String path, SparkSession spark, String className) {
        DefaultParamsReader$.MODULE$
                .loadMetadata(path, spark, className)
                .getAndSetParams(instance, scala.Option.empty());
    }
}
