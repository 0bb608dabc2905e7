package io.cvaespark.spark.shards;

import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.data.TableSchema;
import io.cvaespark.model.RowInference;
import io.cvaespark.spark.internal.InternalRows;
import io.cvaespark.spark.table.Cells;
import io.cvaespark.spark.table.EncodedRow;
import io.cvaespark.spark.table.Iterators;
import io.cvaespark.spark.table.TableFitter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.storage.StorageLevel;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * The training rows in their canonical order, from which layouts of the S shards are made; the held-out rows as cached
 * blocks.
 *
 * <p>Two shuffles: by ranges of the hash, which sorts, and by shard, which deals. Both sort keys are total orders, so
 * nothing depends on the partitioning of the input or on the order in which tasks finish.
 */
public final class ShardedTable implements AutoCloseable, Layouts {
    private final JavaRDD<EncodedRow> known;
    private final JavaPairRDD<Long, float[]> placed;
    private final Dealing dealing;
    private final int rowWidth;
    private final @Nullable JavaRDD<Block> validation;

    private ShardedTable(
            JavaRDD<EncodedRow> known,
            JavaPairRDD<Long, float[]> placed,
            Dealing dealing,
            int rowWidth,
            @Nullable JavaRDD<Block> validation) {
        this.known = known;
        this.placed = placed;
        this.dealing = dealing;
        this.rowWidth = rowWidth;
        this.validation = validation;
    }

    /** Encodes and orders the training rows in at least {@code parallelism} parts; caches the held-out rows. */
    public static ShardedTable of(TableFitter.Fitted table, double heldOutFraction, Dealing dealing, int parallelism) {
        TableSchema schema = table.schema();
        JavaRDD<EncodedRow> training = encode(table, heldOutFraction, false);
        boolean twoKinds = dealing.recycledRows() > 0;
        int targets = schema.targetWidth();
        JavaRDD<EncodedRow> known =
                twoKinds ? inCanonicalOrder(training.filter(row -> isLabelled(row, targets)), parallelism) : null;
        JavaRDD<EncodedRow> sorted = known == null
                ? inCanonicalOrder(training, parallelism)
                : inCanonicalOrder(training.filter(row -> !isLabelled(row, targets)), parallelism)
                        .union(known);
        List<Long> counts = sorted.mapPartitions(ShardedTable::count).collect();
        long[] starts = new long[counts.size()];
        for (int p = 1; p < starts.length; p++) {
            starts[p] = starts[p - 1] + counts.get(p - 1);
        }
        JavaPairRDD<Long, float[]> placed = sorted.mapPartitionsToPair(rows -> numbered(rows, starts));
        JavaRDD<Block> validation = null;
        if (table.validationRows() > 0) {
            int width = schema.rowWidth();
            validation = encode(table, heldOutFraction, true)
                    .mapPartitions(rows -> packForInference(rows, width))
                    .setName("cvae validation blocks")
                    .persist(StorageLevel.MEMORY_AND_DISK());
            validation.count();
        }
        return new ShardedTable(known == null ? sorted : known, placed, dealing, schema.rowWidth(), validation);
    }

    private static JavaRDD<EncodedRow> inCanonicalOrder(JavaRDD<EncodedRow> rows, int parallelism) {
        return rows.mapToPair(row -> new Tuple2<>(row, false))
                .repartitionAndSortWithinPartitions(
                        new HashRanges(Math.max(parallelism, rows.getNumPartitions())), new CanonicalOrder())
                .keys();
    }

    /** Whether any of the row's conditions is not 0: an unknown class is all zeros. */
    private static boolean isLabelled(EncodedRow row, int targets) {
        for (int j = targets; j < row.values().length - 1; j++) {
            if (row.values()[j] != 0f) {
                return true;
            }
        }
        return false;
    }

    /** Deals the shards to {@code workers} workers, a power of two, by a shuffle of their own. */
    @Override
    public WorkerBlocks layout(int workers, List<String> locations) {
        Dealing deal = dealing;
        int width = rowWidth;
        JavaRDD<Block> blocks = placed.repartitionAndSortWithinPartitions(new ByWorker(deal, workers))
                .mapPartitions(rows -> new BlockPacker(rows, deal, width));
        return new WorkerBlocks(blocks, deal, Block.maxRows(width), locations);
    }

    /** Blocks of the held-out rows, whose ids are their hashes; null when there are none. */
    @Nullable
    public JavaRDD<Block> validation() {
        return validation;
    }

    /** The first {@code n} training rows of the canonical order whose conditions are known: a sample chosen by hash. */
    public List<EncodedRow> first(int n) {
        return known.take(n);
    }

    @Override
    public void close() {
        if (validation != null) {
            validation.unpersist(false);
        }
    }

    private static JavaRDD<EncodedRow> encode(TableFitter.Fitted table, double fraction, boolean validation) {
        TableSchema schema = table.schema();
        boolean unknownConditions = table.unknownConditions();
        return InternalRows.of(table.normalized()).mapPartitions(rows -> {
            Cells targets = Cells.ofTargets(schema.targets(), TableFitter.FIRST_CELL);
            Cells conditions = Cells.ofConditions(
                    schema.conditions(),
                    TableFitter.FIRST_CELL + schema.targets().size(),
                    unknownConditions);
            int width = schema.rowWidth();
            Function<InternalRow, EncodedRow> encode = row -> {
                float[] values = new float[width + 1];
                Cells.CellReader source = new Cells.Internal(row);
                targets.encode(source, values, 0);
                conditions.encode(source, values, schema.targetWidth());
                values[width] = (float) row.getDouble(TableFitter.WEIGHT);
                return new EncodedRow(row.getLong(TableFitter.HASH), values);
            };
            return Iterators.filterMap(
                    rows,
                    row -> ((!row.isNullAt(TableFitter.VALIDATION) && row.getBoolean(TableFitter.VALIDATION))
                                    || TableFitter.heldOut(row.getLong(TableFitter.HASH), fraction))
                            == validation,
                    encode);
        });
    }

    private static Iterator<Long> count(Iterator<EncodedRow> rows) {
        long n = 0;
        while (rows.hasNext()) {
            rows.next();
            n++;
        }
        return List.of(n).iterator();
    }

    private static Iterator<Tuple2<Long, float[]>> numbered(Iterator<EncodedRow> rows, long[] starts) {
        long[] next = {starts[org.apache.spark.TaskContext.getPartitionId()]};
        return Iterators.map(rows, row -> new Tuple2<>(next[0]++, row.values()));
    }

    private static Iterator<Block> packForInference(Iterator<EncodedRow> rows, int width) {
        return new Iterator<>() {
            private int index;

            @Override
            public boolean hasNext() {
                return rows.hasNext();
            }

            @Override
            public Block next() {
                List<EncodedRow> some = new ArrayList<>();
                while (rows.hasNext() && some.size() < RowInference.BLOCK_ROWS) {
                    some.add(rows.next());
                }
                float[] values = new float[some.size() * width];
                float[] weights = new float[some.size()];
                long[] ids = new long[some.size()];
                for (int r = 0; r < ids.length; r++) {
                    System.arraycopy(some.get(r).values(), 0, values, r * width, width);
                    weights[r] = some.get(r).weight();
                    ids[r] = some.get(r).hash();
                }
                return new Block(0, index++, values, weights, ids);
            }
        };
    }

    /** Ranges of equal width over unsigned hashes: even because hashes are, and sorted by partition. */
    private static final class HashRanges extends Partitioner {
        private final int partitions;

        HashRanges(int partitions) {
            this.partitions = partitions;
        }

        @Override
        public int numPartitions() {
            return partitions;
        }

        @Override
        public int getPartition(Object key) {
            return (int) Math.multiplyHigh(((EncodedRow) key).hash() >>> 1, 2L * partitions);
        }
    }

    private static final class CanonicalOrder implements Comparator<EncodedRow>, java.io.Serializable {
        @Override
        public int compare(EncodedRow a, EncodedRow b) {
            return a.compareTo(b);
        }
    }

    /** Places of the canonical order to the worker that holds their shard: consecutive shards each. */
    private static final class ByWorker extends Partitioner {
        private final Dealing dealing;
        private final int workers;

        ByWorker(Dealing dealing, int workers) {
            this.dealing = dealing;
            this.workers = workers;
        }

        @Override
        public int numPartitions() {
            return workers;
        }

        @Override
        public int getPartition(Object key) {
            return dealing.shardOf((Long) key) / (dealing.shards() / workers);
        }
    }

    /** Packs rows that come in canonical order into the blocks of their shards. */
    private static final class BlockPacker implements Iterator<Block> {
        private final Iterator<Tuple2<Long, float[]>> rows;
        private final Dealing dealing;
        private final int width;
        private final int blockRows;
        private int shard = -1;
        private boolean recycled;
        private int index;

        BlockPacker(Iterator<Tuple2<Long, float[]>> rows, Dealing dealing, int width) {
            this.rows = rows;
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
            Tuple2<Long, float[]> row = rows.next();
            int rowShard = dealing.shardOf(row._1());
            boolean rowRecycled = dealing.isRecycled(row._1());
            boolean goesOn = rowShard == shard && rowRecycled == recycled;
            index = goesOn ? index + 1 : rowRecycled ? dealing.firstRecycledBlock(rowShard, blockRows) : 0;
            shard = rowShard;
            recycled = rowRecycled;
            int size = dealing.blockSize(shard, blockRows, index);
            float[] values = new float[size * width];
            float[] weights = new float[size];
            long[] ids = new long[size];
            boolean weighted = false;
            for (int r = 0; r < size; r++) {
                if (r > 0) {
                    row = rows.next();
                }
                System.arraycopy(row._2(), 0, values, r * width, width);
                weights[r] = row._2()[width];
                weighted |= weights[r] != 1f;
                ids[r] = row._1();
            }
            return new Block(shard, index, values, weighted ? weights : null, ids);
        }
    }
}
