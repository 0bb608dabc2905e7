package io.cvaespark.batch;

import io.cvaespark.linalg.Noise;
import java.util.Arrays;

/**
 * The order in which an epoch visits the rows of one shard: a pure function of (seed, epoch, shard).
 *
 * <p>The order has two levels, so that a shard larger than memory can be read block by block: the blocks are permuted,
 * and then the rows are permuted within each window of {@value #WINDOW_BLOCKS} successive blocks. The order is the same
 * if the data fits in memory.
 */
public final class EpochOrder {
    /** The number of blocks in a window. */
    public static final int WINDOW_BLOCKS = 16;

    private final int[] blocks;
    /** The number of rows before each element of {@link #blocks}. */
    private final long[] start;

    private final long windowKey;

    /** Creates the order for a shard of {@code rows} rows in blocks of at most {@code blockRows}. */
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

    /** The number of blocks of a shard of {@code rows} rows. */
    public static int blockCount(long rows, int blockRows) {
        return Math.toIntExact((rows + blockRows - 1) / blockRows);
    }

    /** The number of rows in block {@code index}; the sizes of blocks differ by at most one row. */
    public static int blockSize(long rows, int blockRows, int index) {
        int count = blockCount(rows, blockRows);
        return (int) (rows / count + (index < rows % count ? 1 : 0));
    }

    /** The first row of block {@code index} within its shard. */
    public static long blockStart(long rows, int blockRows, int index) {
        int count = blockCount(rows, blockRows);
        return rows / count * index + Math.min(index, rows % count);
    }

    /** Receives the block and the index of each row. */
    public interface Visitor {
        void visit(int block, int row);
    }

    /** Visits the rows {@code from} to {@code to} (exclusive) of the epoch's order, in that order. */
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
