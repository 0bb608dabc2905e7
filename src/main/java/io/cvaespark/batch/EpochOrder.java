package io.cvaespark.batch;

import io.cvaespark.linalg.Noise;
import java.util.Arrays;

/**
 * The order in which an epoch visits the rows of one shard: a pure function of (seed, epoch, shard).
 *
 * <p>Two levels, so that a shard larger than memory is read block by block: the blocks are permuted, and within each
 * window of {@value #WINDOW_BLOCKS} successive blocks the rows are permuted. The order is the same whether or not the data
 * fits in memory.
 */
public final class EpochOrder {
    /** Blocks whose rows are mixed. */
    public static final int WINDOW_BLOCKS = 16;

    private final int[] blocks;
    /** Rows before each place of {@link #blocks}. */
    private final long[] start;

    private final long windowKey;

    /** The order for a shard of {@code rows} rows in blocks of at most {@code blockRows}. */
    public EpochOrder(long rows, int blockRows, long seed, long epoch, int shard) {
        int count = blockCount(rows, blockRows);
        blocks = new int[count];
        start = new long[count + 1];
        windowKey = Noise.key(seed, Noise.Purpose.SHUFFLE, epoch, shard, 1);
        if (count > 0) {
            Permutation order = new Permutation(count, Noise.key(seed, Noise.Purpose.SHUFFLE, epoch, shard, 0));
            for (int i = 0; i < count; i++) {
                blocks[i] = (int) order.at(i);
                start[i + 1] = start[i] + blockSize(rows, blockRows, blocks[i]);
            }
        }
    }

    /** Number of blocks of a shard of {@code rows} rows. */
    public static int blockCount(long rows, int blockRows) {
        return Math.toIntExact((rows + blockRows - 1) / blockRows);
    }

    /** Rows of block {@code index}: all blocks differ by at most one row. */
    public static int blockSize(long rows, int blockRows, int index) {
        int count = blockCount(rows, blockRows);
        return (int) (rows / count + (index < rows % count ? 1 : 0));
    }

    /** First row of block {@code index} within its shard. */
    public static long blockStart(long rows, int blockRows, int index) {
        int count = blockCount(rows, blockRows);
        return rows / count * index + Math.min(index, rows % count);
    }

    /** Receives where a row lies. */
    public interface Visitor {
        void visit(int block, int row);
    }

    /** Visits the rows at places {@code from} to {@code to} (exclusive) of the epoch's order, in that order. */
    public void visit(long from, long to, Visitor visitor) {
        long place = from;
        while (place < to) {
            int window = placeOf(place) / WINDOW_BLOCKS;
            int first = window * WINDOW_BLOCKS;
            int last = Math.min(first + WINDOW_BLOCKS, blocks.length);
            Permutation rows = new Permutation(start[last] - start[first], Noise.mix(windowKey + window));
            long end = Math.min(to, start[last]);
            for (; place < end; place++) {
                long row = start[first] + rows.at(place - start[first]);
                int at = placeOf(row);
                visitor.visit(blocks[at], (int) (row - start[at]));
            }
        }
    }

    private int placeOf(long row) {
        int found = Arrays.binarySearch(start, row);
        return found >= 0 ? found : -found - 2;
    }
}
