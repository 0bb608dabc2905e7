package io.cvaespark.spark.table;

import io.cvaespark.data.TableSchema;
import io.cvaespark.spark.internal.RowBins;
import java.util.Comparator;
import org.apache.spark.sql.catalyst.InternalRow;

/**
 * The canonical order of rows whose hashes are equal: by their floats [targets | conditions | weight] as integers of the
 * same bits.
 *
 * <p>Rows that compare equal are interchangeable, so the order does not depend on how the rows came. Not safe for use by
 * several threads.
 */
public final class CanonicalOrder implements Comparator<InternalRow> {
    private final RowEncoder encoder;
    private final float[] left;
    private final float[] right;

    public CanonicalOrder(TableSchema schema, boolean unknownConditions) {
        this.encoder = new RowEncoder(schema, unknownConditions);
        this.left = new float[schema.rowWidth()];
        this.right = new float[schema.rowWidth()];
    }

    @Override
    public int compare(InternalRow a, InternalRow b) {
        // Equal hashes are nearly always copies of a row, which need not be encoded.
        if (!RowBins.sameFrom(TableFitter.FIRST_CELL, a, b)) {
            encoder.encode(a, left, 0);
            encoder.encode(b, right, 0);
            for (int i = 0; i < left.length; i++) {
                int byValue = compareBits(left[i], right[i]);
                if (byValue != 0) {
                    return byValue;
                }
            }
        }
        return compareBits(RowEncoder.weight(a), RowEncoder.weight(b));
    }

    private static int compareBits(float a, float b) {
        return Integer.compare(Float.floatToRawIntBits(a), Float.floatToRawIntBits(b));
    }
}
