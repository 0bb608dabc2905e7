package io.cvaespark.batch;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Consecutive rows of one shard, packed.
 *
 * @param shard which shard
 * @param index place of the block in its shard
 * @param values [rows × (X+C)], row by row: targets, then conditions
 * @param weights instance weights; null when all are 1
 * @param ids what keys each row's noise
 */
@SuppressWarnings("ArrayRecordComponent") // a container that is never compared; copies would double the data
public record Block(int shard, int index, float[] values, float @Nullable [] weights, long[] ids)
        implements Serializable {

    /** Rows a block has at most, so that it takes about a megabyte. */
    public static int maxRows(int rowWidth) {
        return Math.max(1, Math.min(1024, (1 << 18) / Math.max(1, rowWidth)));
    }

    public int rows() {
        return ids.length;
    }
}
