package io.cvaespark.spark.table;

import io.cvaespark.linalg.Noise;
import java.io.Serializable;
import java.util.Arrays;

/** How many rows lie in each bin of a {@link TableRows}, and what they add up to. */
public final class RowCounts {
    private final long[] counts;
    private final long[] sums;
    private final int ranges;

    /** @param sums of {@link #mixed} of the rows' hashes, for each bin */
    RowCounts(long[] counts, long[] sums) {
        this.counts = counts;
        this.sums = sums;
        this.ranges = counts.length / TableRows.Kind.values().length;
    }

    /**
     * Bins that follow each other in the canonical order.
     *
     * @param starts the places at which they begin, and at the end the number of their rows
     * @param sums of {@link #mixed} of their rows' hashes
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Bins(long[] starts, long[] sums) implements Serializable {}

    /** A row's part in its bin's sum, which tells other rows, whatever their order. */
    public static long mixed(long hash) {
        return Noise.mix(hash);
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

    /** The bins of the training rows. Those of rows of unknown conditions come first, as they do by number. */
    public Bins trainingBins() {
        return bins(0, TableRows.bin(TableRows.Kind.HELD_OUT, 0, ranges));
    }

    /** The same of the held-out rows. */
    public Bins heldOutBins() {
        return bins(
                TableRows.bin(TableRows.Kind.HELD_OUT, 0, ranges), TableRows.bin(TableRows.Kind.INVALID, 0, ranges));
    }

    private Bins bins(int first, int end) {
        long[] starts = new long[end - first + 1];
        for (int bin = first; bin < end; bin++) {
            starts[bin - first + 1] = starts[bin - first] + counts[bin];
        }
        return new Bins(starts, Arrays.copyOfRange(sums, first, end));
    }
}
