package io.cvaespark.spark.compare.counts;

import java.util.Iterator;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * Pearson's correlation of each pair of numbers, over the rows in which both are known.
 *
 * <p>r = (Σxy − ΣxΣy/n) / √((Σx² − (Σx)²/n)(Σy² − (Σy)²/n)), with x and y less their means so that no digits cancel.
 */
public final class Moments {
    private static final int SUMS = 6;

    private Moments() {}

    /** The correlations at the pairs' numbers in the layout; NaN where a column is constant, and for other pairs. */
    public static double[] correlations(Dataset<Row> rows, CellLayout layout, TableStats stats) {
        double[] shift = stats.mean();
        double[] sums = rows.toJavaRDD()
                .mapPartitions(
                        own -> java.util.List.of(sums(own, layout, shift)).iterator())
                .treeReduce(Moments::plus);
        double[] correlations = new double[layout.pairs()];
        for (int p = 0; p < correlations.length; p++) {
            boolean varies = layout.ofNumbers(p)
                    && !stats.isConstant(layout.first()[p])
                    && !stats.isConstant(layout.second()[p]);
            correlations[p] = varies ? correlation(sums, p * SUMS) : Double.NaN;
        }
        return correlations;
    }

    private static double correlation(double[] sums, int at) {
        double n = sums[at];
        double x = sums[at + 1];
        double y = sums[at + 2];
        double ofX = sums[at + 3] - x * x / n;
        double ofY = sums[at + 4] - y * y / n;
        return ofX > 0 && ofY > 0 ? (sums[at + 5] - x * y / n) / Math.sqrt(ofX * ofY) : Double.NaN;
    }

    /** n, Σx, Σy, Σx², Σy² and Σxy of each pair. */
    private static double[] sums(Iterator<Row> rows, CellLayout layout, double[] shift) {
        double[] sums = new double[SUMS * layout.pairs()];
        double[] cells = new double[layout.width()];
        while (rows.hasNext()) {
            Row row = rows.next();
            for (int j = 0; j < cells.length; j++) {
                boolean known = layout.number()[j] && !row.isNullAt(j);
                cells[j] = known ? row.getDouble(j) - shift[j] : Double.NaN;
            }
            for (int p = 0; p < layout.pairs(); p++) {
                double x = cells[layout.first()[p]];
                double y = cells[layout.second()[p]];
                if (!Double.isNaN(x) && !Double.isNaN(y)) {
                    int at = p * SUMS;
                    sums[at]++;
                    sums[at + 1] += x;
                    sums[at + 2] += y;
                    sums[at + 3] += x * x;
                    sums[at + 4] += y * y;
                    sums[at + 5] += x * y;
                }
            }
        }
        return sums;
    }

    private static double[] plus(double[] a, double[] b) {
        double[] sum = a.clone();
        for (int i = 0; i < sum.length; i++) {
            sum[i] += b[i];
        }
        return sum;
    }
}
