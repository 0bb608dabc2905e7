package io.cvaespark.spark.table;

import org.apache.spark.ml.functions;
import org.apache.spark.sql.Column;

/** Spark ML vectors as arrays, which readers without Spark ML know too. */
public final class VectorColumns {
    private VectorColumns() {}

    /** A column of vectors as array&lt;double&gt;; null stays null. */
    public static Column toArray(Column vectors) {
        return org.apache.spark.sql.functions.when(vectors.isNotNull(), functions.vector_to_array(vectors, "float64"));
    }
}
