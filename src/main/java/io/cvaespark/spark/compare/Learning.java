package io.cvaespark.spark.compare;

import static org.apache.spark.sql.functions.col;

import io.cvaespark.spark.compare.counts.CellCounts;
import io.cvaespark.spark.compare.counts.CellLayout;
import io.cvaespark.spark.compare.counts.ComparedTables;
import io.cvaespark.spark.compare.counts.Part;
import io.cvaespark.spark.compare.counts.TableStats;
import io.cvaespark.spark.compare.counts.TopValues;
import io.cvaespark.spark.compare.trees.Detection;
import io.cvaespark.spark.compare.trees.Drawn;
import io.cvaespark.spark.compare.trees.Features;
import io.cvaespark.spark.compare.trees.Learner;
import io.cvaespark.spark.compare.trees.Utility;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** What the learner is asked: to tell rows apart, and to predict a column. */
final class Learning {
    private final SparkSession spark;
    private final ComparedTables tables;
    private final Map<Part, TableStats> stats;
    private final CellLayout layout;
    private final CellCounts counts;
    private final TopValues top;
    private final CompareSettings settings;
    private final Learner learner;

    /** Synthetic rows against real ones, and real ones against others. */
    record Found(Detection synthetic, Detection reference) {}

    Learning(
            SparkSession spark,
            ComparedTables tables,
            Map<Part, TableStats> stats,
            CellLayout layout,
            CellCounts counts,
            TopValues top,
            CompareSettings settings) {
        this.spark = spark;
        this.tables = tables;
        this.stats = stats;
        this.layout = layout;
        this.counts = counts;
        this.top = top;
        this.settings = settings;
        this.learner = new Learner(settings.trees(), settings.seed());
    }

    /** Throws if there is no column to predict. */
    static void requireTarget(ComparedTables tables, @Nullable String target) {
        List<String> names =
                tables.columns().stream().map(ComparedTables.Compared::name).toList();
        if (target != null && !names.contains(target)) {
            throw new IllegalArgumentException(
                    "--target names the column %s, which is not compared; expected one of %s".formatted(target, names));
        }
        if (target != null && names.size() == 1) {
            throw new IllegalArgumentException(
                    "--target %s is the only column; expected others from which to predict it".formatted(target));
        }
    }

    private long rows(Part part) {
        return Objects.requireNonNull(stats.get(part)).rows();
    }

    /** The table with which synthetic rows are compared: rows that no model has seen, where there are any. */
    private Part unseen() {
        return tables.has(Part.HOLDOUT) ? Part.HOLDOUT : Part.REAL;
    }

    /** How many rows of either table the detection takes. */
    long rows() {
        return Math.min(settings.learnerRows(), Math.min(rows(unseen()), rows(Part.SYNTHETIC)));
    }

    private Drawn drawn(Part part, long wanted) {
        return Drawn.of(tables.rows(part), rows(part), wanted, settings.seed() + part.ordinal());
    }

    private Features features(int[] columns, long trained) {
        // The trees refuse a category of more values than there are rows.
        int most = (int) Math.max(1, Math.min(TopValues.MOST, trained - 1));
        return new Features(columns, layout, stats.values(), top, most);
    }

    /** Tells synthetic rows from real ones, and real ones from real ones; null: there are fewer rows than folds. */
    @Nullable
    Found detect() {
        int folds = settings.folds();
        long most = settings.learnerRows();
        int[] all = Comparer.allBut(layout.width(), -1);
        long n = rows();
        Drawn first;
        Drawn second;
        if (tables.has(Part.HOLDOUT)) {
            long m = Math.min(most, Math.min(rows(Part.REAL), rows(Part.HOLDOUT)));
            first = drawn(Part.REAL, m);
            second = drawn(Part.HOLDOUT, m);
        } else {
            Drawn real = drawn(Part.REAL, Math.min(2 * most, rows(Part.REAL) / 2 * 2));
            first = real.half(0);
            second = real.half(1);
        }
        if (n < folds || first.count() < folds) {
            return null;
        }
        return new Found(
                Detection.of(spark, drawn(unseen(), n), drawn(Part.SYNTHETIC, n), features(all, n), learner, folds),
                Detection.of(spark, first, second, features(all, first.count()), learner, folds));
    }

    /** The area under the curve and F1 of trees that learned from synthetic rows, and of trees that learned from real ones. */
    Map<String, Comparison.Metric> utility(Utility.Target target) {
        long most = settings.learnerRows();
        Drawn real = drawn(Part.REAL, tables.has(Part.HOLDOUT) ? most : 2 * most);
        Drawn train = tables.has(Part.HOLDOUT) ? real : real.half(0);
        Drawn test = tables.has(Part.HOLDOUT) ? drawn(Part.HOLDOUT, most) : real.half(1);
        Drawn synthetic = drawn(Part.SYNTHETIC, most);
        Features features =
                features(Comparer.allBut(layout.width(), target.column()), Math.min(train.count(), synthetic.count()));
        Utility bySynthetic = Utility.of(spark, synthetic, test, features, target, learner);
        Utility byReal = Utility.of(spark, train, test, features, target, learner);
        Map<String, Comparison.Metric> metrics = new LinkedHashMap<>();
        metrics.put("f1", new Comparison.Metric(bySynthetic.f1(), byReal.f1()));
        metrics.put("auc", new Comparison.Metric(bySynthetic.auc(), byReal.auc()));
        return metrics;
    }

    /** The value to predict; null where nothing is. */
    Utility.@Nullable Target target() {
        if (settings.target() == null) {
            return null;
        }
        int column = tables.columns().stream()
                .map(ComparedTables.Compared::name)
                .toList()
                .indexOf(settings.target());
        boolean number = layout.number()[column];
        Column value = col(number ? "x" : "a");
        Column own = col("what").equalTo(column).and(value.isNotNull());
        Object positive = settings.positive() == null ? rarer(own, value) : given(number, settings.positive());
        Row found = counts.cells()
                .where(own.and(value.equalTo(functions.lit(positive))))
                .select("n0", "n1", "n2")
                .agg(functions.sum("n0"), functions.sum("n1"), functions.sum("n2"))
                .first();
        for (Part part : new Part[] {Part.REAL, unseen()}) {
            long of = found.isNullAt(part.ordinal()) ? 0 : found.getLong(part.ordinal());
            if (of == 0 || of == rows(part)) {
                throw new IllegalArgumentException(
                        "%s rows of %s have %s = %s; expected some that have and some that have not. Give another --positive"
                                .formatted(of == 0 ? "No" : "All", part.role(), settings.target(), text(positive)));
            }
        }
        return new Utility.Target(column, positive);
    }

    private Object rarer(Column own, Column value) {
        List<Row> values = counts.cells()
                .where(own.and(col("n0").gt(0)))
                .orderBy(col("n0"), value)
                .select(value)
                .takeAsList(3);
        if (values.size() != 2) {
            throw new IllegalArgumentException(
                    "Column %s has %s in REAL; expected two values, or --positive VALUE to say which of them is predicted"
                            .formatted(
                                    settings.target(),
                                    values.size() < 2 ? "fewer than two values" : "more than two values"));
        }
        return values.get(0).get(0);
    }

    private Object given(boolean number, String positive) {
        if (!number) {
            return positive;
        }
        try {
            return Double.parseDouble(positive);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "--positive %s is no number, but the column %s has numbers; give one of its values"
                            .formatted(positive, settings.target()),
                    e);
        }
    }

    /** A value as a user writes it. */
    static String text(Object value) {
        return value instanceof Double d && d == Math.rint(d) && Math.abs(d) < 1e15
                ? String.valueOf(d.longValue())
                : value.toString();
    }
}
