package io.cvaespark.data;

import java.io.Serializable;

/**
 * How N rows are dealt to S shards, and the rows of each step to the shards: fixed rules of N, S and the batch.
 *
 * <p>The shards take consecutive ranges of the canonical order, the first N mod S of them one row more. Place p of an
 * epoch belongs to shard p mod S, as its row number ⌊p/S⌋ of that epoch; step t covers places t·B to (t+1)·B. So every
 * step has the same rows however many workers there are, batches need not be divisible, and the last step is shorter.
 */
public record Dealing(long rows, int shards, int batch) implements Serializable {

    public Dealing {
        if (rows < 1 || shards < 1 || batch < 1) {
            throw new IllegalArgumentException(
                    "Rows, shards and batch must be at least 1, found %s, %s and %s".formatted(rows, shards, batch));
        }
        if (Integer.bitCount(shards) != 1) {
            throw new IllegalArgumentException(
                    "shards must be a power of two (gradients are summed in a binary tree), found " + shards);
        }
    }

    public int stepsPerEpoch() {
        return Math.toIntExact((rows + batch - 1) / batch);
    }

    /** Rows of step {@code step} of an epoch. */
    public int stepRows(int step) {
        return (int) Math.min(batch, rows - (long) step * batch);
    }

    public long shardRows(int shard) {
        return rows / shards + (shard < rows % shards ? 1 : 0);
    }

    /** Place in the canonical order of the shard's first row. */
    public long shardStart(int shard) {
        return rows / shards * shard + Math.min(shard, rows % shards);
    }

    /** The shard of the row at {@code position} of the canonical order. */
    public int shardOf(long position) {
        long small = rows / shards;
        long longer = rows % shards;
        long border = longer * (small + 1);
        return (int) (position < border ? position / (small + 1) : longer + (position - border) / small);
    }

    /** First of the shard's rows, in its epoch order, that step {@code step} uses; the next step's first ends it. */
    public long stepStart(int shard, int step) {
        long place = Math.min((long) step * batch, rows);
        return Math.max(0, (place - shard + shards - 1) / shards);
    }

    /** Most rows that one shard gets in a step. */
    public int maxShardRows() {
        return (batch + shards - 1) / shards;
    }
}
