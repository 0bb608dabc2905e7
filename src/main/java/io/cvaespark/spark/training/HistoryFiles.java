package io.cvaespark.spark.training;

import io.cvaespark.store.Swap;
import io.cvaespark.train.HistoryRow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The history of a run as Parquet, with one row per epoch and split. */
public final class HistoryFiles {
    /** The columns of the history; {@link HistoryRow} explains them. */
    public static final StructType SCHEMA = new StructType()
            .add("epoch", DataTypes.IntegerType, false)
            .add("step", DataTypes.LongType, false)
            .add("split", DataTypes.StringType, false)
            .add("loss", DataTypes.DoubleType, false)
            .add("elbo", DataTypes.DoubleType, false)
            .add("reconstruction", DataTypes.DoubleType, false)
            .add("kl", DataTypes.DoubleType, false)
            .add("learning_rate", DataTypes.DoubleType, false)
            .add("beta", DataTypes.DoubleType, false)
            .add("rows_per_second", DataTypes.DoubleType, false)
            .add("seconds", DataTypes.DoubleType, false)
            .add("workers", DataTypes.IntegerType, false)
            .add("compute_ms", DataTypes.DoubleType, false)
            .add("exchange_ms", DataTypes.DoubleType, false)
            .add("wait_ms", DataTypes.DoubleType, false);

    private HistoryFiles() {}

    public static Dataset<Row> table(SparkSession spark, List<HistoryRow> history) {
        List<Row> rows = history.stream()
                .map(h -> RowFactory.create(
                        h.epoch(),
                        h.step(),
                        h.split(),
                        h.loss(),
                        h.elbo(),
                        h.reconstruction(),
                        h.kl(),
                        h.learningRate(),
                        h.beta(),
                        h.rowsPerSecond(),
                        h.seconds(),
                        h.workers(),
                        h.computeMs(),
                        h.exchangeMs(),
                        h.waitMs()))
                .toList();
        return spark.createDataFrame(rows, SCHEMA);
    }

    /** Reads the rows at {@code path}, ordered by epoch. */
    public static List<HistoryRow> read(SparkSession spark, String path) {
        return spark.read().schema(SCHEMA).parquet(path).orderBy("epoch", "split").collectAsList().stream()
                .map(row -> new HistoryRow(
                        row.getAs("epoch"),
                        row.getAs("step"),
                        row.getAs("split"),
                        row.getAs("loss"),
                        row.getAs("elbo"),
                        row.getAs("reconstruction"),
                        row.getAs("kl"),
                        row.getAs("learning_rate"),
                        row.getAs("beta"),
                        row.getAs("rows_per_second"),
                        row.getAs("seconds"),
                        row.getAs("workers"),
                        row.getAs("compute_ms"),
                        row.getAs("exchange_ms"),
                        row.getAs("wait_ms")))
                .toList();
    }

    /** Writes the whole history and replaces the old one. */
    public static void write(SparkSession spark, String path, List<HistoryRow> history) {
        try {
            Swap.write(
                    spark.sparkContext().hadoopConfiguration(),
                    new Path(path),
                    directory -> table(spark, history).coalesce(1).write().parquet(directory.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written: %s".formatted(path, e.getMessage()), e);
        }
    }
}
