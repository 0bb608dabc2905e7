package io.cvaespark.batch;

import java.io.Serializable;

/**
 * How N rows are dealt to S shards, and the rows of each step to the shards: fixed rules of N, S and the batch.
 *
 * <p>The shards take consecutive ranges of the canonical order, the first N mod S of them one row more. Place p of an
 * epoch belongs to shard p mod S, as its row number ⌊p/S⌋ of that epoch; step t covers places t·B to (t+1)·B. So every
 * step has the same rows however many workers there are, batches need not be divisible, and the last step is shorter.
 *
 * <p>Rows of a second kind, the labelled ones of semi-supervised learning, lie behind the others in the canonical order and
 * are dealt to the shards by the same rule, on their own. They recycle: every step has R of them, and each shard goes through its
 * own again and again, in a new order each time.
 *
 * @param rows N of the first kind; an epoch is one pass over them
 * @param batch B, rows of the first kind in a step
 * @param recycledRows of the second kind; 0: there is one kind only
 * @param recycledBatch R, rows of the second kind in a step
 */
public record Dealing(long rows, int shards, int batch, long recycledRows, int recycledBatch) implements Serializable {

    public Dealing {
        if (rows < 1 || shards < 1 || batch < 1 || (recycledRows > 0) != (recycledBatch > 0)) {
            throw new IllegalArgumentException(
                    "Rows, shards and batch must be at least 1, found %s, %s and %s; recycled rows and batch both or neither, found %s and %s"
                            .formatted(rows, shards, batch, recycledRows, recycledBatch));
        }
        if (Integer.bitCount(shards) != 1) {
            throw new IllegalArgumentException(
                    "shards must be a power of two (gradients are summed in a binary tree), found " + shards);
        }
        if (recycledRows > 0 && recycledRows < shards) {
            throw new IllegalArgumentException(
                    "Each of %s shards needs a labelled row, found %s. Take fewer shards, or label more rows"
                            .formatted(shards, recycledRows));
        }
    }

    /** Rows of one kind. */
    public Dealing(long rows, int shards, int batch) {
        this(rows, shards, batch, 0, 0);
    }

    /** Rows of both kinds. */
    public long allRows() {
        return rows + recycledRows;
    }

    /** Rows that an epoch's steps compute, those of the second kind as often as they come. */
    public long epochRows() {
        return rows + (long) stepsPerEpoch() * recycledBatch;
    }

    public int stepsPerEpoch() {
        return Math.toIntExact((rows + batch - 1) / batch);
    }

    /** Rows of step {@code step} of an epoch. */
    public int stepRows(int step) {
        return (int) Math.min(batch, rows - (long) step * batch) + recycledBatch;
    }

    /** The shard's rows of the first kind. */
    public long shardRows(int shard) {
        return part(rows, shard);
    }

    /** The shard's rows of the second kind. */
    public long recycledShardRows(int shard) {
        return part(recycledRows, shard);
    }

    private long part(long all, int shard) {
        return all / shards + (shard < all % shards ? 1 : 0);
    }

    /** Place in the canonical order of the shard's first row of the first kind; for S, the end of those rows. */
    public long shardStart(int shard) {
        return partStart(rows, shard);
    }

    /** Place in the canonical order of the shard's first row of the second kind; for S, the end of those rows. */
    public long recycledShardStart(int shard) {
        return rows + partStart(recycledRows, shard);
    }

    private long partStart(long all, int shard) {
        return all / shards * shard + Math.min(shard, all % shards);
    }

    /** Whether the row at {@code position} of the canonical order is of the second kind. */
    public boolean isRecycled(long position) {
        return position >= rows;
    }

    /** The shard of the row at {@code position} of the canonical order. */
    public int shardOf(long position) {
        return isRecycled(position) ? shardOf(recycledRows, position - rows) : shardOf(rows, position);
    }

    private int shardOf(long all, long position) {
        long small = all / shards;
        long longer = all % shards;
        long border = longer * (small + 1);
        return (int) (position < border ? position / (small + 1) : longer + (position - border) / small);
    }

    /** First of the shard's rows, in its epoch order, that step {@code step} uses; the next step's first ends it. */
    public long stepStart(int shard, int step) {
        return before(Math.min((long) step * batch, rows), shard);
    }

    /** First of the shard's rows of the second kind, counted over all its passes, that step {@code step} of training uses. */
    public long recycledStart(int shard, long step) {
        return before(step * recycledBatch, shard);
    }

    /** Places below {@code place} that belong to the shard. */
    private long before(long place, int shard) {
        return Math.max(0, (place - shard + shards - 1) / shards);
    }

    /** Most rows that one shard gets in a step. */
    public int maxShardRows() {
        return (batch + shards - 1) / shards + (recycledBatch + shards - 1) / shards;
    }

    /** Blocks of a shard: those of the first kind, then those of the second. */
    public int blockCount(int shard, int blockRows) {
        return firstRecycledBlock(shard, blockRows) + EpochOrder.blockCount(recycledShardRows(shard), blockRows);
    }

    /** Index of the shard's first block of the second kind. */
    public int firstRecycledBlock(int shard, int blockRows) {
        return EpochOrder.blockCount(shardRows(shard), blockRows);
    }

    /** Rows of a shard's block. */
    public int blockSize(int shard, int blockRows, int index) {
        int first = firstRecycledBlock(shard, blockRows);
        return index < first
                ? EpochOrder.blockSize(shardRows(shard), blockRows, index)
                : EpochOrder.blockSize(recycledShardRows(shard), blockRows, index - first);
    }
}
