package io.cvaespark.spark.shards;

import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.batch.EpochOrder;
import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.spark.internal.BlockCache;
import io.cvaespark.train.ShardStep;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.rdd.RDD;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * The layout of the shards over W workers: partition w gives access to the blocks of worker w's shards.
 *
 * <p>Blocks are kept one by one where their worker runs, in memory or on disk ({@link BlockCache}), and made from the parent
 * where they are missing: at first, or after an executor was lost.
 */
public final class WorkerBlocks extends RDD<WorkerBlocks.Local> {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerBlocks.class);

    private final Dealing dealing;
    private final int blockRows;
    private final int workers;
    private final int blocksPerShard;
    private final List<String> locations;

    /**
     * @param blocks partition w holds those of worker w
     * @param blockRows most rows of a block
     * @param locations where worker w should run; empty: anywhere
     */
    public WorkerBlocks(JavaRDD<Block> blocks, Dealing dealing, int blockRows, List<String> locations) {
        super(blocks.rdd(), ClassTag$.MODULE$.apply(Local.class));
        this.dealing = dealing;
        this.blockRows = blockRows;
        this.workers = blocks.getNumPartitions();
        // Shard 0 is one of the longest, of both kinds of rows.
        this.blocksPerShard = dealing.blockCount(0, blockRows);
        this.locations = List.copyOf(locations);
        int unused = Math.multiplyExact(blocksPerShard, dealing.shards());
        setName("cvae training blocks");
    }

    public int workers() {
        return workers;
    }

    /** Drops the blocks on every executor. */
    public void drop() {
        BlockCache.remove(context(), id());
    }

    @Override
    public Partition[] getPartitions() {
        return firstParent(ClassTag$.MODULE$.apply(Block.class)).partitions();
    }

    @Override
    public Seq<String> getPreferredLocations(Partition partition) {
        List<String> preferred = locations.isEmpty() ? List.of() : List.of(locations.get(partition.index()));
        return CollectionConverters.asScala(preferred).toSeq();
    }

    @Override
    public Iterator<Local> compute(Partition partition, TaskContext task) {
        if (!complete(partition.index())) {
            Iterator<Block> blocks =
                    firstParent(ClassTag$.MODULE$.<Block>apply(Block.class)).iterator(partition, task);
            int count = 0;
            int onDisk = 0;
            while (blocks.hasNext()) {
                Block block = blocks.next();
                int number = number(block.shard(), block.index());
                BlockCache.put(id(), number, new Stored(block), Stored.class);
                count++;
                onDisk += BlockCache.isOnDisk(id(), number) ? 1 : 0;
            }
            if (onDisk > 0) {
                LOG.info(
                        "Worker {} reads {} of {} blocks of training data from disk: memory has no room for them",
                        partition.index(),
                        onDisk,
                        count);
            }
        }
        return CollectionConverters.asScala(List.of(new Local(this)).iterator());
    }

    private boolean complete(int worker) {
        int shards = dealing.shards() / workers;
        for (int shard = worker * shards; shard < (worker + 1) * shards; shard++) {
            int count = dealing.blockCount(shard, blockRows);
            for (int index = 0; index < count; index++) {
                if (!BlockCache.has(id(), number(shard, index))) {
                    return false;
                }
            }
        }
        return true;
    }

    private int number(int shard, int index) {
        return shard * blocksPerShard + index;
    }

    /** A worker's blocks, on the executor where it runs. */
    public static final class Local {
        private final WorkerBlocks blocks;

        Local(WorkerBlocks blocks) {
            this.blocks = blocks;
        }

        /**
         * The blocks of one shard, read as the epoch's order comes to them.
         *
         * <p>Those of the window that the order mixes are held, at most {@link EpochOrder#WINDOW_BLOCKS}; when the next window
         * begins they are let go, one for each that is read.
         */
        public ShardStep.Blocks shard(int shard) {
            int count = blocks.dealing.blockCount(shard, blocks.blockRows);
            @Nullable Block[] held = new Block[count];
            int[] ring = new int[EpochOrder.WINDOW_BLOCKS];
            int[] read = {0};
            return index -> {
                Block block = held[index];
                if (block == null) {
                    int slot = read[0] % ring.length;
                    if (read[0]++ >= ring.length) {
                        held[ring[slot]] = null;
                    }
                    block = BlockCache.get(blocks.id(), blocks.number(shard, index), Stored.class)
                            .block();
                    held[index] = block;
                    ring[slot] = index;
                }
                return block;
            };
        }
    }

    /** A block as it is kept; on disk its numbers are blocks of bytes. */
    private record Stored(
            int shard,
            int index,
            PackedFloats values,
            @Nullable PackedFloats weights,
            long[] ids) implements Serializable {
        Stored(Block block) {
            this(
                    block.shard(),
                    block.index(),
                    new PackedFloats(block.values()),
                    block.weights() == null ? null : new PackedFloats(block.weights()),
                    block.ids());
        }

        Block block() {
            return new Block(shard, index, values.values(), weights == null ? null : weights.values(), ids);
        }
    }
}
