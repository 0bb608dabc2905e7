package io.cvaespark.data.codec;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The distribution of a column's numbers: how often each occurs while there are few, else a sample of the rows.
 *
 * <p>The sample has the {@value #SAMPLE} smallest hashes of rows, with how often each came. Which rows these are depends on the
 * rows alone, so that merging in any order gives the same.
 */
public final class ValueSample implements Serializable {
    /** The most values that are counted one by one. */
    private static final int COUNTED = 4096;

    private static final int SAMPLE = 16_384;

    private @Nullable Map<Double, Long> counts = new HashMap<>();
    private long[] hashes = {};
    private double[] values = {};
    private int[] repeats = {};
    private int size;
    /** The largest hash that may still enter the sample, as a number without a sign. */
    private long bound = -1;

    /** A value and how often it occurs. */
    public record Count(double value, long count) {}

    /**
     * Counts the number of a row.
     *
     * @param hash of the row
     */
    public void add(double value, long hash) {
        if (counts != null) {
            counts.merge(normal(value), 1L, Long::sum);
            dropCountsIfTooMany();
        }
        sample(hash, normal(value), 1);
    }

    /** −0 and 0 are one value. */
    private static double normal(double value) {
        return value == 0 ? 0.0 : value;
    }

    private void sample(long hash, double value, int times) {
        if (Long.compareUnsigned(hash, bound) > 0) {
            return;
        }
        if (size == hashes.length) {
            if (size >= 2 * SAMPLE) {
                compact();
            }
            if (size == hashes.length) {
                int capacity = Math.min(2 * SAMPLE, Math.max(64, 2 * size));
                hashes = Arrays.copyOf(hashes, capacity);
                values = Arrays.copyOf(values, capacity);
                repeats = Arrays.copyOf(repeats, capacity);
            }
            if (Long.compareUnsigned(hash, bound) > 0) {
                return;
            }
        }
        hashes[size] = hash;
        values[size] = value;
        repeats[size] = times;
        size++;
    }

    /** Sorts by hash, adds up equal ones, and keeps the smallest. */
    private void compact() {
        Integer[] order = new Integer[size];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Long.compareUnsigned(hashes[a], hashes[b]));
        long[] sortedHashes = new long[size];
        double[] sortedValues = new double[size];
        int[] sortedRepeats = new int[size];
        int kept = 0;
        for (int i : order) {
            if (kept > 0 && sortedHashes[kept - 1] == hashes[i]) {
                sortedRepeats[kept - 1] += repeats[i];
                sortedValues[kept - 1] = Math.min(sortedValues[kept - 1], values[i]);
                continue;
            }
            if (kept == SAMPLE) {
                break;
            }
            sortedHashes[kept] = hashes[i];
            sortedValues[kept] = values[i];
            sortedRepeats[kept] = repeats[i];
            kept++;
        }
        hashes = sortedHashes;
        values = sortedValues;
        repeats = sortedRepeats;
        size = kept;
        bound = kept == SAMPLE ? hashes[kept - 1] : -1;
    }

    private void dropCountsIfTooMany() {
        if (counts != null && counts.size() > COUNTED) {
            counts = null;
        }
    }

    /** Takes in what another has seen. */
    public ValueSample merge(ValueSample other) {
        if (counts != null && other.counts != null) {
            Map<Double, Long> sum = counts;
            other.counts.forEach((value, count) -> sum.merge(value, count, Long::sum));
            dropCountsIfTooMany();
        } else {
            counts = null;
        }
        for (int i = 0; i < other.size; i++) {
            sample(other.hashes[i], other.values[i], other.repeats[i]);
        }
        compact();
        return this;
    }

    /** True if {@link #sorted} has every value that there is. */
    public boolean isComplete() {
        return counts != null;
    }

    /** The values, or a sample of them, in ascending order. */
    public List<Count> sorted() {
        Map<Double, Long> all = counts;
        if (all == null) {
            compact();
            all = new HashMap<>();
            for (int i = 0; i < size; i++) {
                all.merge(values[i], (long) repeats[i], Long::sum);
            }
        }
        List<Count> result = new ArrayList<>();
        all.forEach((value, count) -> result.add(new Count(value, count)));
        result.sort(Comparator.comparingDouble(Count::value));
        return result;
    }
}
