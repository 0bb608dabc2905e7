package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.storage.StorageLevel;

/**
 * The Kolmogorov–Smirnov distance of numbers, max over x of |F₀(x) − F(x)|, exact on all rows.
 *
 * <p>The distinct values of all columns, with their counts, are sorted over the cluster into ranges. One pass adds up the counts
 * of each column in each range; the driver adds these sums up, so that each range knows how many values lie before it. A
 * second pass runs through the ranges with cumulative sums. No range holds more than its share of the distinct values.
 */
public final class KolmogorovSmirnov {
    private static final int TABLES = Part.values().length;
    private static final StructType SUMS = StructType.fromDDL("range INT, what INT, n0 DOUBLE, n1 DOUBLE, n2 DOUBLE");
    private static final StructType DISTANCES = StructType.fromDDL("what INT, synthetic DOUBLE, holdout DOUBLE");

    private KolmogorovSmirnov() {}

    /**
     * The distances of each number from the real rows: of the synthetic ones, and of the held-out ones.
     *
     * @param counts rows (what, x, n₀, n₁, n₂) of known values, each value once for a column
     * @param present the number of known values of a column in each table: [table][column]
     * @param partitions how many ranges to make
     */
    public static Map<Integer, double[]> distances(Dataset<Row> counts, long[][] present, int partitions) {
        Dataset<Row> sorted = counts.select("what", "x", "n0", "n1", "n2")
                .repartitionByRange(partitions, col("what"), col("x"))
                .sortWithinPartitions("what", "x")
                .persist(StorageLevel.MEMORY_AND_DISK());
        try {
            Map<Integer, double[]> distances = new TreeMap<>();
            List<Row> sums = sums(sorted);
            if (sums.isEmpty()) {
                return distances; // no column is a number, or none has a value
            }
            double[][][] before = before(sums, present[0].length);
            for (Row row : sorted.sparkSession()
                    .createDataFrame(
                            sorted.toJavaRDD()
                                    .mapPartitionsWithIndex(
                                            (range, rows) -> largest(rows, before[range], present), true),
                            DISTANCES)
                    .groupBy("what")
                    .max("synthetic", "holdout")
                    .collectAsList()) {
                distances.put(row.getInt(0), new double[] {row.getDouble(1), row.getDouble(2)});
            }
            return distances;
        } finally {
            sorted.unpersist();
        }
    }

    /** The counts of each column in each range: rows (range, what, n₀, n₁, n₂). */
    private static List<Row> sums(Dataset<Row> sorted) {
        int ranges = sorted.javaRDD().getNumPartitions();
        List<Row> sums = new ArrayList<>(sorted.sparkSession()
                .createDataFrame(sorted.toJavaRDD().mapPartitionsWithIndex(KolmogorovSmirnov::ofRange, true), SUMS)
                .collectAsList());
        for (int range = 0; range < ranges; range++) {
            sums.add(RowFactory.create(range, -1, 0.0, 0.0, 0.0)); // a range may be empty
        }
        return sums;
    }

    private static Iterator<Row> ofRange(int range, Iterator<Row> rows) {
        Map<Integer, double[]> sums = new TreeMap<>();
        while (rows.hasNext()) {
            Row row = rows.next();
            double[] own = sums.computeIfAbsent(row.getInt(0), what -> new double[TABLES]);
            for (int t = 0; t < TABLES; t++) {
                own[t] += row.getLong(2 + t);
            }
        }
        return sums.entrySet().stream()
                .map(e -> RowFactory.create(range, e.getKey(), e.getValue()[0], e.getValue()[1], e.getValue()[2]))
                .iterator();
    }

    /** How many values of each column lie before each range: [range][column][table]. */
    private static double[][][] before(List<Row> sums, int columns) {
        List<Row> ordered = new ArrayList<>(sums);
        ordered.sort(Comparator.comparingInt(row -> row.getInt(0)));
        int ranges = ordered.get(ordered.size() - 1).getInt(0) + 1;
        double[][][] before = new double[ranges][columns][TABLES];
        double[][] total = new double[columns][TABLES];
        int at = 0;
        for (int range = 0; range < ranges; range++) {
            for (int column = 0; column < columns; column++) {
                before[range][column] = total[column].clone();
            }
            for (; at < ordered.size() && ordered.get(at).getInt(0) == range; at++) {
                Row row = ordered.get(at);
                for (int t = 0; t < TABLES && row.getInt(1) >= 0; t++) {
                    total[row.getInt(1)][t] += row.getDouble(2 + t);
                }
            }
        }
        return before;
    }

    /** The largest differences within one sorted range, per column: rows (what, synthetic, holdout). */
    private static Iterator<Row> largest(Iterator<Row> rows, double[][] before, long[][] present) {
        Map<Integer, double[]> largest = new TreeMap<>();
        double[][] seen = Arrays.stream(before).map(double[]::clone).toArray(double[][]::new);
        while (rows.hasNext()) {
            Row row = rows.next();
            int what = row.getInt(0);
            double[] share = new double[TABLES];
            for (int t = 0; t < TABLES; t++) {
                seen[what][t] += row.getLong(2 + t);
                share[t] = seen[what][t] / Math.max(1, present[t][what]);
            }
            double[] own = largest.computeIfAbsent(what, w -> new double[TABLES - 1]);
            for (int t = 1; t < TABLES; t++) {
                own[t - 1] = Math.max(own[t - 1], Math.abs(share[0] - share[t]));
            }
        }
        return largest.entrySet().stream()
                .map(e -> RowFactory.create(e.getKey(), e.getValue()[0], e.getValue()[1]))
                .iterator();
    }
}
