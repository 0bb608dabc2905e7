package io.cvaespark.spark.compare;

import static org.apache.spark.sql.functions.col;

import io.cvaespark.spark.compare.counts.Association;
import io.cvaespark.spark.compare.counts.CellCounts;
import io.cvaespark.spark.compare.counts.CellLayout;
import io.cvaespark.spark.compare.counts.ComparedTables;
import io.cvaespark.spark.compare.counts.Copies;
import io.cvaespark.spark.compare.counts.KolmogorovSmirnov;
import io.cvaespark.spark.compare.counts.Moments;
import io.cvaespark.spark.compare.counts.Part;
import io.cvaespark.spark.compare.counts.TableStats;
import io.cvaespark.spark.compare.counts.TopValues;
import io.cvaespark.spark.compare.counts.UnseenPairs;
import io.cvaespark.spark.compare.trees.Utility;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Compares a synthetic table with a real one.
 *
 * <p>The metrics are those of the field's reports (SDMetrics: KSComplement, TVComplement, CorrelationSimilarity,
 * ContingencySimilarity), beside them detection, utility, pairs of values that never occur together, and copies.
 */
public final class Comparer {
    /** Pairs whose association in the real rows is not above these do not count in {@code trends}. */
    private static final double CORRELATED = 0.4;

    private static final double ASSOCIATED = 0.3;

    private final SparkSession spark;
    private final ComparedTables tables;
    private final CompareSettings settings;
    private final Map<Part, TableStats> stats = new EnumMap<>(Part.class);
    private final CellLayout layout;
    private final CellCounts counts;
    private final CellCounts.Totals[] totals;

    private Comparer(SparkSession spark, ComparedTables tables, CompareSettings settings) {
        this.spark = spark;
        this.tables = tables;
        this.settings = settings;
        tables.parts().forEach(part -> stats.put(part, TableStats.of(tables, part)));
        layout = CellLayout.of(tables, stats(Part.REAL));
        counts = new CellCounts(tables, layout, stats);
        totals = counts.totals(layout);
    }

    /**
     * Compares the tables.
     *
     * @param given REAL and SYNTHETIC, and HOLDOUT where there are held-out rows
     */
    public static Comparison compare(Map<Part, Dataset<Row>> given, CompareSettings settings) {
        SparkSession spark = Objects.requireNonNull(given.get(Part.REAL)).sparkSession();
        try (ComparedTables tables = new ComparedTables(given, settings.columns(), settings.categorical())) {
            Learning.requireTarget(tables, settings.target());
            Comparer comparer = new Comparer(spark, tables, settings);
            try {
                return comparer.result();
            } finally {
                comparer.counts.close();
            }
        }
    }

    private TableStats stats(Part part) {
        return Objects.requireNonNull(stats.get(part));
    }

    private boolean hasHoldout() {
        return tables.has(Part.HOLDOUT);
    }

    private Comparison result() {
        TopValues top = TopValues.of(counts, layout);
        Learning learning = new Learning(spark, tables, stats, layout, counts, top, settings);
        Utility.@Nullable Target target = learning.target();
        Map<String, Comparison.Metric> metrics = new LinkedHashMap<>();
        Learning.@Nullable Found found = learning.detect();
        List<Comparison.ColumnResult> columns = columns(found);
        List<Comparison.PairResult> pairs = pairs();
        metrics.put("shapes", means(columns, Comparison.ColumnResult::shape, Comparison.ColumnResult::holdoutShape));
        List<Comparison.PairResult> counted =
                pairs.stream().filter(Comparison.PairResult::counted).toList();
        metrics.put("trends", similarities(counted));
        metrics.put("trends_all", similarities(pairs));
        metrics.put(
                "detection",
                found == null
                        ? new Comparison.Metric(null, null)
                        : new Comparison.Metric(
                                found.synthetic().auc(), found.reference().auc()));
        if (target != null) {
            metrics.putAll(learning.utility(target));
        }
        metrics.put("unseen_pairs", unseenPairs());
        metrics.put("copies", copies());
        Map<String, Long> rows = new LinkedHashMap<>();
        stats.forEach((part, of) -> rows.put(part.role(), of.rows()));
        List<Comparison.Chart> charts = new Charts(tables, layout, stats).all(counts, top);
        return new Comparison(
                rows,
                hasHoldout() ? "held-out rows" : "real rows",
                metrics,
                columns,
                pairs,
                columns.stream().map(column -> chart(charts, column)).toList(),
                target == null ? null : settings.target() + " = " + Learning.text(target.positive()),
                learning.rows(),
                Conclusion.of(metrics, columns));
    }

    private static Comparison.Chart chart(List<Comparison.Chart> charts, Comparison.ColumnResult column) {
        return charts.stream()
                .filter(chart -> chart.column().equals(column.column()))
                .findFirst()
                .orElseThrow();
    }

    private List<Comparison.ColumnResult> columns(Learning.@Nullable Found found) {
        long[][] present = new long[Part.values().length][layout.width()];
        stats.forEach((part, of) -> present[part.ordinal()] = of.present());
        Map<Integer, double[]> distances = KolmogorovSmirnov.distances(
                counts.cells().where(col("what").lt(layout.width()).and(col("x").isNotNull())),
                present,
                counts.partitions());
        List<Comparison.ColumnResult> columns = new ArrayList<>();
        for (int j = 0; j < layout.width(); j++) {
            double[] distance = layout.number()[j]
                    ? distances.getOrDefault(j, new double[2])
                    : new double[] {totals[j].synthetic(), totals[j].holdout()};
            columns.add(new Comparison.ColumnResult(
                    tables.columns().get(j).name(),
                    layout.number()[j],
                    1 - distance[0],
                    hasHoldout() ? 1 - distance[1] : null,
                    stats(Part.REAL).missing(j),
                    stats(Part.SYNTHETIC).missing(j),
                    hasHoldout() ? stats(Part.HOLDOUT).missing(j) : null,
                    totals[j].realValues(),
                    totals[j].syntheticValues(),
                    found == null ? null : found.synthetic().importances()[j]));
        }
        columns.sort(Comparator.comparingDouble(Comparison.ColumnResult::shape));
        return columns;
    }

    private List<Comparison.PairResult> pairs() {
        double[] cramer = Association.cramer(counts, layout, stats(Part.REAL).rows());
        Map<Part, double[]> correlations = new EnumMap<>(Part.class);
        stats.forEach((part, of) -> correlations.put(part, Moments.correlations(tables.rows(part), layout, of)));
        List<Comparison.PairResult> pairs = new ArrayList<>();
        for (int p = 0; p < layout.pairs(); p++) {
            pairs.add(layout.ofNumbers(p) ? numbers(p, correlations) : contingency(p, cramer[p]));
        }
        pairs.sort(Comparator.comparingDouble(
                pair -> pair.similarity() == null ? Double.POSITIVE_INFINITY : pair.similarity()));
        return pairs;
    }

    private Comparison.PairResult contingency(int pair, double cramer) {
        CellCounts.Totals own = totals[layout.width() + pair];
        return new Comparison.PairResult(
                name(layout.first()[pair]),
                name(layout.second()[pair]),
                false,
                1 - own.synthetic(),
                hasHoldout() ? 1 - own.holdout() : null,
                cramer,
                cramer > ASSOCIATED,
                null,
                null);
    }

    /** 1 − |q − w|/2 for the correlations q of the real rows and w of others; an undefined w counts as 0. */
    private Comparison.PairResult numbers(int pair, Map<Part, double[]> correlations) {
        double real = Objects.requireNonNull(correlations.get(Part.REAL))[pair];
        double synthetic = Objects.requireNonNull(correlations.get(Part.SYNTHETIC))[pair];
        double[] holdout = correlations.get(Part.HOLDOUT);
        return new Comparison.PairResult(
                name(layout.first()[pair]),
                name(layout.second()[pair]),
                true,
                similarity(real, synthetic),
                holdout == null ? null : similarity(real, holdout[pair]),
                Double.isNaN(real) ? 0 : Math.abs(real),
                Math.abs(real) > CORRELATED,
                Double.isNaN(real) ? null : real,
                Double.isNaN(synthetic) ? null : synthetic);
    }

    private static @Nullable Double similarity(double real, double other) {
        return Double.isNaN(real) ? null : 1 - Math.abs(real - (Double.isNaN(other) ? 0 : other)) / 2;
    }

    private String name(int column) {
        return tables.columns().get(column).name();
    }

    private Comparison.Metric similarities(List<Comparison.PairResult> pairs) {
        return means(pairs, Comparison.PairResult::similarity, Comparison.PairResult::holdoutSimilarity);
    }

    private static <T> Comparison.Metric means(
            List<T> all, Function<T, @Nullable Double> synthetic, Function<T, @Nullable Double> reference) {
        return new Comparison.Metric(mean(all, synthetic), mean(all, reference));
    }

    private static <T> @Nullable Double mean(List<T> all, Function<T, @Nullable Double> of) {
        double sum = 0;
        int known = 0;
        for (T each : all) {
            Double value = of.apply(each);
            if (value != null) {
                sum += value;
                known++;
            }
        }
        return known == 0 ? null : sum / known;
    }

    private Comparison.Metric unseenPairs() {
        UnseenPairs unseen = UnseenPairs.of(tables, layout, counts, totals);
        try {
            return new Comparison.Metric(
                    unseen.share(
                            tables.rows(Part.SYNTHETIC), stats(Part.SYNTHETIC).rows()),
                    hasHoldout()
                            ? unseen.share(
                                    tables.rows(Part.HOLDOUT),
                                    stats(Part.HOLDOUT).rows())
                            : null);
        } finally {
            unseen.destroy();
        }
    }

    private Comparison.Metric copies() {
        Copies copies = Copies.of(tables);
        return new Comparison.Metric(
                copies.synthetic() / (double) stats(Part.SYNTHETIC).rows(),
                hasHoldout() ? copies.holdout() / (double) stats(Part.HOLDOUT).rows() : null);
    }

    /** The numbers 0, 1, … but one. */
    static int[] allBut(int width, int left) {
        return IntStream.range(0, width).filter(j -> j != left).toArray();
    }
}
