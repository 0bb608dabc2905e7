package io.cvaespark.spark.compare;

import io.cvaespark.spark.compare.counts.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of a comparison; columns and pairs have the worst first.
 *
 * @param rows of each table, by its role
 * @param reference what the reference values of the metrics compare: held-out rows, or halves of the real ones
 * @param metrics by name
 * @param columns one entry each
 * @param pairs one entry each
 * @param charts of the columns, in the order of {@code columns}
 * @param target what is predicted, as {@code column = value}; null: nothing
 * @param learnerRows of either table, how many rows the detection takes
 * @param conclusion one sentence
 */
public record Comparison(
        Map<String, Long> rows,
        String reference,
        Map<String, Metric> metrics,
        List<ColumnResult> columns,
        List<PairResult> pairs,
        List<Chart> charts,
        @Nullable String target,
        long learnerRows,
        String conclusion) {

    private static final int WORST = 3;

    /**
     * A figure of the synthetic rows, and the same of real rows to compare it with.
     *
     * @param synthetic null: it cannot be computed
     * @param reference null: there is none
     */
    public record Metric(
            @Nullable Double synthetic, @Nullable Double reference) {}

    /**
     * One column.
     *
     * @param number false: a category
     * @param shape 1 − Kolmogorov–Smirnov distance or 1 − total variation distance of the synthetic rows
     * @param holdoutShape the same of the held-out rows
     * @param missingReal share of the real rows in which the value is missing
     * @param realValues different values in the real rows; missing counts as one
     * @param importance in detection, the features' adding up to 1; null without detection
     */
    public record ColumnResult(
            String column,
            boolean number,
            double shape,
            @Nullable Double holdoutShape,
            double missingReal,
            double missingSynthetic,
            @Nullable Double missingHoldout,
            long realValues,
            long syntheticValues,
            @Nullable Double importance) {}

    /**
     * One pair of columns.
     *
     * @param numbers true: similarity of correlations; false: of shares of pairs of values
     * @param similarity null for a correlation that the real rows do not have, as a column is constant
     * @param holdoutSimilarity the same of the held-out rows
     * @param association in the real rows: |correlation|, or Cramér's V
     * @param counted true: the association is above the threshold, so the pair counts in {@code trends}
     * @param realCorrelation null for pairs with a category
     */
    public record PairResult(
            String first,
            String second,
            boolean numbers,
            @Nullable Double similarity,
            @Nullable Double holdoutSimilarity,
            double association,
            boolean counted,
            @Nullable Double realCorrelation,
            @Nullable Double syntheticCorrelation) {}

    /**
     * One column's distribution as bars.
     *
     * @param levels true: the bars are levels; false: bins
     * @param real share of the real rows in each; of numbers, of those with a value
     * @param holdout null without held-out rows
     */
    public record Chart(
            String column,
            List<String> labels,
            boolean levels,
            List<Double> real,
            List<Double> synthetic,
            @Nullable List<Double> holdout) {}

    /** The figures as one object; the names of the metrics are those of the field's reports. */
    public Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("rows", rows.get(Part.SYNTHETIC.role()));
        Map<String, @Nullable Object> other = new LinkedHashMap<>();
        metrics.forEach((name, metric) -> {
            map.put(name, metric.synthetic());
            other.put(name, metric.reference());
        });
        map.put("reference", other);
        Map<String, Object> worst = new LinkedHashMap<>();
        columns.stream().limit(WORST).forEach(c -> worst.put(c.column(), c.shape()));
        map.put("worst_columns", worst);
        Map<String, Object> worstPairs = new LinkedHashMap<>();
        pairs.stream().limit(WORST).forEach(p -> {
            if (p.similarity() != null) {
                worstPairs.put(p.first() + "/" + p.second(), p.similarity());
            }
        });
        map.put("worst_pairs", worstPairs);
        map.put("conclusion", conclusion);
        return map;
    }

    /** Everything as the page's script takes it. */
    public Map<String, @Nullable Object> toPage() {
        Map<String, @Nullable Object> page = new LinkedHashMap<>();
        page.put("rows", rows);
        page.put("reference", reference);
        page.put("metrics", metrics);
        page.put("columns", columns);
        page.put("pairs", pairs);
        page.put("charts", charts);
        page.put("target", target);
        page.put("learner_rows", learnerRows);
        page.put("conclusion", conclusion);
        return page;
    }
}
