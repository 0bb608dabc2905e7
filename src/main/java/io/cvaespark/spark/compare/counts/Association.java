package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Cramér's V of each pair with a category, in the real rows: √(χ² / n / (min(k, l) − 1)) for k and l values, 0 where a column
 * is constant.
 *
 * <p>χ² = n (Σ n_ij² / (n_i n_j) − 1). For two columns of two values it has Yates' correction, as in SciPy: with d = |n_ij −
 * e_ij|, which is the same in all four cells, χ² = max(0, d − ½)² Σ 1/e_ij.
 */
public final class Association {
    private static final double YATES = 0.5;

    private final double[] values;
    private final double[] inverse;

    private Association(int pairs) {
        values = new double[pairs];
        inverse = new double[pairs];
    }

    /** Cramér's V at the pairs' numbers in the layout; 0 for pairs of numbers. */
    public static double[] cramer(CellCounts counts, CellLayout layout, long rows) {
        Dataset<Row> real = counts.cells()
                .where(col("what").geq(layout.width()).and(col("n0").gt(0)))
                .select("what", "a", "b", "n0");
        Dataset<Row> firsts = margins(real, "a");
        Dataset<Row> seconds = margins(real, "b");
        Association first = totals(firsts, layout);
        Association second = totals(seconds, layout);
        Column square =
                col("n0").cast("double").multiply(col("n0")).divide(col("of_a").multiply(col("of_b")));
        double[] v = new double[layout.pairs()];
        for (Row row : joined(joined(real, firsts, "a"), seconds, "b")
                .groupBy("what")
                .agg(sum(square))
                .collectAsList()) {
            int p = row.getInt(0) - layout.width();
            double fewest = Math.min(first.values[p], second.values[p]) - 1;
            if (fewest >= 1) {
                double chi = rows * Math.max(0, row.getDouble(1) - 1);
                if (first.values[p] == 2 && second.values[p] == 2) {
                    chi = corrected(chi, rows * first.inverse[p] * second.inverse[p]);
                }
                v[p] = Math.sqrt(chi / rows / fewest);
            }
        }
        return v;
    }

    /** @param inverses Σ 1/e_ij */
    private static double corrected(double chi, double inverses) {
        double difference = Math.max(0, Math.sqrt(chi / inverses) - YATES);
        return difference * difference * inverses;
    }

    private static Dataset<Row> margins(Dataset<Row> real, String side) {
        return real.groupBy("what", side).agg(sum("n0").cast("double").as("of_" + side));
    }

    private static Dataset<Row> joined(Dataset<Row> cells, Dataset<Row> margins, String side) {
        Dataset<Row> renamed = margins.withColumnRenamed("what", "of").withColumnRenamed(side, "value");
        return cells.join(
                        renamed,
                        cells.col("what")
                                .equalTo(renamed.col("of"))
                                .and(cells.col(side).eqNullSafe(renamed.col("value"))))
                .drop("of", "value");
    }

    /** The number of values on one side of each pair, and Σ 1/n_i. */
    private static Association totals(Dataset<Row> margins, CellLayout layout) {
        Association totals = new Association(layout.pairs());
        Column of = col(margins.columns()[2]);
        for (Row row : margins.groupBy("what")
                .agg(count(lit(1)), sum(lit(1.0).divide(of)))
                .collectAsList()) {
            int p = row.getInt(0) - layout.width();
            totals.values[p] = row.getLong(1);
            totals.inverse[p] = row.getDouble(2);
        }
        return totals;
    }
}
