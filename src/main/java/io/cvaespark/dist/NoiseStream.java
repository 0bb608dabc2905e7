package io.cvaespark.dist;

import io.cvaespark.linalg.Noise;
import org.apache.commons.math3.random.AbstractRandomGenerator;

/** The numbers of one noise key one after another, as the generator that samplers of Commons Math draw from. */
final class NoiseStream extends AbstractRandomGenerator {
    private long key;
    private int next;

    /** Begins with the first number of {@code key}. */
    void begin(long key) {
        this.key = key;
        next = 0;
        clear();
    }

    @Override
    public void setSeed(long seed) {
        begin(seed);
    }

    /** Uniform in (0, 1), of 52 bits. */
    @Override
    public double nextDouble() {
        long high = Integer.toUnsignedLong(Noise.bits(key, next++)) >>> 6;
        long low = Integer.toUnsignedLong(Noise.bits(key, next++)) >>> 6;
        return ((high << 26 | low) + 0.5) * 0x1p-52;
    }
}
