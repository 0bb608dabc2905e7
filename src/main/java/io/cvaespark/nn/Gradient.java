package io.cvaespark.nn;

import java.util.Arrays;

/**
 * The gradient [P] that layers add to.
 *
 * <p>It knows which ranges have been written, so that the first to write one need not find zeros there: on a step's scale,
 * clearing megabytes and reading them back costs as much as the optimiser.
 */
public final class Gradient {
    private float[] values;
    private final boolean overwrites;
    /** Starts and lengths of what has been written. */
    private int[] written = new int[16];

    private int ranges;

    private Gradient(float[] values, boolean overwrites) {
        this.values = values;
        this.overwrites = overwrites;
    }

    /** Everything is added to what {@code values} holds. */
    public static Gradient adding(float[] values) {
        return new Gradient(values, false);
    }

    /** Nothing has been written yet; see {@link #begin}. */
    public static Gradient overwriting() {
        return new Gradient(new float[0], true);
    }

    /** Begins a new gradient in {@code values}, whose content counts for nothing. */
    public void begin(float[] values) {
        this.values = values;
        ranges = 0;
    }

    public float[] values() {
        return values;
    }

    /**
     * The factor β for what a range holds before it is added to: 0 at the first write, then 1.
     *
     * <p>The caller must write the whole range; ranges of different calls are the same or disjoint.
     */
    public float claim(int offset, int length) {
        if (!overwrites || length == 0) {
            return 1f;
        }
        for (int i = 0; i < ranges; i++) {
            if (written[2 * i] == offset) {
                return 1f;
            }
        }
        if (2 * ranges == written.length) {
            written = Arrays.copyOf(written, 2 * written.length);
        }
        written[2 * ranges] = offset;
        written[2 * ranges + 1] = length;
        ranges++;
        return 0f;
    }

    /** Sets to zero what nobody has written, a network without a part in this step. */
    public void complete() {
        if (!overwrites) {
            return;
        }
        int missing = values.length;
        for (int i = 0; i < ranges; i++) {
            missing -= written[2 * i + 1];
        }
        if (missing == 0) {
            return;
        }
        int at = 0;
        while (at < values.length) {
            int next = values.length;
            int end = values.length;
            for (int i = 0; i < ranges; i++) {
                if (written[2 * i] >= at && written[2 * i] < next) {
                    next = written[2 * i];
                    end = next + written[2 * i + 1];
                }
            }
            Arrays.fill(values, at, next, 0f);
            at = end;
        }
    }
}
