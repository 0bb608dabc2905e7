package io.cvaespark.spark.compare.counts;

/** Counts of whole numbers, in a table with open addresses. */
public final class LongCounts {
    /** Takes a number and its count. */
    public interface Visitor {
        void visit(long key, long count);
    }

    private long[] keys = new long[16];
    private long[] counts = new long[16];
    private int size;

    /** Counts one occurrence; true: it is the first. */
    public boolean add(long key) {
        int at = place(key);
        keys[at] = key;
        if (counts[at]++ > 0) {
            return false;
        }
        size++;
        if (2 * size > keys.length) {
            grow();
        }
        return true;
    }

    private int place(long key) {
        int mask = keys.length - 1;
        long mixed = key * 0x9E3779B97F4A7C15L;
        int at = (int) (mixed ^ (mixed >>> 32)) & mask;
        while (counts[at] > 0 && keys[at] != key) {
            at = (at + 1) & mask;
        }
        return at;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldCounts = counts;
        keys = new long[2 * oldKeys.length];
        counts = new long[keys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldCounts[i] > 0) {
                int at = place(oldKeys[i]);
                keys[at] = oldKeys[i];
                counts[at] = oldCounts[i];
            }
        }
    }

    public void forEach(Visitor visitor) {
        for (int i = 0; i < keys.length; i++) {
            if (counts[i] > 0) {
                visitor.visit(keys[i], counts[i]);
            }
        }
    }
}
