package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.avg;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;

/**
 * What is known of one table before its cells are counted.
 *
 * @param rows of the table
 * @param present the number of values of each column that are not missing
 * @param min of each number; 0 for categories and where all values are missing
 * @param max likewise
 * @param mean likewise
 */
public record TableStats(long rows, long[] present, double[] min, double[] max, double[] mean) {

    public static TableStats of(ComparedTables tables, Part part) {
        List<Column> wanted = new ArrayList<>();
        for (int j = 0; j < tables.width(); j++) {
            Column cell = col("c" + j);
            Column number = tables.columns().get(j).number() ? cell : lit(0.0);
            wanted.addAll(List.of(count(cell), functions.min(number), functions.max(number), avg(number)));
        }
        Row found = tables.rows(part)
                .agg(count(lit(1)), wanted.toArray(Column[]::new))
                .first();
        long rows = found.getLong(0);
        int width = tables.width();
        TableStats stats =
                new TableStats(rows, new long[width], new double[width], new double[width], new double[width]);
        for (int j = 0; j < width; j++) {
            int at = 1 + 4 * j;
            stats.present[j] = found.getLong(at);
            if (stats.present[j] > 0) {
                stats.min[j] = found.getDouble(at + 1);
                stats.max[j] = found.getDouble(at + 2);
                stats.mean[j] = found.getDouble(at + 3);
            }
            if (Double.isInfinite(stats.min[j]) || Double.isInfinite(stats.max[j])) {
                throw new IllegalArgumentException(
                        "Column %s of %s has infinite values, which have no bin and no correlation; replace them, or leave the column out with --columns"
                                .formatted(tables.columns().get(j).name(), part.role()));
            }
        }
        return stats;
    }

    /** The share of the rows in which a column's value is missing. */
    public double missing(int column) {
        return 1 - present[column] / (double) rows;
    }

    public boolean isConstant(int column) {
        return min[column] == max[column];
    }

    /** Where a column's nine inner edges lie: ten bins of equal width from the least value to the greatest. */
    public double[] edges(int column) {
        double low = isConstant(column) ? min[column] - 0.5 : min[column];
        double high = isConstant(column) ? max[column] + 0.5 : max[column];
        double width = (high - low) / CellCounter.BINS;
        double[] edges = new double[CellCounter.BINS - 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = (i + 1) * width + low;
        }
        return edges;
    }
}
