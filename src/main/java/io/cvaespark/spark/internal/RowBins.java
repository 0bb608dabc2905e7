package io.cvaespark.spark.internal;

import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.Dependency;
import org.apache.spark.Partition;
import org.apache.spark.Partitioner;
import org.apache.spark.ShuffleDependency;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.executor.TempShuffleReadMetrics;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.rdd.ShuffledRDDPartition;
import org.apache.spark.shuffle.ShuffleHandle;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.UnsafeRow;
import org.apache.spark.sql.execution.UnsafeExternalRowSorter;
import org.apache.spark.sql.execution.UnsafeRowSerializer;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.array.ByteArrayMethods;
import org.apache.spark.util.collection.unsafe.sort.PrefixComparators;
import org.apache.spark.util.collection.unsafe.sort.RecordComparator;
import scala.Product2;
import scala.Tuple2;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/**
 * The rows of a DataFrame in numbered bins: written once, by one shuffle of the bytes that Spark SQL packs each row into,
 * and read as often as wanted.
 *
 * <p>The bins are shuffle files, so they lie on disk, and Spark makes those of a lost executor anew.
 */
public final class RowBins {
    private final SparkContext spark;
    private final ShuffleDependency<Integer, UnsafeRow, UnsafeRow> shuffle;
    private final StructType schema;

    /** The number of a row's bin, 0 or more. */
    public interface BinOf extends Serializable {
        int bin(InternalRow row);
    }

    /** The work of one partition. */
    public interface Task<T> extends Serializable {
        Iterator<T> run(int partition, Reader bins);
    }

    /**
     * Bins that nothing has been written to yet: the first job that reads them does.
     *
     * @param bins their number
     */
    public RowBins(Dataset<Row> table, int bins, BinOf binOf) {
        this.spark = table.sparkSession().sparkContext();
        this.schema = table.schema();
        RDD<Tuple2<Integer, UnsafeRow>> numbered = InternalRows.of(table)
                .mapPartitionsToPair(rows -> new Numbered(rows, binOf))
                .rdd();
        ShuffledRDD<Integer, UnsafeRow, UnsafeRow> shuffled = new ShuffledRDD<>(
                numbered, new ByNumber(bins), tag(Integer.class), tag(UnsafeRow.class), tag(UnsafeRow.class));
        shuffled.setSerializer(new UnsafeRowSerializer(schema.size(), null));
        this.shuffle = dependency(shuffled);
    }

    @SuppressWarnings("unchecked") // the one dependency of an RDD that is shuffled
    private static ShuffleDependency<Integer, UnsafeRow, UnsafeRow> dependency(
            ShuffledRDD<Integer, UnsafeRow, UnsafeRow> shuffled) {
        return (ShuffleDependency<Integer, UnsafeRow, UnsafeRow>)
                shuffled.dependencies().head();
    }

    private static <T> ClassTag<T> tag(Class<? super T> type) {
        return ClassTag$.MODULE$.apply(type);
    }

    /** An RDD of {@code partitions} partitions, each of which may read any bins. */
    public <T> JavaRDD<T> read(int partitions, Task<T> task) {
        ClassTag<T> tag = tag(Object.class);
        return new JavaRDD<>(new Read<>(spark, shuffle, schema, partitions, task, tag), tag);
    }

    /** Returns whether two rows of the same bins are the same bytes from cell {@code ordinal} on, and have the same nulls. */
    public static boolean sameFrom(int ordinal, InternalRow a, InternalRow b) {
        UnsafeRow left = (UnsafeRow) a;
        UnsafeRow right = (UnsafeRow) b;
        int nulls = UnsafeRow.calculateBitSetWidthInBytes(left.numFields());
        int from = nulls + ordinal * UnsafeRow.WORD_SIZE;
        return left.getSizeInBytes() == right.getSizeInBytes()
                && ByteArrayMethods.arrayEquals(
                        left.getBaseObject(), left.getBaseOffset(), right.getBaseObject(), right.getBaseOffset(), nulls)
                && ByteArrayMethods.arrayEquals(
                        left.getBaseObject(),
                        left.getBaseOffset() + from,
                        right.getBaseObject(),
                        right.getBaseOffset() + from,
                        (long) left.getSizeInBytes() - from);
    }

    /** A task's way to the bins. */
    public static final class Reader {
        private final ShuffleHandle handle;
        private final StructType schema;
        private final TaskContext task;

        Reader(ShuffleHandle handle, StructType schema, TaskContext task) {
            this.handle = handle;
            this.schema = schema;
            this.task = task;
        }

        /** The rows of one bin in any order; each is overwritten by the next. */
        public Iterator<InternalRow> rows(int bin) {
            Iterator<Product2<Integer, UnsafeRow>> pairs = CollectionConverters.asJava(pairs(bin));
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return pairs.hasNext();
                }

                @Override
                public InternalRow next() {
                    return pairs.next()._2();
                }
            };
        }

        /**
         * The rows of one bin, sorted by the number in cell {@code ordinal}, as one without a sign, and by {@code ties}.
         *
         * <p>Spark's sorter of packed rows: what memory has no room for goes to disk. Memory and files are given back
         * when the last row has been read. Each row is overwritten by the next.
         */
        public Iterator<InternalRow> sorted(int bin, int ordinal, Comparator<InternalRow> ties) {
            try {
                UnsafeExternalRowSorter sorter = UnsafeExternalRowSorter.createWithRecordComparator(
                        schema,
                        () -> new Ties(schema.size(), ties),
                        new PrefixComparators.UnsignedPrefixComparator(),
                        new Key(ordinal),
                        SparkEnv.get().memoryManager().pageSizeBytes(),
                        false); // a radix sort would pass over the ties
                Iterator<InternalRow> rows = rows(bin);
                while (rows.hasNext()) {
                    sorter.insertRow((UnsafeRow) rows.next());
                }
                return CollectionConverters.asJava(sorter.sort());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private scala.collection.Iterator<Product2<Integer, UnsafeRow>> pairs(int bin) {
            TempShuffleReadMetrics metrics = task.taskMetrics().createTempShuffleReadMetrics();
            return SparkEnv.get()
                    .shuffleManager()
                    .<Integer, UnsafeRow>getReader(handle, bin, bin + 1, task, metrics)
                    .read();
        }
    }

    /** Rows with the numbers of their bins; copies, since a shuffle may gather rows before it writes them. */
    private record Numbered(Iterator<InternalRow> rows, BinOf binOf) implements Iterator<Tuple2<Integer, UnsafeRow>> {
        @Override
        public boolean hasNext() {
            return rows.hasNext();
        }

        @Override
        public Tuple2<Integer, UnsafeRow> next() {
            UnsafeRow row = (UnsafeRow) rows.next();
            return new Tuple2<>(binOf.bin(row), row.copy());
        }
    }

    private static final class ByNumber extends Partitioner {
        private final int bins;

        ByNumber(int bins) {
            this.bins = bins;
        }

        @Override
        public int numPartitions() {
            return bins;
        }

        @Override
        public int getPartition(Object bin) {
            return (Integer) bin;
        }
    }

    /** What is first compared: a number that stands in the row itself. */
    private static final class Key extends UnsafeExternalRowSorter.PrefixComputer {
        private final int ordinal;
        private final Prefix prefix = new Prefix();

        Key(int ordinal) {
            this.ordinal = ordinal;
        }

        @Override
        public Prefix computePrefix(InternalRow row) {
            prefix.value = row.getLong(ordinal);
            return prefix;
        }
    }

    private static final class Ties extends RecordComparator {
        private final UnsafeRow left;
        private final UnsafeRow right;
        private final Comparator<InternalRow> ties;

        Ties(int cells, Comparator<InternalRow> ties) {
            this.left = new UnsafeRow(cells);
            this.right = new UnsafeRow(cells);
            this.ties = ties;
        }

        @Override
        public int compare(
                Object leftBase, long leftOffset, int leftLength, Object rightBase, long rightOffset, int rightLength) {
            left.pointTo(leftBase, leftOffset, leftLength);
            right.pointTo(rightBase, rightOffset, rightLength);
            return ties.compare(left, right);
        }
    }

    private static final class Read<T> extends RDD<T> {
        private final ShuffleHandle handle;
        private final StructType schema;
        private final int partitions;
        private final Task<T> task;

        Read(
                SparkContext spark,
                ShuffleDependency<Integer, UnsafeRow, UnsafeRow> shuffle,
                StructType schema,
                int partitions,
                Task<T> task,
                ClassTag<T> tag) {
            super(
                    spark,
                    CollectionConverters.asScala(List.<Dependency<?>>of(shuffle))
                            .toSeq(),
                    tag);
            this.handle = shuffle.shuffleHandle();
            this.schema = schema;
            this.partitions = partitions;
            this.task = task;
        }

        /** What Spark says of its RDDs is Spark's to say, and not shown as a line of ours. */
        @Override
        public String logName() {
            return RDD.class.getName();
        }

        @Override
        public Partition[] getPartitions() {
            Partition[] parts = new Partition[partitions];
            for (int p = 0; p < partitions; p++) {
                parts[p] = new ShuffledRDDPartition(p);
            }
            return parts;
        }

        @Override
        public scala.collection.Iterator<T> compute(Partition partition, TaskContext context) {
            return CollectionConverters.asScala(task.run(partition.index(), new Reader(handle, schema, context)));
        }
    }
}
