package io.cvaespark.spark.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;

/** The figures of a comparison as Parquet: the tables {@code metrics}, {@code columns}, {@code pairs} and {@code bars}. */
public final class ComparisonTables {
    private static final String METRICS = "metrics";
    private static final String COLUMNS = "columns";
    private static final String PAIRS = "pairs";
    private static final String BARS = "bars";

    /** The directories of the tables. */
    public static final List<String> NAMES = List.of(METRICS, COLUMNS, PAIRS, BARS);

    private ComparisonTables() {}

    /** Writes each table into a directory of its own below {@code directory}. */
    public static void write(SparkSession spark, Comparison comparison, String directory) {
        List<Row> metrics = new ArrayList<>();
        comparison
                .metrics()
                .forEach(
                        (name, metric) -> metrics.add(RowFactory.create(name, metric.synthetic(), metric.reference())));
        write(spark, metrics, "metric STRING, synthetic DOUBLE, reference DOUBLE", directory, METRICS);
        write(
                spark,
                comparison.columns().stream()
                        .map(c -> RowFactory.create(
                                c.column(),
                                c.number(),
                                c.shape(),
                                c.holdoutShape(),
                                c.missingReal(),
                                c.missingSynthetic(),
                                c.missingHoldout(),
                                c.realValues(),
                                c.syntheticValues(),
                                c.importance()))
                        .toList(),
                "column STRING, number BOOLEAN, shape DOUBLE, holdout_shape DOUBLE, missing_real DOUBLE, "
                        + "missing_synthetic DOUBLE, missing_holdout DOUBLE, real_values LONG, synthetic_values LONG, importance DOUBLE",
                directory,
                COLUMNS);
        write(
                spark,
                comparison.pairs().stream()
                        .map(p -> RowFactory.create(
                                p.first(),
                                p.second(),
                                p.numbers(),
                                p.similarity(),
                                p.holdoutSimilarity(),
                                p.association(),
                                p.counted(),
                                p.realCorrelation(),
                                p.syntheticCorrelation()))
                        .toList(),
                "first STRING, second STRING, numbers BOOLEAN, similarity DOUBLE, holdout_similarity DOUBLE, "
                        + "association DOUBLE, counted BOOLEAN, real_correlation DOUBLE, synthetic_correlation DOUBLE",
                directory,
                PAIRS);
        write(
                spark,
                comparison.charts().stream()
                        .flatMap(chart -> bars(chart).stream())
                        .toList(),
                "column STRING, place INT, label STRING, real DOUBLE, synthetic DOUBLE, holdout DOUBLE",
                directory,
                BARS);
    }

    private static List<Row> bars(Comparison.Chart chart) {
        List<Row> bars = new ArrayList<>();
        for (int i = 0; i < chart.labels().size(); i++) {
            List<Double> holdout = chart.holdout();
            bars.add(RowFactory.create(
                    chart.column(),
                    i,
                    Objects.requireNonNull(chart.labels().get(i)),
                    chart.real().get(i),
                    chart.synthetic().get(i),
                    holdout == null ? null : holdout.get(i)));
        }
        return bars;
    }

    private static void write(SparkSession spark, List<Row> rows, String schema, String directory, String name) {
        spark.createDataFrame(rows, StructType.fromDDL(schema))
                .coalesce(1)
                .write()
                .parquet(directory + "/" + name);
    }
}
