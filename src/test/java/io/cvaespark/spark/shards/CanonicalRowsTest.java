package io.cvaespark.spark.shards;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.table.RowCounts;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.GenericInternalRow;
import org.junit.jupiter.api.Test;

/** Stretches of rows that lie in bins, some of which are empty. */
class CanonicalRowsTest {
    private static final long[] STARTS = {0, 0, 3, 3, 3, 4, 9, 9};

    private static final RowCounts.Bins BINS = new RowCounts.Bins(
            STARTS,
            IntStream.range(0, STARTS.length - 1)
                    .mapToLong(bin -> LongStream.range(STARTS[bin], STARTS[bin + 1])
                            .map(RowCounts::mixed)
                            .sum())
                    .toArray());

    /** Bins whose rows hold their place; like a task's, they write each row over the one before. */
    private static final class Bins implements IntFunction<Iterator<InternalRow>> {
        private final List<Iterator<Long>> opened = new ArrayList<>();
        private final long surplus;

        Bins(long surplus) {
            this.surplus = surplus;
        }

        @Override
        public Iterator<InternalRow> apply(int bin) {
            Iterator<Long> places =
                    LongStream.range(STARTS[bin], STARTS[bin + 1] + surplus).iterator();
            opened.add(places);
            GenericInternalRow row = new GenericInternalRow(1);
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return places.hasNext();
                }

                @Override
                public InternalRow next() {
                    row.update(0, places.next());
                    return row;
                }
            };
        }
    }

    private static List<Long> read(Bins bins, long begin, long end) {
        List<Long> places = new ArrayList<>();
        new CanonicalRows(BINS, bins, begin, end).forEachRemaining(row -> places.add(row.getLong(0)));
        return places;
    }

    @Test
    void everyStretchHasItsRows() {
        for (long begin = 0; begin <= 9; begin++) {
            for (long end = begin; end <= 9; end++) {
                Bins bins = new Bins(0);
                assertEquals(
                        LongStream.range(begin, end).boxed().toList(), read(bins, begin, end), begin + " to " + end);
                for (Iterator<Long> bin : bins.opened) {
                    assertFalse(bin.hasNext(), "a bin was left before its end: what sorts it holds its memory");
                }
            }
        }
    }

    @Test
    void nothingFollowsTheLastRow() {
        CanonicalRows rows = new CanonicalRows(BINS, new Bins(0), 2, 4);
        rows.next();
        rows.next();
        ExpectedError.of(NoSuchElementException.class, rows::next);
    }

    @Test
    void aBinThatChangedIsAnError() {
        ExpectedError.of(
                IllegalStateException.class,
                () -> read(new Bins(-1), 0, 9),
                "The training data has changed since it was first read",
                "had 3 rows has fewer now");
        ExpectedError.of(IllegalStateException.class, () -> read(new Bins(1), 3, 9), "had 1 rows has more now");
        ExpectedError.of(IllegalStateException.class, () -> read(new Bins(-1), 0, 1), "had 3 rows has fewer now");
        RowCounts.Bins others = new RowCounts.Bins(STARTS, new long[STARTS.length - 1]);
        CanonicalRows rows = new CanonicalRows(others, new Bins(0), 0, 9);
        ExpectedError.of(
                IllegalStateException.class,
                () -> rows.forEachRemaining(row -> {}),
                "a part that had 3 rows has other rows now");
    }
}
