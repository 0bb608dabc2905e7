package io.cvaespark.nn;

import java.util.Arrays;

/**
 * The gradient [P] of the loss by all parameters, to which layers add.
 *
 * <p>It keeps track of the ranges that have been written, so that the first writer of a range can overwrite it. The
 * array then need not be set to zero before each step, which would cost as much time as the optimiser.
 */
public final class Gradient {
    private float[] values;
    private final boolean overwrites;
    /** The offset and length of each range that has been written. */
    private int[] written = new int[16];

    private int ranges;

    private Gradient(float[] values, boolean overwrites) {
        this.values = values;
        this.overwrites = overwrites;
    }

    /** Returns a gradient that is always added to the content of {@code values}. */
    public static Gradient adding(float[] values) {
        return new Gradient(values, false);
    }

    /** Returns a gradient whose ranges are overwritten at their first use; call {@link #begin} before each step. */
    public static Gradient overwriting() {
        return new Gradient(new float[0], true);
    }

    /** Begins a new gradient in {@code values}; their old content is ignored. */
    public void begin(float[] values) {
        this.values = values;
        ranges = 0;
    }

    public float[] values() {
        return values;
    }

    /**
     * Returns the factor β by which the caller multiplies a range's old content before it adds to it: 0 at the first
     * write, then 1.
     *
     * <p>The caller must write the whole range. Any two ranges must be equal or disjoint.
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

    /** Sets every range to zero that no layer has written, such as that of a network which this step does not use. */
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
