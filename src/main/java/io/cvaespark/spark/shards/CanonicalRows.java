package io.cvaespark.spark.shards;

import io.cvaespark.spark.table.RowCounts;
import io.cvaespark.spark.table.TableFitter;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import org.apache.spark.sql.catalyst.InternalRow;

/** A stretch of the canonical order, from bins that follow each other in it; each row is overwritten by the next. */
final class CanonicalRows implements Iterator<InternalRow> {
    private final long[] starts;
    private final long[] sums;
    private final IntFunction<Iterator<InternalRow>> sorted;
    private final long end;
    private long place;
    private int bin;
    private boolean open;
    private long sum;
    private Iterator<InternalRow> rows = Collections.emptyIterator();

    /**
     * @param bins which follow each other
     * @param sorted the rows of a bin, in order
     * @param begin place of the first row
     * @param end place behind the last row
     */
    CanonicalRows(RowCounts.Bins bins, IntFunction<Iterator<InternalRow>> sorted, long begin, long end) {
        this.starts = bins.starts();
        this.sums = bins.sums();
        this.sorted = sorted;
        this.place = begin;
        this.end = end;
    }

    @Override
    public boolean hasNext() {
        return place < end;
    }

    @Override
    public InternalRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (!open) {
            open();
        }
        InternalRow row = read();
        place++;
        if (place == starts[bin + 1] || place == end) {
            row = row.copy();
            close();
        }
        return row;
    }

    private void open() {
        while (starts[bin + 1] <= place) {
            bin++;
        }
        rows = sorted.apply(bin);
        open = true;
        sum = 0;
        for (long before = starts[bin]; before < place; before++) {
            InternalRow unused = read();
        }
    }

    private InternalRow read() {
        if (!rows.hasNext()) {
            throw changed("has fewer now");
        }
        InternalRow row = rows.next();
        sum += RowCounts.mixed(row.getLong(TableFitter.HASH));
        return row;
    }

    /** Reads to the bin's end: then what sorts it gives its memory back, and it is known that the bin has not changed. */
    private void close() {
        for (long after = place; after < starts[bin + 1]; after++) {
            InternalRow unused = read();
        }
        if (rows.hasNext()) {
            throw changed("has more now");
        }
        if (sum != sums[bin]) {
            throw changed("has other rows now");
        }
        open = false;
    }

    private IllegalStateException changed(String difference) {
        return new IllegalStateException(
                "The training data has changed since it was first read: a part that had %s rows %s. Train on data that nobody writes to, and whose query gives the same rows each time"
                        .formatted(starts[bin + 1] - starts[bin], difference));
    }
}
