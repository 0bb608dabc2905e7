package io.cvaespark.spark.compare;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.rint;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.spark.compare.counts.CellCounts;
import io.cvaespark.spark.compare.counts.CellLayout;
import io.cvaespark.spark.compare.counts.ComparedTables;
import io.cvaespark.spark.compare.counts.Part;
import io.cvaespark.spark.compare.counts.TableStats;
import io.cvaespark.spark.compare.counts.TopValues;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/** The distributions of the columns as bars: levels, or bins of numbers. */
final class Charts {
    private static final int LEVELS = 20;
    private static final double TAIL = 0.005;
    private static final double QUANTILE_ERROR = 0.0005;
    private static final StructType BINNED = StructType.fromDDL("what INT, bin INT, n0 LONG, n1 LONG, n2 LONG");

    private final ComparedTables tables;
    private final CellLayout layout;
    private final Map<Part, TableStats> stats;

    Charts(ComparedTables tables, CellLayout layout, Map<Part, TableStats> stats) {
        this.tables = tables;
        this.layout = layout;
        this.stats = stats;
    }

    /** A chart of each column, in their order. */
    List<Comparison.Chart> all(CellCounts counts, TopValues top) {
        Map<Integer, Comparison.Chart> numbers = histograms(counts);
        List<Comparison.Chart> charts = new ArrayList<>();
        for (int j = 0; j < layout.width(); j++) {
            Comparison.Chart own = numbers.get(j);
            charts.add(own == null ? levels(j, top) : own);
        }
        return charts;
    }

    /** The most frequent values of the real rows, and one bar for all others where there are any. */
    private Comparison.Chart levels(int column, TopValues top) {
        List<TopValues.Value> shown = top.of(column).stream()
                .sorted(Comparator.comparingLong((TopValues.Value v) -> v.counts()[0])
                        .reversed())
                .limit(LEVELS)
                .toList();
        List<String> labels = new ArrayList<>(shown.stream()
                .map(value -> value.text() == null ? "(missing)" : value.text())
                .toList());
        long[][] bars = new long[Part.values().length][shown.size() + 1];
        boolean others = false;
        for (Part part : stats.keySet()) {
            long[] own = bars[part.ordinal()];
            long rest = rows(part);
            for (int i = 0; i < shown.size(); i++) {
                own[i] = shown.get(i).counts()[part.ordinal()];
                rest -= own[i];
            }
            own[shown.size()] = rest;
            others |= rest > 0;
        }
        if (others) {
            labels.add("(others)");
        }
        return chart(column, labels, bars);
    }

    private long rows(Part part) {
        TableStats of = stats.get(part);
        return of == null ? 0 : of.rows();
    }

    /** Equal bins over the real values but for their outermost hundredth. */
    private Map<Integer, Comparison.Chart> histograms(CellCounts counts) {
        Map<Integer, Bins> bins = bins(counts);
        Map<Integer, Comparison.Chart> charts = new HashMap<>();
        if (bins.isEmpty()) {
            return charts;
        }
        Map<Integer, long[][]> bars = new HashMap<>();
        bins.forEach((column, of) -> bars.put(column, new long[Part.values().length][of.count()]));
        Dataset<Row> known =
                counts.cells().where(col("what").isInCollection(bins.keySet()).and(col("x").isNotNull()));
        for (Row row : known.sparkSession()
                .createDataFrame(known.toJavaRDD().map(cell -> binned(cell, bins)), BINNED)
                .groupBy("what", "bin")
                .agg(sum("n0"), sum("n1"), sum("n2"))
                .collectAsList()) {
            long[][] own = bars.getOrDefault(row.getInt(0), new long[0][0]);
            for (int t = 0; t < own.length; t++) {
                own[t][row.getInt(1)] = row.getLong(2 + t);
            }
        }
        bins.forEach((column, of) -> {
            double least = of.low();
            double greatest = of.low();
            for (TableStats each : stats.values()) {
                if (each.present()[column] > 0) {
                    least = Math.min(least, each.min()[column]);
                    greatest = Math.max(greatest, each.max()[column]);
                }
            }
            charts.put(column, chart(column, of.labels(least, greatest), bars.getOrDefault(column, new long[0][0])));
        });
        return charts;
    }

    private static Row binned(Row cell, Map<Integer, Bins> bins) {
        int what = cell.getInt(0);
        Bins of = bins.get(what);
        if (of == null) {
            throw new IllegalStateException("No bins for column " + what);
        }
        return RowFactory.create(what, of.of(cell.getDouble(3)), cell.getLong(4), cell.getLong(5), cell.getLong(6));
    }

    private Map<Integer, Bins> bins(CellCounts counts) {
        List<Integer> numbers = new ArrayList<>();
        for (int j = 0; j < layout.width(); j++) {
            if (layout.number()[j]) {
                numbers.add(j);
            }
        }
        Map<Integer, Bins> bins = new HashMap<>();
        if (numbers.isEmpty()) {
            return bins;
        }
        Set<Integer> fractional = new HashSet<>();
        for (Row row : counts.cells()
                .where(col("what").isInCollection(numbers).and(col("n0").gt(0)))
                .groupBy("what")
                .agg(max(when(col("x").notEqual(rint(col("x"))), 1).otherwise(0)))
                .collectAsList()) {
            if (row.getInt(1) == 1) {
                fractional.add(row.getInt(0));
            }
        }
        double[][] ends = tables.rows(Part.REAL)
                .stat()
                .approxQuantile(
                        numbers.stream().map(j -> "c" + j).toArray(String[]::new),
                        new double[] {TAIL, 1 - TAIL},
                        QUANTILE_ERROR);
        for (int i = 0; i < numbers.size(); i++) {
            boolean known = ends[i].length == 2;
            bins.put(
                    numbers.get(i),
                    Bins.over(known ? ends[i][0] : 0, known ? ends[i][1] : 0, !fractional.contains(numbers.get(i))));
        }
        return bins;
    }

    private Comparison.Chart chart(int column, List<String> labels, long[][] bars) {
        List<List<Double>> shares = new ArrayList<>();
        for (Part part : Part.values()) {
            long[] own = bars[part.ordinal()];
            TableStats of = stats.get(part);
            double all = of == null ? 0 : layout.number()[column] ? of.present()[column] : of.rows();
            List<Double> share = new ArrayList<>();
            for (int i = 0; i < labels.size(); i++) {
                share.add(own[i] / Math.max(1, all));
            }
            shares.add(share);
        }
        return new Comparison.Chart(
                tables.columns().get(column).name(),
                labels,
                !layout.number()[column],
                shares.get(0),
                shares.get(1),
                stats.containsKey(Part.HOLDOUT) ? shares.get(2) : null);
    }
}
