package io.cvaespark.batch;

import java.io.Serializable;

/**
 * The fixed rules by which N rows are dealt to S shards, and the rows of each step to the shards. They depend on N, S
 * and the batch only.
 *
 * <p>The shards are consecutive ranges of the canonical order; the first N mod S shards have one more row. Place p of
 * an epoch is row ⌊p/S⌋ of shard p mod S, in the shard's order of that epoch; step t covers the places t·B to (t+1)·B.
 * So the rows of a step do not depend on the number of workers. S need not divide the batch, and the last step may be
 * shorter.
 *
 * <p>In semi-supervised learning, labelled rows are rows of a second kind. They follow the others in the canonical
 * order and are dealt to the shards separately by the same rule. They are recycled: every step has R of them, and each
 * shard goes through its labelled rows again and again, each time in a new order.
 *
 * @param rows N, the number of rows of the first kind; an epoch is one pass over them
 * @param batch B, the number of rows of the first kind in a step
 * @param recycledRows the number of rows of the second kind; 0 if there is one kind only
 * @param recycledBatch R, the number of rows of the second kind in a step
 */
public record Dealing(long rows, int shards, int batch, long recycledRows, int recycledBatch) implements Serializable {

    public Dealing {
        if (rows < 1 || shards < 1 || batch < 1 || (recycledRows > 0) != (recycledBatch > 0)) {
            throw new IllegalArgumentException(
                    "Rows, shards and batch must be at least 1, found %s, %s and %s; recycled rows and recycled batch must both be 0 or both be above 0, found %s and %s"
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

    /** Creates a dealing for rows of one kind. */
    public Dealing(long rows, int shards, int batch) {
        this(rows, shards, batch, 0, 0);
    }

    /** The number of rows of both kinds. */
    public long allRows() {
        return rows + recycledRows;
    }

    /**
     * The number of rows that the steps of an epoch compute; rows of the second kind count as often as they are used.
     */
    public long epochRows() {
        return rows + (long) stepsPerEpoch() * recycledBatch;
    }

    public int stepsPerEpoch() {
        return Math.toIntExact((rows + batch - 1) / batch);
    }

    /** The number of rows in step {@code step} of an epoch. */
    public int stepRows(int step) {
        return (int) Math.min(batch, rows - (long) step * batch) + recycledBatch;
    }

    /** The number of rows of the first kind in a shard. */
    public long shardRows(int shard) {
        return rowsOfShard(rows, shard);
    }

    /** The number of rows of the second kind in a shard. */
    public long recycledShardRows(int shard) {
        return rowsOfShard(recycledRows, shard);
    }

    private long rowsOfShard(long all, int shard) {
        return all / shards + (shard < all % shards ? 1 : 0);
    }

    /** The position in the canonical order of the shard's first row of the first kind; for S, the end of those rows. */
    public long shardStart(int shard) {
        return partStart(rows, shard);
    }

    /** The position in the canonical order of the shard's first row of the second kind; for S, the end of those rows. */
    public long recycledShardStart(int shard) {
        return rows + partStart(recycledRows, shard);
    }

    private long partStart(long all, int shard) {
        return all / shards * shard + Math.min(shard, all % shards);
    }

    /** True if the row at {@code position} of the canonical order is of the second kind. */
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

    /**
     * The first of the shard's rows, in its epoch order, that step {@code step} uses; the last one comes before the
     * first row of the next step.
     */
    public long stepStart(int shard, int step) {
        return placesBelow(Math.min((long) step * batch, rows), shard);
    }

    /**
     * The first of the shard's rows of the second kind that step {@code step} of the training uses, counted over all
     * passes.
     */
    public long recycledStart(int shard, long step) {
        return placesBelow(step * recycledBatch, shard);
    }

    /** The number of places below {@code place} that belong to the shard. */
    private long placesBelow(long place, int shard) {
        return Math.max(0, (place - shard + shards - 1) / shards);
    }

    /** The most rows that one shard gets in a step. */
    public int maxShardRows() {
        return (batch + shards - 1) / shards + (recycledBatch + shards - 1) / shards;
    }

    /** The number of blocks of a shard; blocks of the first kind come first. */
    public int blockCount(int shard, int blockRows) {
        return firstRecycledBlock(shard, blockRows) + EpochOrder.blockCount(recycledShardRows(shard), blockRows);
    }

    /** The index of the shard's first block of the second kind. */
    public int firstRecycledBlock(int shard, int blockRows) {
        return EpochOrder.blockCount(shardRows(shard), blockRows);
    }

    /** The number of rows in a block of a shard. */
    public int blockSize(int shard, int blockRows, int index) {
        int first = firstRecycledBlock(shard, blockRows);
        return index < first
                ? EpochOrder.blockSize(shardRows(shard), blockRows, index)
                : EpochOrder.blockSize(recycledShardRows(shard), blockRows, index - first);
    }
}
