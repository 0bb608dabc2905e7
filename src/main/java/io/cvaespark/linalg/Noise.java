package io.cvaespark.linalg;

/**
 * Counter-based noise: every random number is a pure function of (seed, purpose, epoch, row, draw) and its index.
 *
 * <p>No number depends on shared state. So a retried task repeats the same numbers, and the partitioning has no
 * influence (the idea of Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). A 64-bit key is mixed from
 * the five coordinates by the finaliser of SplitMix64 (Steele et al. 2014); number i of a key is a 32-bit hash of the
 * counter i, keyed by both halves of the key. Only 32-bit arithmetic is used, so that it can be vectorised.
 */
public final class Noise {
    /** The purpose of a stream of noise; streams for different purposes are independent. */
    public enum Purpose {
        /** Initial parameters. */
        INITIALIZATION(1),
        /** The order of blocks and rows in an epoch. */
        SHUFFLE(2),
        /** The ε of the reparameterised posterior. */
        POSTERIOR(3),
        /** The ε of draws from the prior. */
        PRIOR(4),
        /** The binarisation of targets, drawn anew in each epoch. */
        BINARIZATION(5),
        /** The draws from the likelihood. */
        LIKELIHOOD(6),
        /** The choice of the training row whose conditions a sampled row gets. */
        CONDITIONS(7),
        /** The choice of the rows that are held out for validation. */
        VALIDATION_SPLIT(8),
        /** The synthetic rows of benchmarks. */
        SYNTHETIC_DATA(9),
        /** The shifts of target images and the noise that is added to the networks' input x. */
        AUGMENTATION(10),
        /** The choice of the values that a dropout layer drops. */
        DROPOUT(11);

        // The ids are part of every result and must never be renumbered.
        private final int id;

        Purpose(int id) {
            this.id = id;
        }
    }

    static final int COUNTER_STEP = 0x9E3779B9;
    static final int SCRAMBLE_1 = 0x7feb352d;
    static final int SCRAMBLE_2 = 0x846ca68b;

    private Noise() {}

    /** Returns the key of one stream. */
    public static long key(long seed, Purpose purpose, long epoch, long row, int draw) {
        long k = mix(seed + 0x9E3779B97F4A7C15L * (purpose.id));
        k = mix(k ^ epoch);
        k = mix(k ^ row);
        return mix(k ^ draw);
    }

    /** Scrambles 64 bits; the function is a bijection (SplitMix64's finaliser). */
    public static long mix(long z) {
        long a = z + 0x9E3779B97F4A7C15L;
        a = (a ^ (a >>> 30)) * 0xBF58476D1CE4E5B9L;
        a = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return a ^ (a >>> 31);
    }

    /** Number {@code i} of {@code key} as 32 uniform bits. */
    public static int bits(long key, int i) {
        return scramble(scramble(i * COUNTER_STEP + (int) key) ^ (int) (key >>> 32));
    }

    private static int scramble(int x) {
        int h = x;
        h = (h ^ (h >>> 16)) * SCRAMBLE_1;
        h = (h ^ (h >>> 15)) * SCRAMBLE_2;
        return h ^ (h >>> 16);
    }

    /** Number {@code i} of {@code key}, uniform in the open interval (0, 1). */
    public static float uniform(long key, int i) {
        return ((bits(key, i) >>> 9) + 0.5f) * 0x1p-23f;
    }

    /** Number {@code i} of {@code key}, with a standard normal distribution. */
    public static float normal(long key, int i) {
        int k = bits(key, i) >>> 8;
        return FloatMath.normalQuantile((float) (2 * k - ((1 << 24) - 1)) * 0x1p-24f);
    }

    /** Number {@code i} of {@code key}, uniform in {0, …, bound−1}; {@code bound} ≥ 1. */
    public static int below(long key, int i, int bound) {
        return (int) ((Integer.toUnsignedLong(bits(key, i)) * bound) >>> 32);
    }
}
