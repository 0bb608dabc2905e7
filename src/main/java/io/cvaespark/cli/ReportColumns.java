package io.cvaespark.cli;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataTypes;

/** How the values of target columns are distributed, in real rows and in generated ones. */
final class ReportColumns {
    private static final int BINS = 30;
    private static final int MOST_LEVELS = 20;
    private static final double TAIL = 0.005;

    private ReportColumns() {}

    /**
     * One column's chart.
     *
     * @param labels of the bins, or the levels
     * @param real share of the real values in each
     * @param synthetic share of the generated ones
     */
    record Chart(String column, List<String> labels, List<Double> real, List<Double> synthetic) {}

    /** For each column its bins and the share of either table's known values in them; vectors are left out. */
    static List<Chart> compare(List<Field> fields, Dataset<Row> real, Dataset<Row> synthetic) {
        List<Chart> charts = new ArrayList<>();
        for (Field field : fields) {
            var type = real.schema().apply(field.column()).dataType();
            if (type instanceof ArrayType || type.typeName().equals("vector")) {
                continue;
            }
            boolean levels = field.type() == ColumnType.CATEGORICAL || type.equals(DataTypes.BooleanType);
            charts.add(
                    levels
                            ? categories(field.column(), texts(real, field), texts(synthetic, field))
                            : histogram(field.column(), numbers(real, field), numbers(synthetic, field)));
        }
        return charts;
    }

    private static List<String> texts(Dataset<Row> table, Field field) {
        return table
                .select(functions.col("`" + field.column() + "`").cast(DataTypes.StringType))
                .na()
                .drop()
                .collectAsList()
                .stream()
                .map(row -> row.getString(0))
                .toList();
    }

    private static double[] numbers(Dataset<Row> table, Field field) {
        return table
                .select(functions.col("`" + field.column() + "`").cast(DataTypes.DoubleType))
                .na()
                .drop()
                .collectAsList()
                .stream()
                .mapToDouble(row -> row.getDouble(0))
                .sorted()
                .toArray();
    }

    /** The most frequent levels of the real rows. */
    static Chart categories(String column, List<String> real, List<String> synthetic) {
        Map<String, Long> counts =
                real.stream().collect(Collectors.groupingBy(v -> v, LinkedHashMap::new, Collectors.counting()));
        List<String> levels = counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(MOST_LEVELS)
                .map(Map.Entry::getKey)
                .toList();
        return new Chart(column, levels, shares(levels, real), shares(levels, synthetic));
    }

    private static List<Double> shares(List<String> levels, List<String> values) {
        Map<String, Long> counts = values.stream().collect(Collectors.groupingBy(v -> v, Collectors.counting()));
        return levels.stream()
                .map(level -> counts.getOrDefault(level, 0L) / (double) Math.max(1, values.size()))
                .toList();
    }

    /**
     * Equal bins over the real values but for their outermost hundredth; what lies beyond is counted in the first and the last.
     *
     * @param real sorted
     */
    static Chart histogram(String column, double[] real, double[] synthetic) {
        double low = quantile(real, TAIL);
        double high = quantile(real, 1 - TAIL);
        boolean whole = Arrays.stream(real).allMatch(v -> v == Math.rint(v));
        double width = (high - low) / BINS;
        if (whole) { // bins of equally many whole numbers, or some would look empty
            width = Math.max(1, Math.ceil((high - low + 1) / BINS));
        }
        if (!(width > 0)) {
            width = 1;
        }
        int bins = whole ? (int) Math.ceil((high - low + 1) / width) : BINS;
        List<String> labels = new ArrayList<>();
        for (int b = 0; b < bins; b++) {
            double from = low + b * width;
            labels.add(whole ? "%.0f".formatted(from) : String.format(Locale.ROOT, "%.3g", from + width / 2));
        }
        return new Chart(column, labels, shares(real, low, width, bins), shares(synthetic, low, width, bins));
    }

    private static double quantile(double[] sorted, double share) {
        return sorted.length == 0 ? 0 : sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    private static List<Double> shares(double[] values, double low, double width, int bins) {
        double[] counts = new double[bins];
        for (double v : values) {
            counts[(int) Math.max(0, Math.min(bins - 1, Math.floor((v - low) / width)))]++;
        }
        return Arrays.stream(counts)
                .mapToObj(n -> n / Math.max(1, values.length))
                .toList();
    }
}
