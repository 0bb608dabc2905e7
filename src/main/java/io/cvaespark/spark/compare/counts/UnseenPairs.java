package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;

/**
 * Pairs of values that never occur together in the real rows: the share of rows that have such a pair.
 *
 * <p>Looked at are the columns of fewer than 100 values in the real rows, numbers as they are. A row with a value that the real
 * rows do not have has such a pair.
 */
public final class UnseenPairs {
    private static final int FEW = 100;

    private final Broadcast<List<Coded>> columns;
    private final Broadcast<BitSet[]> together;

    /** A column of few values, with a code for each of them; null, the missing value, may be one. */
    private record Coded(int column, Map<@Nullable Object, Integer> codes) implements Serializable {
        /** The code of a row's value; −1: the real rows do not have it. */
        int of(Row row) {
            Integer code = codes.get(row.get(column));
            return code == null ? -1 : code;
        }
    }

    private UnseenPairs(Broadcast<List<Coded>> columns, Broadcast<BitSet[]> together) {
        this.columns = columns;
        this.together = together;
    }

    /** Learns from the real rows which values occur together. */
    public static UnseenPairs of(
            ComparedTables tables, CellLayout layout, CellCounts counts, CellCounts.Totals[] totals) {
        List<Coded> coded = new ArrayList<>();
        Map<Integer, Map<@Nullable Object, Integer>> codes = new HashMap<>();
        for (int j = 0; j < layout.width(); j++) {
            if (totals[j].realValues() < FEW) {
                Map<@Nullable Object, Integer> own = new HashMap<>();
                codes.put(j, own);
                coded.add(new Coded(j, own));
            }
        }
        for (Row row : counts.cells()
                .where(col("what").isInCollection(codes.keySet()).and(col("n0").gt(0)))
                .select("what", "a", "x")
                .collectAsList()) {
            Map<@Nullable Object, Integer> own = codes.getOrDefault(row.getInt(0), Map.of());
            own.put(row.get(layout.number()[row.getInt(0)] ? 2 : 1), own.size());
        }
        Dataset<Row> real = tables.rows(Part.REAL);
        JavaSparkContext context =
                JavaSparkContext.fromSparkContext(real.sparkSession().sparkContext());
        Broadcast<List<Coded>> columns = context.broadcast(coded);
        BitSet[] together = real.toJavaRDD()
                .mapPartitions(rows -> Collections.singletonList(together(rows, columns.value()))
                        .iterator())
                .treeReduce(UnseenPairs::both);
        return new UnseenPairs(columns, context.broadcast(together));
    }

    /** The share of the rows that have a pair which never occurs in the real rows. */
    public double share(Dataset<Row> rows, long count) {
        Broadcast<List<Coded>> known = columns;
        Broadcast<BitSet[]> seen = together;
        long odd = rows.toJavaRDD()
                .mapPartitions(
                        own -> List.of(unseen(own, known.value(), seen.value())).iterator())
                .reduce(Long::sum);
        return odd / (double) count;
    }

    private static BitSet[] together(Iterator<Row> rows, List<Coded> columns) {
        BitSet[] together = new BitSet[columns.size() * columns.size()];
        for (int i = 0; i < together.length; i++) {
            together[i] = new BitSet();
        }
        int[] codes = new int[columns.size()];
        while (rows.hasNext()) {
            encode(rows.next(), columns, codes);
            for (int i = 0; i < codes.length; i++) {
                for (int j = i + 1; j < codes.length; j++) {
                    together[i * codes.length + j].set(FEW * codes[i] + codes[j]);
                }
            }
        }
        return together;
    }

    private static long unseen(Iterator<Row> rows, List<Coded> columns, BitSet[] together) {
        int[] codes = new int[columns.size()];
        long unseen = 0;
        while (rows.hasNext()) {
            encode(rows.next(), columns, codes);
            unseen += isUnseen(codes, together) ? 1 : 0;
        }
        return unseen;
    }

    private static boolean isUnseen(int[] codes, BitSet[] together) {
        for (int i = 0; i < codes.length; i++) {
            for (int j = i + 1; j < codes.length; j++) {
                boolean known = codes[i] >= 0 && codes[j] >= 0;
                if (!known || !together[i * codes.length + j].get(FEW * codes[i] + codes[j])) {
                    return true;
                }
            }
        }
        return false;
    }

    private static void encode(Row row, List<Coded> columns, int[] codes) {
        for (int i = 0; i < codes.length; i++) {
            codes[i] = columns.get(i).of(row);
        }
    }

    private static BitSet[] both(BitSet[] a, BitSet[] b) {
        for (int i = 0; i < a.length; i++) {
            a[i].or(b[i]);
        }
        return a;
    }

    public void destroy() {
        columns.destroy();
        together.destroy();
    }
}
