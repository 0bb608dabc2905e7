package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.util.Map;
import java.util.Objects;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/** How often each value and each pair of values occurs in each table, as rows (what, a, b, x, n₀, n₁, n₂). */
public final class CellCounts implements AutoCloseable {
    private static final StructType SCHEMA =
            StructType.fromDDL("what INT, a STRING, b STRING, x DOUBLE, n0 LONG, n1 LONG, n2 LONG");

    private static final int ROWS_PER_PARTITION = 100_000;

    private final int partitions;
    private final Dataset<Row> cells;
    private final Map<Part, TableStats> stats;

    /**
     * Totals of one column or pair.
     *
     * @param synthetic total variation distance ½ Σ |n₀/N₀ − n₁/N₁| of the synthetic rows
     * @param holdout that of the held-out rows
     * @param realValues the number of values in the real rows; missing counts as one
     * @param syntheticValues that in the synthetic rows
     */
    public record Totals(double synthetic, double holdout, long realValues, long syntheticValues) {}

    public CellCounts(ComparedTables tables, CellLayout layout, Map<Part, TableStats> stats) {
        this.stats = stats;
        SparkSession spark = tables.rows(Part.REAL).sparkSession();
        JavaRDD<Row> counted = null;
        for (Part part : tables.parts()) {
            int ordinal = part.ordinal();
            JavaRDD<Row> own =
                    tables.rows(part).toJavaRDD().mapPartitions(rows -> new CellCounter(layout, ordinal, rows));
            counted = counted == null ? own : counted.union(own);
        }
        partitions = partitions(spark, stats);
        // The counters have added up already: the rows go through one shuffle, into partitions that fit the tables.
        cells = spark.createDataFrame(Objects.requireNonNull(counted), SCHEMA)
                .repartition(partitions, col("what"), col("a"), col("b"), col("x"))
                .groupBy("what", "a", "b", "x")
                .agg(sum("n0").as("n0"), sum("n1").as("n1"), sum("n2").as("n2"))
                .persist(StorageLevel.MEMORY_AND_DISK());
    }

    private static int partitions(SparkSession spark, Map<Part, TableStats> stats) {
        long rows = stats.values().stream().mapToLong(TableStats::rows).sum();
        long wanted = Math.min(Integer.MAX_VALUE, 1 + rows / ROWS_PER_PARTITION);
        return (int) Math.max(spark.sparkContext().defaultParallelism(), wanted);
    }

    /** In how many partitions the cells are. */
    public int partitions() {
        return partitions;
    }

    public Dataset<Row> cells() {
        return cells;
    }

    /** The share of a table's rows that a cell counts; 0 where there is no such table. */
    public Column share(Part part) {
        TableStats of = stats.get(part);
        return of == null ? lit(0.0) : col(part.count()).divide(lit((double) of.rows()));
    }

    /** The totals of every column and pair, at their numbers in the layout. */
    public Totals[] totals(CellLayout layout) {
        Totals[] totals = new Totals[layout.width() + layout.pairs()];
        for (Row row : cells.groupBy("what")
                .agg(
                        sum(abs(share(Part.REAL).minus(share(Part.SYNTHETIC)))),
                        sum(abs(share(Part.REAL).minus(share(Part.HOLDOUT)))),
                        count(when(col("n0").gt(0), 1)),
                        count(when(col("n1").gt(0), 1)))
                .collectAsList()) {
            totals[row.getInt(0)] =
                    new Totals(row.getDouble(1) / 2, row.getDouble(2) / 2, row.getLong(3), row.getLong(4));
        }
        return totals;
    }

    @Override
    public void close() {
        cells.unpersist();
    }
}
