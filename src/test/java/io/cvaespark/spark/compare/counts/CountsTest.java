package io.cvaespark.spark.compare.counts;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/** What is counted and added up in parts is what one pass would give. */
class CountsTest {
    private static final double EXACT = 1e-12;

    /** Sums over ranges on several partitions give what one sorted list gives. */
    @Test
    void theKolmogorovSmirnovDistanceIsExactOverRanges() {
        Random random = new Random(1);
        List<Row> counts = new ArrayList<>();
        long[][] present = new long[3][2];
        double[][] expected = new double[2][2];
        for (int what = 0; what < 2; what++) {
            long[][] n = new long[3][500];
            for (int v = 0; v < 500; v++) {
                for (int t = 0; t < 3; t++) {
                    n[t][v] = random.nextInt(t + 3);
                    present[t][what] += n[t][v];
                }
                counts.add(RowFactory.create(what, v / 7.0, n[0][v], n[1][v], n[2][v]));
            }
            for (int t = 1; t < 3; t++) {
                long a = 0;
                long b = 0;
                for (int v = 0; v < 500; v++) {
                    a += n[0][v];
                    b += n[t][v];
                    double d = Math.abs(a / (double) present[0][what] - b / (double) present[t][what]);
                    expected[what][t - 1] = Math.max(expected[what][t - 1], d);
                }
            }
        }
        Collections.shuffle(counts, random);
        Dataset<Row> table = SparkTests.session()
                .createDataFrame(counts, StructType.fromDDL("what INT, x DOUBLE, n0 LONG, n1 LONG, n2 LONG"))
                .repartition(3);
        Map<Integer, double[]> found = KolmogorovSmirnov.distances(table, present, 9);
        for (int what = 0; what < 2; what++) {
            assertEquals(expected[what][0], Objects.requireNonNull(found.get(what))[0], EXACT);
            assertEquals(expected[what][1], Objects.requireNonNull(found.get(what))[1], EXACT);
        }
    }

    /** More different values than a counter keeps at once: it gives partial counts, whose sums are exact. */
    @Test
    void aCounterWithManyValuesBeginsAnew() {
        CellLayout layout =
                new CellLayout(new boolean[] {true}, new double[][] {new double[9]}, new int[0], new int[0]);
        int rows = 450_000;
        CellCounter counter = new CellCounter(
                layout,
                1,
                IntStream.range(0, rows)
                        .mapToObj(i -> RowFactory.create((double) (i % 225_000)))
                        .iterator());
        long seen = 0;
        long total = 0;
        while (counter.hasNext()) {
            Row row = counter.next();
            seen++;
            total += row.getLong(5);
        }
        assertEquals(rows, total);
        assertTrue(seen > 225_000, "it began anew, found " + seen);
    }
}
