package io.cvaespark.batch;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A block of consecutive rows of one shard in one array.
 *
 * @param shard the number of the shard
 * @param index the number of the block within its shard
 * @param values [rows × (X+C)], each row being its targets and then its conditions
 * @param weights the instance weights; null if all are 1
 * @param ids the id of each row, which is part of its noise key
 */
@SuppressWarnings("ArrayRecordComponent") // a container that is never compared; copies would double the data
public record Block(int shard, int index, float[] values, float @Nullable [] weights, long[] ids)
        implements Serializable {

    /** The most rows in a block, so that it takes about a megabyte. */
    public static int maxRows(int rowWidth) {
        return Math.max(1, Math.min(1024, (1 << 18) / Math.max(1, rowWidth)));
    }

    public int rows() {
        return ids.length;
    }
}
