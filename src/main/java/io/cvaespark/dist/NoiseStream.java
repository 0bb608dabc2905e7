package io.cvaespark.dist;

import io.cvaespark.linalg.Noise;
import org.apache.commons.math3.random.AbstractRandomGenerator;

/** A random generator for the samplers of Commons Math that returns the numbers of one noise key, one after another. */
final class NoiseStream extends AbstractRandomGenerator {
    private long key;
    private int next;

    /** Starts again with the first number of {@code key}. */
    void begin(long key) {
        this.key = key;
        next = 0;
        clear();
    }

    @Override
    public void setSeed(long seed) {
        begin(seed);
    }

    /** A uniform number in (0, 1) with 52 random bits. */
    @Override
    public double nextDouble() {
        long high = Integer.toUnsignedLong(Noise.bits(key, next++)) >>> 6;
        long low = Integer.toUnsignedLong(Noise.bits(key, next++)) >>> 6;
        return ((high << 26 | low) + 0.5) * 0x1p-52;
    }
}
