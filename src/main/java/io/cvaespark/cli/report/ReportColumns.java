package io.cvaespark.cli.report;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.Field;
import io.cvaespark.spark.compare.Bins;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.jspecify.annotations.Nullable;

/** How the values of target columns are distributed, in real rows and in generated ones. */
final class ReportColumns {
    private static final int MOST_LEVELS = 20;
    private static final double TAIL = 0.005;

    private ReportColumns() {}

    /**
     * One column's chart.
     *
     * @param labels of the bins, or the levels
     * @param levels whether these are levels
     * @param real share of the real values in each
     * @param synthetic share of the generated ones
     * @param distance total variation distance of the two; null where either has no values
     * @param outside share of the generated numbers below the least or above the greatest real one; null for levels
     */
    record Chart(
            String column,
            List<String> labels,
            boolean levels,
            List<Double> real,
            List<Double> synthetic,
            @Nullable Double distance,
            @Nullable Double outside) {}

    /** For each column its bins and the share of either table's known values in them; vectors are left out. */
    static List<Chart> compare(List<Field> fields, Dataset<Row> real, Dataset<Row> synthetic) {
        List<Chart> charts = new ArrayList<>();
        for (Field field : fields) {
            if (field.form() == CellForm.VECTOR) {
                continue;
            }
            boolean yesOrNo = real.schema().apply(field.column()).dataType().equals(DataTypes.BooleanType);
            boolean levels = field.hasLevels() || yesOrNo;
            charts.add(
                    levels
                            ? categories(field.column(), texts(real, field), texts(synthetic, field))
                            : histogram(field.column(), numbers(real, field), numbers(synthetic, field)));
        }
        return charts;
    }

    private static List<String> texts(Dataset<Row> table, Field field) {
        return filled(table, field, DataTypes.StringType)
                .map(row -> row.getString(0))
                .toList();
    }

    private static double[] numbers(Dataset<Row> table, Field field) {
        return filled(table, field, DataTypes.DoubleType)
                .mapToDouble(row -> row.getDouble(0))
                .sorted()
                .toArray();
    }

    /** The cells of a column that are not empty. */
    private static Stream<Row> filled(Dataset<Row> table, Field field, DataType type) {
        return table.select(functions.col("`" + field.column() + "`").cast(type)).na().drop().collectAsList().stream();
    }

    /** The most frequent levels of the real rows, and one bar for all others where there are any. */
    static Chart categories(String column, List<String> real, List<String> synthetic) {
        Map<String, Long> counts = real.stream().collect(Collectors.groupingBy(v -> v, Collectors.counting()));
        synthetic.forEach(level -> counts.putIfAbsent(level, 0L));
        List<String> levels = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_LEVELS)
                .map(Map.Entry::getKey)
                .toList();
        List<String> labels = new ArrayList<>(levels);
        int others = counts.size() - levels.size();
        if (others > 0) {
            labels.add(String.format(Locale.ROOT, "other (%d %s)", others, others == 1 ? "level" : "levels"));
        }
        ToIntFunction<String> bar = value -> levels.contains(value) ? levels.indexOf(value) : levels.size();
        List<Double> realShares = shares(real.stream().mapToInt(bar), labels.size());
        List<Double> syntheticShares = shares(synthetic.stream().mapToInt(bar), labels.size());
        Double distance = real.isEmpty() || synthetic.isEmpty() ? null : distance(realShares, syntheticShares);
        return new Chart(column, labels, true, realShares, syntheticShares, distance, null);
    }

    /**
     * Equal bins over the real values but for their outermost hundredth; what lies beyond is counted in the first and the
     * last, whose labels then say so.
     *
     * @param real sorted
     * @param synthetic sorted
     */
    static Chart histogram(String column, double[] real, double[] synthetic) {
        double low = quantile(real, TAIL);
        double high = quantile(real, 1 - TAIL);
        boolean whole = Arrays.stream(real).allMatch(v -> v == Math.rint(v));
        Bins bins = Bins.over(low, high, whole);
        List<Double> realShares = shares(Arrays.stream(real).mapToInt(bins::of), bins.count());
        List<Double> syntheticShares = shares(Arrays.stream(synthetic).mapToInt(bins::of), bins.count());
        Double distance = null;
        Double outside = null;
        if (real.length > 0 && synthetic.length > 0) {
            distance = distance(realShares, syntheticShares);
            double least = real[0];
            double greatest = real[real.length - 1];
            outside = Arrays.stream(synthetic)
                    .map(v -> v < least || v > greatest ? 1 : 0)
                    .average()
                    .orElse(0);
        }
        double lowest = Stream.of(real, synthetic)
                .filter(v -> v.length > 0)
                .mapToDouble(v -> v[0])
                .min()
                .orElse(low);
        double highest = Stream.of(real, synthetic)
                .filter(v -> v.length > 0)
                .mapToDouble(v -> v[v.length - 1])
                .max()
                .orElse(low);
        return new Chart(column, bins.labels(lowest, highest), false, realShares, syntheticShares, distance, outside);
    }

    private static double quantile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    /** The share of the values in each bar. */
    private static List<Double> shares(IntStream bars, int count) {
        int[] of = bars.toArray();
        double[] counts = new double[count];
        for (int bar : of) {
            counts[bar]++;
        }
        return Arrays.stream(counts).mapToObj(n -> n / Math.max(1, of.length)).toList();
    }

    /** Total variation distance, ½ Σ |p − q|: 0 for the same shares, 1 for nothing in common. */
    static double distance(List<Double> p, List<Double> q) {
        double sum = 0;
        for (int i = 0; i < p.size(); i++) {
            sum += Math.abs(p.get(i) - q.get(i));
        }
        return sum / 2;
    }
}
