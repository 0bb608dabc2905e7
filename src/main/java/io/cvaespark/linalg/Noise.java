package io.cvaespark.linalg;

/**
 * Counter-based noise: every random number is a pure function of (seed, purpose, epoch, row, draw) and its index.
 *
 * <p>Nothing is drawn from shared state, so a retried task repeats itself and partitioning changes nothing (the idea of
 * Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"). A 64-bit key is mixed from the five coordinates by
 * the finaliser of SplitMix64 (Steele et al. 2014); number i of a key is a 32-bit hash of the counter i keyed twice, once
 * by each half of the key. 32-bit arithmetic throughout, so that it vectorises.
 */
public final class Noise {
    /** What a stream of noise is for; streams of different purposes are independent. */
    public enum Purpose {
        /** Initial parameters. */
        INITIALIZATION(1),
        /** The order of blocks and rows in an epoch. */
        SHUFFLE(2),
        /** ε of the reparameterised posterior. */
        POSTERIOR(3),
        /** ε of draws from the prior. */
        PRIOR(4),
        /** Dynamic binarisation of targets. */
        BINARIZATION(5),
        /** Draws from the likelihood. */
        LIKELIHOOD(6),
        /** Which training conditions a sampled row gets. */
        CONDITIONS(7),
        /** Which rows are held out for validation. */
        VALIDATION_SPLIT(8),
        /** Made-up rows for benchmarks. */
        SYNTHETIC_DATA(9),
        /** Shifts of target images, and noise in what the networks see of x. */
        AUGMENTATION(10),
        /** Which values a layer drops in training. */
        DROPOUT(11);

        // Part of every result: never renumbered.
        private final int id;

        Purpose(int id) {
            this.id = id;
        }
    }

    static final int COUNTER_STEP = 0x9E3779B9;
    static final int SCRAMBLE_1 = 0x7feb352d;
    static final int SCRAMBLE_2 = 0x846ca68b;

    private Noise() {}

    /** The key of one stream. */
    public static long key(long seed, Purpose purpose, long epoch, long row, int draw) {
        long k = mix(seed + 0x9E3779B97F4A7C15L * (purpose.id));
        k = mix(k ^ epoch);
        k = mix(k ^ row);
        return mix(k ^ draw);
    }

    /** A bijective scrambling of 64 bits (SplitMix64's finaliser). */
    public static long mix(long z) {
        long a = z + 0x9E3779B97F4A7C15L;
        a = (a ^ (a >>> 30)) * 0xBF58476D1CE4E5B9L;
        a = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return a ^ (a >>> 31);
    }

    /** Uniform 32 bits: number {@code i} of {@code key}. */
    public static int bits(long key, int i) {
        return scramble(scramble(i * COUNTER_STEP + (int) key) ^ (int) (key >>> 32));
    }

    private static int scramble(int x) {
        int h = x;
        h = (h ^ (h >>> 16)) * SCRAMBLE_1;
        h = (h ^ (h >>> 15)) * SCRAMBLE_2;
        return h ^ (h >>> 16);
    }

    /** Uniform in the open interval (0, 1): number {@code i} of {@code key}. */
    public static float uniform(long key, int i) {
        return ((bits(key, i) >>> 9) + 0.5f) * 0x1p-23f;
    }

    /** Standard normal: number {@code i} of {@code key}. */
    public static float normal(long key, int i) {
        int k = bits(key, i) >>> 8;
        return FloatMath.normalQuantile((float) (2 * k - ((1 << 24) - 1)) * 0x1p-24f);
    }

    /** Uniform in {0, …, bound−1}: number {@code i} of {@code key}; {@code bound} ≥ 1. */
    public static int below(long key, int i, int bound) {
        return (int) ((Integer.toUnsignedLong(bits(key, i)) * bound) >>> 32);
    }
}
