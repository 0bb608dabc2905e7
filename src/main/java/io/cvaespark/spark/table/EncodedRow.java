package io.cvaespark.spark.table;

import java.io.Serializable;

/**
 * A row on its way to its shard: the hash of its raw cells, and [targets | conditions | weight] as floats.
 *
 * <p>The canonical order: by hash, and by content where hashes are equal, so that rows which compare equal are
 * interchangeable.
 */
@SuppressWarnings("ArrayRecordComponent") // compared by compareTo alone
public record EncodedRow(long hash, float[] values) implements Comparable<EncodedRow>, Serializable {

    public float weight() {
        return values[values.length - 1];
    }

    @Override
    public int compareTo(EncodedRow other) {
        int byHash = Long.compareUnsigned(hash, other.hash);
        if (byHash != 0) {
            return byHash;
        }
        for (int i = 0; i < values.length; i++) {
            int byValue = Integer.compare(Float.floatToRawIntBits(values[i]), Float.floatToRawIntBits(other.values[i]));
            if (byValue != 0) {
                return byValue;
            }
        }
        return 0;
    }
}
