package io.cvaespark.data.codec;

import io.cvaespark.linalg.ExactSum;
import java.io.Serializable;
import java.util.Arrays;

/** Exact Σv and Σv² of each component of vectors, over the rows in which it is known. Adding and merging have no order. */
public final class Moments implements Serializable {
    private ExactSum[] sums = {};
    private ExactSum[] squares = {};
    private long[] counts = {};

    /** Makes room for vectors of {@code length} components. */
    public void grow(int length) {
        int before = sums.length;
        if (before < length) {
            sums = Arrays.copyOf(sums, length);
            squares = Arrays.copyOf(squares, length);
            counts = Arrays.copyOf(counts, length);
            for (int j = before; j < length; j++) {
                sums[j] = new ExactSum();
                squares[j] = new ExactSum();
            }
        }
    }

    /** Adds a value of component {@code j}, for which there is room. */
    public void add(int j, double value) {
        sums[j].add(value);
        squares[j].addSquare(value);
        counts[j]++;
    }

    /** Adds those of other rows. */
    public void merge(Moments other) {
        grow(other.sums.length);
        for (int j = 0; j < other.sums.length; j++) {
            sums[j].add(other.sums[j]);
            squares[j].add(other.squares[j]);
            counts[j] += other.counts[j];
        }
    }

    /** The rows in which component {@code j} is known. */
    public long count(int j) {
        return counts[j];
    }

    /** Σv of component {@code j}. */
    public ExactSum sum(int j) {
        return sums[j];
    }

    /** Σv² of component {@code j}. */
    public ExactSum squares(int j) {
        return squares[j];
    }
}
