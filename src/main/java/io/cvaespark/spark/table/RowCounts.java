package io.cvaespark.spark.table;

import java.util.Arrays;

/** How many rows lie in each bin of a {@link TableRows}. */
public final class RowCounts {
    private final long[] counts;
    private final int ranges;

    RowCounts(long[] counts) {
        this.counts = counts;
        this.ranges = counts.length / TableRows.Kind.values().length;
    }

    /** Rows of one kind. */
    public long of(TableRows.Kind kind) {
        int first = TableRows.bin(kind, 0, ranges);
        return Arrays.stream(counts, first, first + ranges).sum();
    }

    /** Rows of both kinds that are trained on. */
    public long training() {
        return of(TableRows.Kind.UNKNOWN) + of(TableRows.Kind.KNOWN);
    }

    /**
     * Places in the canonical order of the training rows at which their bins begin, and at the end their number.
     *
     * <p>The bins of rows of unknown conditions come first, as they do by number.
     */
    public long[] trainingStarts() {
        return starts(0, TableRows.bin(TableRows.Kind.HELD_OUT, 0, ranges));
    }

    /** The same of the held-out rows. */
    public long[] heldOutStarts() {
        return starts(
                TableRows.bin(TableRows.Kind.HELD_OUT, 0, ranges), TableRows.bin(TableRows.Kind.INVALID, 0, ranges));
    }

    private long[] starts(int first, int end) {
        long[] starts = new long[end - first + 1];
        for (int bin = first; bin < end; bin++) {
            starts[bin - first + 1] = starts[bin - first] + counts[bin];
        }
        return starts;
    }
}
