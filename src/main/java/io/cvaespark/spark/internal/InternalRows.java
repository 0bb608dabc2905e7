package io.cvaespark.spark.internal;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/** Reads a DataFrame's rows as Spark holds them: an array of floats stays one, instead of a list of boxed values. */
public final class InternalRows {
    private InternalRows() {}

    /** The rows; each is overwritten by the next of its partition. */
    public static JavaRDD<InternalRow> of(Dataset<Row> table) {
        return ((org.apache.spark.sql.classic.Dataset<Row>) table)
                .queryExecution()
                .toRdd()
                .toJavaRDD();
    }
}
