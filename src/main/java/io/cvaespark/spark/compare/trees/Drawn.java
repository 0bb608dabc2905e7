package io.cvaespark.spark.compare.trees;

import static org.apache.spark.sql.functions.rand;

import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * An exact number of rows of a table, drawn at random, each with its place in a random order.
 *
 * @param rows rows, whose last column is the number by which they were ordered, and their places from 0
 * @param count how many
 */
public record Drawn(JavaPairRDD<Row, Long> rows, long count) {

    public static Drawn of(Dataset<Row> table, long total, long wanted, long seed) {
        long count = Math.min(total, wanted);
        // Somewhat more than wanted, so that with near certainty there are enough, and not all rows have to be sorted.
        double share = (count + 10 * Math.sqrt(count) + 100) / total;
        Dataset<Row> some = share < 1 ? table.sample(share, seed) : table;
        JavaPairRDD<Row, Long> places =
                some.withColumn("order", rand(seed)).sort("order").toJavaRDD().zipWithIndex();
        return new Drawn(places.filter(row -> row._2() < count), count);
    }

    /** Every second of these rows, from the first (0) or the second (1) on. */
    public Drawn half(int which) {
        return new Drawn(
                rows.filter(row -> row._2() % 2 == which).mapValues(place -> place / 2), (count + 1 - which) / 2);
    }
}
