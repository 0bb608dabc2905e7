package io.cvaespark.spark.shards;

import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.model.RowInference;
import io.cvaespark.spark.table.CanonicalOrder;
import io.cvaespark.spark.table.Iterators;
import io.cvaespark.spark.table.RowCounts;
import io.cvaespark.spark.table.RowEncoder;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.spark.table.TableRows;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;

/**
 * The training rows in their canonical order, from which layouts of the S shards are made; the held-out rows as cached
 * blocks.
 *
 * <p>The rows lie in bins by ranges of the hash, and it is known how many each bin has ({@link TableRows}). So the place of
 * every bin in the canonical order is known, and a worker finds its shards, which are consecutive rows of that order, by
 * sorting the bins that have any of them, one after the other. Nothing depends on the partitioning of the input or on the
 * order in which tasks finish.
 */
public final class ShardedTable implements AutoCloseable, Layouts {
    private final TableFitter.Fitted table;
    private final Dealing dealing;
    private final @Nullable JavaRDD<Block> validation;

    /** Encodes and caches the held-out rows; the training rows are encoded with each layout. */
    public ShardedTable(TableFitter.Fitted table, Dealing dealing) {
        this.table = table;
        this.dealing = dealing;
        this.validation = table.validationRows() > 0 ? validation(table) : null;
    }

    /**
     * Blocks of the held-out rows in their canonical order: a row's neighbours in its block are the same whatever the
     * partitioning, since a product of matrices may round differently by a row's place in it.
     */
    private static JavaRDD<Block> validation(TableFitter.Fitted table) {
        TableSchema schema = table.schema();
        boolean unknownConditions = table.unknownConditions();
        int ranges = table.rows().ranges();
        RowCounts.Bins heldOut = table.counts().heldOutBins();
        long rows = table.validationRows();
        long count = (rows + RowInference.BLOCK_ROWS - 1) / RowInference.BLOCK_ROWS;
        JavaRDD<Block> blocks = table.rows()
                .read(ranges, (part, bins) -> {
                    CanonicalOrder order = new CanonicalOrder(schema, unknownConditions);
                    CanonicalRows some = new CanonicalRows(
                            heldOut,
                            range -> TableRows.sorted(
                                    bins, TableRows.bin(TableRows.Kind.HELD_OUT, range, ranges), order),
                            count * part / ranges * RowInference.BLOCK_ROWS,
                            Math.min(rows, count * (part + 1) / ranges * RowInference.BLOCK_ROWS));
                    return new InferencePacker(some, new RowEncoder(schema, unknownConditions), schema.rowWidth());
                })
                .setName("cvae validation blocks")
                .persist(StorageLevel.MEMORY_AND_DISK());
        long unused = blocks.count();
        return blocks;
    }

    /** Deals the shards to {@code workers} workers, a power of two: consecutive shards each. */
    @Override
    public WorkerBlocks layout(int workers, List<String> locations) {
        Dealing deal = dealing;
        TableSchema schema = table.schema();
        boolean unknownConditions = table.unknownConditions();
        RowCounts.Bins training = table.counts().trainingBins();
        JavaRDD<Block> blocks = table.rows().read(workers, (worker, bins) -> {
            RowEncoder encoder = new RowEncoder(schema, unknownConditions);
            CanonicalOrder order = new CanonicalOrder(schema, unknownConditions);
            return Iterators.concat(places(deal, worker, workers).stream()
                    .map(range -> {
                        CanonicalRows rows = new CanonicalRows(
                                training, bin -> TableRows.sorted(bins, bin, order), range.begin(), range.end());
                        return new BlockPacker(rows, range.begin(), encoder, deal, schema.rowWidth());
                    })
                    .iterator());
        });
        return new WorkerBlocks(blocks, deal, Block.maxRows(schema.rowWidth()), locations);
    }

    /** Places from {@code begin} to before {@code end} of the canonical order. */
    private record Places(long begin, long end) {}

    /** The places of a worker's shards: those of the first kind, and those of the second where there are two. */
    private static List<Places> places(Dealing dealing, int worker, int workers) {
        int shards = dealing.shards() / workers;
        long begin = dealing.shardStart(worker * shards);
        long end = dealing.shardStart((worker + 1) * shards);
        if (dealing.recycledRows() == 0) {
            return List.of(new Places(begin, end));
        }
        return List.of(
                new Places(begin, end),
                new Places(
                        dealing.recycledShardStart(worker * shards),
                        dealing.recycledShardStart((worker + 1) * shards)));
    }

    /** Blocks of the held-out rows, whose ids are their hashes; null when there are none. */
    @Nullable
    public JavaRDD<Block> validation() {
        return validation;
    }

    /** The cells of at most {@code most} training conditions, for a model to keep; see {@link KeptConditions}. */
    public List<Row> keptConditions(int most) {
        return table.schema().conditions().isEmpty() ? List.of() : new KeptConditions(table, most).cells();
    }

    @Override
    public void close() {
        if (validation != null) {
            validation.unpersist(false);
        }
    }

    /** Packs rows into blocks as inference computes them. */
    private record InferencePacker(Iterator<InternalRow> rows, RowEncoder encoder, int width)
            implements Iterator<Block> {
        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Block next() {
            float[] values = new float[RowInference.BLOCK_ROWS * width];
            float[] weights = new float[RowInference.BLOCK_ROWS];
            long[] ids = new long[RowInference.BLOCK_ROWS];
            int n = 0;
            for (; n < ids.length && rows.hasNext(); n++) {
                InternalRow row = rows.next();
                encoder.encode(row, values, n * width);
                weights[n] = RowEncoder.weight(row);
                ids[n] = RowEncoder.hash(row);
            }
            return new Block(0, 0, Arrays.copyOf(values, n * width), Arrays.copyOf(weights, n), Arrays.copyOf(ids, n));
        }
    }
}
