package io.cvaespark.spark.shards;

import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.spark.table.RowEncoder;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.catalyst.InternalRow;

/** Packs the rows of consecutive shards, all of one kind, into their blocks. */
final class BlockPacker implements Iterator<Block> {
    private final Iterator<InternalRow> rows;
    private final RowEncoder encoder;
    private final Dealing dealing;
    private final int width;
    private final int blockRows;
    private final boolean recycled;
    private long place;
    private int shard = -1;
    private int index;

    /**
     * @param rows in canonical order
     * @param place of the first row, which is the first of its shard
     */
    BlockPacker(Iterator<InternalRow> rows, long place, RowEncoder encoder, Dealing dealing, int width) {
        this.rows = rows;
        this.place = place;
        this.recycled = dealing.isRecycled(place);
        this.encoder = encoder;
        this.dealing = dealing;
        this.width = width;
        this.blockRows = Block.maxRows(width);
    }

    @Override
    public boolean hasNext() {
        return rows.hasNext();
    }

    @Override
    public Block next() {
        if (!rows.hasNext()) {
            throw new NoSuchElementException();
        }
        int rowShard = dealing.shardOf(place);
        index = rowShard == shard ? index + 1 : recycled ? dealing.firstRecycledBlock(rowShard, blockRows) : 0;
        shard = rowShard;
        int size = dealing.blockSize(shard, blockRows, index);
        float[] values = new float[size * width];
        float[] weights = new float[size];
        long[] ids = new long[size];
        boolean weighted = false;
        for (int r = 0; r < size; r++) {
            InternalRow row = rows.next();
            encoder.encode(row, values, r * width);
            weights[r] = RowEncoder.weight(row);
            weighted |= weights[r] != 1f;
            ids[r] = place++;
        }
        return new Block(shard, index, values, weighted ? weights : null, ids);
    }
}
