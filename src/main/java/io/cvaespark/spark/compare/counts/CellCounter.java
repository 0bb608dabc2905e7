package io.cvaespark.spark.compare.counts;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.jspecify.annotations.Nullable;

/**
 * Counts the values and the pairs of values of one partition.
 *
 * <p>It gives rows (what, a, b, x, n₀, n₁, n₂): of a number its value x, of a category its text a, of a pair the texts a and b,
 * a number being its bin. When many different values have been seen, it gives what it has and begins anew, so that its memory
 * is bounded; the sum over all partitions is exact.
 */
public final class CellCounter implements Iterator<Row> {
    /** Bins of a number in a pair with a category. */
    static final int BINS = 10;

    private static final int MOST_ENTRIES = 200_000;

    private final CellLayout layout;
    private final int part;
    private final Iterator<Row> rows;
    private Iterator<Row> counted = Collections.emptyIterator();

    private final List<Map<@Nullable String, Integer>> codes = new ArrayList<>();
    private final List<List<@Nullable String>> texts = new ArrayList<>();
    private LongCounts[] values = {};
    private LongCounts[] pairs = {};
    private long[] missing = {};
    private int entries;

    /** @param part the ordinal of the table that the rows are of */
    public CellCounter(CellLayout layout, int part, Iterator<Row> rows) {
        this.layout = layout;
        this.part = part;
        this.rows = rows;
    }

    @Override
    public boolean hasNext() {
        if (!counted.hasNext() && rows.hasNext()) {
            clear();
            int[] cells = new int[layout.width()];
            while (rows.hasNext() && entries < MOST_ENTRIES) {
                count(rows.next(), cells);
            }
            counted = result().iterator();
        }
        return counted.hasNext();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return counted.next();
    }

    private void clear() {
        entries = 0;
        codes.clear();
        texts.clear();
        for (int j = 0; j < layout.width(); j++) {
            codes.add(new HashMap<>());
            texts.add(new ArrayList<>());
        }
        values = counts(layout.width());
        pairs = counts(layout.pairs());
        missing = new long[layout.width()];
    }

    private static LongCounts[] counts(int n) {
        LongCounts[] counts = new LongCounts[n];
        for (int i = 0; i < n; i++) {
            counts[i] = new LongCounts();
        }
        return counts;
    }

    private void count(Row row, int[] cells) {
        for (int j = 0; j < cells.length; j++) {
            cells[j] = layout.number()[j] ? bin(row, j) : code(row, j);
        }
        for (int p = 0; p < pairs.length; p++) {
            if (!layout.ofNumbers(p)
                    && pairs[p].add(((long) cells[layout.first()[p]] << 32) | cells[layout.second()[p]])) {
                entries++;
            }
        }
    }

    /** Counts a number and returns its bin: the number of inner edges that are not above it; a missing one is in a bin of its own. */
    private int bin(Row row, int column) {
        if (row.isNullAt(column)) {
            missing[column]++;
            return BINS;
        }
        double value = row.getDouble(column);
        if (values[column].add(Double.doubleToLongBits(value))) {
            entries++;
        }
        int bin = 0;
        for (double edge : layout.edges()[column]) {
            bin += edge <= value ? 1 : 0;
        }
        return bin;
    }

    /** Counts a category and returns its place among those that were seen. */
    private int code(Row row, int column) {
        String text = row.isNullAt(column) ? null : row.getString(column);
        Integer known = codes.get(column).get(text);
        int code = known == null ? texts.get(column).size() : known;
        if (known == null) {
            codes.get(column).put(text, code);
            texts.get(column).add(text);
        }
        if (values[column].add(code)) {
            entries++;
        }
        return code;
    }

    private List<Row> result() {
        List<Row> result = new ArrayList<>(entries);
        for (int j = 0; j < layout.width(); j++) {
            int column = j;
            values[j].forEach((key, n) -> result.add(
                    layout.number()[column]
                            ? row(column, null, null, Double.longBitsToDouble(key), n)
                            : row(column, texts.get(column).get((int) key), null, null, n)));
            if (missing[j] > 0) {
                result.add(row(j, null, null, null, missing[j]));
            }
        }
        for (int p = 0; p < pairs.length; p++) {
            int pair = p;
            pairs[p].forEach((key, n) -> result.add(row(
                    layout.width() + pair,
                    text(layout.first()[pair], (int) (key >>> 32)),
                    text(layout.second()[pair], (int) key),
                    null,
                    n)));
        }
        return result;
    }

    private @Nullable String text(int column, int cell) {
        if (layout.number()[column]) {
            return cell == BINS ? null : String.valueOf(cell);
        }
        return texts.get(column).get(cell);
    }

    private Row row(int what, @Nullable String a, @Nullable String b, @Nullable Double x, long n) {
        return RowFactory.create(what, a, b, x, part == 0 ? n : 0L, part == 1 ? n : 0L, part == 2 ? n : 0L);
    }
}
