package io.cvaespark.spark.table;

import io.cvaespark.linalg.Noise;
import io.cvaespark.spark.internal.InternalRows;
import io.cvaespark.spark.internal.RowBins;
import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The cells of a table's rows on the cluster, apart by kind and by ranges of the hash.
 *
 * <p>The table is read once, by the first job that needs its rows; a row's bin is kind · ranges + range. Range r has the
 * hashes from r·2⁶⁴/ranges on, as numbers without a sign, so that the ranges of a kind follow each other in the canonical
 * order.
 */
public final class TableRows {
    /** Kinds of rows, in the order in which training numbers them. */
    public enum Kind {
        /** Training rows without some of their conditions: those without a class, in semi-supervised learning. */
        UNKNOWN,
        /** Training rows with all their conditions. */
        KNOWN,
        HELD_OUT,
        /** Rows that are left out, because they have cells that their columns cannot hold. */
        INVALID
    }

    /** Tells which rows can be trained on, or validated with. */
    interface Valid extends Serializable {
        boolean holds(InternalRow row);
    }

    private final RowBins bins;
    private final int ranges;

    /**
     * Rows that are not read yet.
     *
     * @param normalized cells as {@link TableFitter} lays them out
     * @param heldOut the fraction of rows held out by their hash
     * @param firstCondition ordinal from which on a null cell makes a training row one of unknown conditions
     * @param valid which rows are not left out
     * @param parallelism least number of ranges; the table's partitions may ask for more
     */
    TableRows(Dataset<Row> normalized, double heldOut, int firstCondition, int parallelism, Valid valid) {
        int ranges = Math.max(parallelism, InternalRows.of(normalized).getNumPartitions());
        this.ranges = ranges;
        this.bins = new RowBins(
                normalized,
                Math.multiplyExact(Kind.values().length, ranges),
                row -> bin(
                        valid.holds(row) ? kind(row, heldOut, firstCondition) : Kind.INVALID,
                        range(row.getLong(TableFitter.HASH), ranges),
                        ranges));
    }

    /** The number of hash ranges. */
    public int ranges() {
        return ranges;
    }

    /** The bin of a kind's rows in one of {@code ranges} ranges. */
    public static int bin(Kind kind, int range, int ranges) {
        return kind.ordinal() * ranges + range;
    }

    /** An RDD of {@code partitions} partitions, each of which may read any bins. */
    public <T> JavaRDD<T> read(int partitions, RowBins.Task<T> task) {
        return bins.read(partitions, task);
    }

    /** A bin's rows by their hashes as numbers without a sign, {@code ties} among equal ones. */
    public static Iterator<InternalRow> sorted(RowBins.Reader bins, int bin, Comparator<InternalRow> ties) {
        return bins.sorted(bin, TableFitter.HASH, ties);
    }

    /** ⌊h · ranges / 2⁶⁴⌋ of the hash h as a number without a sign. */
    static int range(long hash, int ranges) {
        return (int) Math.multiplyHigh(hash >>> 1, 2L * ranges);
    }

    /** Held out are the rows that are marked, and a fraction by a mix of their hash. */
    static Kind kind(InternalRow row, double heldOut, int firstCondition) {
        boolean marked = !row.isNullAt(TableFitter.VALIDATION) && row.getBoolean(TableFitter.VALIDATION);
        if (marked || share(row.getLong(TableFitter.HASH)) < heldOut) {
            return Kind.HELD_OUT;
        }
        for (int i = firstCondition; i < row.numFields(); i++) {
            if (row.isNullAt(i)) {
                return Kind.UNKNOWN;
            }
        }
        return Kind.KNOWN;
    }

    /** A number in [0, 1) that the hash determines. */
    private static double share(long hash) {
        return (Noise.key(0, Noise.Purpose.VALIDATION_SPLIT, 0, hash, 0) >>> 11) * 0x1p-53;
    }
}
