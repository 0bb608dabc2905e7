package io.cvaespark.batch;

import io.cvaespark.linalg.Noise;

/**
 * A seeded permutation of {0, …, n−1}, which is computed element by element in constant memory.
 *
 * <p>It is a Feistel network of eight rounds over the smallest even number of bits that holds n, at least six. It is
 * applied again until the result is below n (cycle walking, Black and Rogaway 2002).
 */
public final class Permutation {
    /** Four rounds suffice for the width of a cipher; over a few bits they prefer some results by a third. */
    private static final int ROUNDS = 8;

    private static final int LEAST_HALF_BITS = 3;

    private final long n;
    private final long key;
    private final int halfBits;

    public Permutation(long n, long key) {
        if (n < 1) {
            throw new IllegalArgumentException("A permutation needs at least one element, found " + n);
        }
        this.n = n;
        this.key = key;
        this.halfBits = Math.max(LEAST_HALF_BITS, (65 - Long.numberOfLeadingZeros(n - 1)) / 2);
    }

    /** The image of {@code place} ∈ [0, n) under the permutation. */
    public long at(long place) {
        long mask = (1L << halfBits) - 1;
        long x = place;
        do {
            long left = x >>> halfBits;
            long right = x & mask;
            for (int round = 0; round < ROUNDS; round++) {
                long mixed = left ^ (Noise.mix(key + round * 0x9E3779B97F4A7C15L ^ right) & mask);
                left = right;
                right = mixed;
            }
            x = left << halfBits | right;
        } while (x >= n);
        return x;
    }
}
