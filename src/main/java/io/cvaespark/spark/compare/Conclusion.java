package io.cvaespark.spark.compare;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One sentence about what a reader may conclude from the figures. */
final class Conclusion {
    /** How much more than real rows the synthetic ones may be detected and still count as the same. */
    private static final double SAME = 0.03;

    private static final double CLOSE = 0.15;
    private static final double APART = 0.35;
    private static final int GIVEAWAYS = 3;

    /** Copies beyond twice the share of the held-out rows, and beyond this one, are said. */
    private static final double FEW_COPIES = 0.001;

    private Conclusion() {}

    static String of(Map<String, Comparison.Metric> metrics, List<Comparison.ColumnResult> columns) {
        return "%s%s.".formatted(detection(metrics, columns), copies(metrics.get("copies")));
    }

    private static String detection(Map<String, Comparison.Metric> metrics, List<Comparison.ColumnResult> columns) {
        Comparison.Metric detection = metrics.get("detection");
        Comparison.Metric shapes = metrics.get("shapes");
        Double auc = detection == null ? null : detection.synthetic();
        if (auc == null) {
            return "There are too few rows for a learner, so only the single columns can be judged, whose shapes agree to %s"
                    .formatted(shapes == null ? "none" : figure(shapes.synthetic()));
        }
        Double reference = detection == null ? null : detection.reference();
        double excess = auc - Math.max(0.5, reference == null ? 0.5 : reference);
        String figures = "(%s, where %s is what real rows reach)".formatted(figure(auc), figure(reference));
        if (excess <= SAME) {
            return "Boosted trees cannot tell the synthetic rows from real ones %s, so what is learned from one column, or from several together, should hold for the real table"
                    .formatted(figures);
        }
        String by = columns.stream()
                .sorted(Comparator.comparingDouble(Conclusion::importance).reversed())
                .limit(GIVEAWAYS)
                .map(Comparison.ColumnResult::column)
                .collect(Collectors.joining(", "));
        if (excess <= CLOSE) {
            return "Boosted trees tell some synthetic rows from real ones %s, most by %s: single columns and pairs may be trusted as far as their figures go, but check conclusions about rare cases on real rows"
                    .formatted(figures, by);
        }
        if (excess <= APART) {
            return "Boosted trees tell many synthetic rows from real ones %s, most by %s: trust only the columns and pairs whose figures are high"
                    .formatted(figures, by);
        }
        return "Boosted trees tell nearly all synthetic rows from real ones %s, most by %s: the rows are of use to try out programs, not to draw conclusions"
                .formatted(figures, by);
    }

    private static double importance(Comparison.ColumnResult column) {
        return column.importance() == null ? 0 : column.importance();
    }

    private static String copies(Comparison.@Nullable Metric copies) {
        Double share = copies == null ? null : copies.synthetic();
        if (copies == null || share == null) {
            return "";
        }
        Double reference = copies.reference();
        boolean many = share > FEW_COPIES && (reference == null ? share > 0.01 : share > 2 * reference);
        return many
                ? "; %s %% of the synthetic rows are copies of real ones, so they may disclose real rows"
                        .formatted(String.format(Locale.ROOT, "%.2f", 100 * share))
                : "";
    }

    private static String figure(@Nullable Double value) {
        return value == null ? "none" : String.format(Locale.ROOT, "%.3f", value);
    }
}
