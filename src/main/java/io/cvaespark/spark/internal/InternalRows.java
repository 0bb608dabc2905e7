package io.cvaespark.spark.internal;

import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * Reads a DataFrame's rows in Spark's internal format, in which an array of floats is not converted to a list of boxed
 * values.
 */
public final class InternalRows {
    private InternalRows() {}

    /** Returns the rows. A row is overwritten when the next row of its partition is read. */
    public static JavaRDD<InternalRow> of(Dataset<Row> table) {
        return ((org.apache.spark.sql.classic.Dataset<Row>) table)
                .queryExecution()
                .toRdd()
                .toJavaRDD();
    }
}
