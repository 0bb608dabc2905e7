package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.Arrays;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Rows that are equal to a real row in every column.
 *
 * @param synthetic how many synthetic rows are
 * @param holdout how many held-out rows are
 */
public record Copies(long synthetic, long holdout) {

    public static Copies of(ComparedTables tables) {
        @Nullable Dataset<Row> all = null;
        for (Part part : tables.parts()) {
            Dataset<Row> own = tables.rows(part);
            for (Part each : Part.values()) {
                own = own.withColumn(each.count(), lit(each == part ? 1L : 0L));
            }
            all = all == null ? own : all.unionAll(own);
        }
        Column[] cells = Arrays.stream(tables.rows(Part.REAL).columns())
                .map(name -> col(name))
                .toArray(Column[]::new);
        Column known = col("n0").gt(0);
        Row copies = Objects.requireNonNull(all)
                .groupBy(cells)
                .agg(sum("n0").as("n0"), sum("n1").as("n1"), sum("n2").as("n2"))
                .agg(
                        sum(when(known, col("n1")).otherwise(0L)),
                        sum(when(known, col("n2")).otherwise(0L)))
                .first();
        return new Copies(copies.getLong(0), copies.getLong(1));
    }
}
