package io.cvaespark.spark.internal;

import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.storage.BlockManager;
import org.apache.spark.storage.BlockResult;
import org.apache.spark.storage.BlockStatus;
import org.apache.spark.storage.RDDBlockId;
import org.apache.spark.storage.StorageLevel;
import scala.Option;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * A cache of single values in this executor's block manager: in memory, or on disk if memory is full.
 *
 * <p>The values are stored under the names of an RDD's partitions, so that Spark's user interface counts them and
 * {@link #remove} drops them on all executors. Unlike partitions, they can be read one by one in any order.
 */
public final class BlockCache {
    private BlockCache() {}

    /** True if block {@code number} of {@code set} is on this executor. */
    public static boolean has(int set, int number) {
        return manager().getStatus(new RDDBlockId(set, number)).isDefined();
    }

    /** True if block {@code number} of {@code set} is on this executor's disk but not in its memory. */
    public static boolean isOnDisk(int set, int number) {
        Option<BlockStatus> status = manager().getStatus(new RDDBlockId(set, number));
        return status.isDefined() && status.get().memSize() == 0;
    }

    /** Stores {@code value}, unless there is a block of this number already. */
    public static <T> void put(int set, int number, T value, Class<T> type) {
        ClassTag<T> tag = ClassTag$.MODULE$.apply(type);
        if (!manager().putSingle(new RDDBlockId(set, number), value, StorageLevel.MEMORY_AND_DISK(), false, tag)) {
            throw new IllegalStateException(
                    "Block %s of the training data could be stored neither in memory nor on disk; look at the free space in spark.local.dir"
                            .formatted(number));
        }
    }

    /** Returns the value of block {@code number}; throws if it is not on this executor. */
    @SuppressWarnings("unchecked") // the value was stored with this type
    public static <T> T get(int set, int number, Class<T> type) {
        ClassTag<T> tag = ClassTag$.MODULE$.apply(type);
        Option<BlockResult> found = manager().get(new RDDBlockId(set, number), tag);
        if (found.isEmpty()) {
            throw new IllegalStateException("Block %s of the training data is no longer on executor %s"
                    .formatted(number, SparkEnv.get().executorId()));
        }
        scala.collection.Iterator<Object> values = found.get().data();
        T value = (T) values.next();
        // Reading to the end releases the block. Otherwise Spark could not evict it while the task runs.
        if (values.hasNext()) {
            throw new IllegalStateException("Block %s holds more than one value".formatted(number));
        }
        return value;
    }

    /** Drops the blocks of {@code set} on every executor and does not wait. */
    public static void remove(SparkContext spark, int set) {
        spark.env().blockManager().master().removeRdd(set, false);
    }

    private static BlockManager manager() {
        return SparkEnv.get().blockManager();
    }
}
