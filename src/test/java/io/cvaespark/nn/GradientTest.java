package io.cvaespark.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Who writes first need find nothing, and what nobody writes is zero. */
class GradientTest {
    private static final float OLD = 7f;

    private static float[] old(int n) {
        float[] values = new float[n];
        Arrays.fill(values, OLD);
        return values;
    }

    /** A gradient of {@code n} old values whose turn begins. */
    private static Gradient begun(int n) {
        Gradient gradient = Gradient.overwriting();
        gradient.begin(old(n));
        return gradient;
    }

    @Test
    void aRangeIsOverwrittenFirstAndThenAddedTo() {
        Gradient gradient = begun(10);
        assertEquals(0f, gradient.claim(4, 3));
        assertEquals(1f, gradient.claim(4, 3));
        assertEquals(0f, gradient.claim(0, 4));
        assertEquals(0f, gradient.claim(7, 3));
        for (int offset : new int[] {0, 4, 7}) {
            assertEquals(1f, gradient.claim(offset, 3), "range from " + offset);
        }
    }

    @Test
    void anEmptyRangeIsNobodys() {
        Gradient gradient = begun(5);
        gradient.claim(1, 0);
        assertEquals(0f, gradient.claim(1, 2));
        gradient.complete();
        assertArrayEquals(new float[] {0, OLD, OLD, 0, 0}, gradient.values());
    }

    /** Layers claim from the last to the first, two ranges each, and some of them twice. */
    @Test
    void manyRangesAreRemembered() {
        int ranges = 100;
        Gradient gradient = begun(2 * ranges);
        for (int range = ranges - 1; range >= 0; range--) {
            assertEquals(0f, gradient.claim(2 * range, 2), "range " + range);
            assertEquals(1f, gradient.claim(2 * (ranges - 1), 2));
        }
        for (int range = 0; range < ranges; range++) {
            assertEquals(1f, gradient.claim(2 * range, 2), "range " + range);
        }
        gradient.complete();
        assertArrayEquals(old(2 * ranges), gradient.values());
    }

    @Test
    void completingClearsWhatNobodyClaimed() {
        Gradient gradient = begun(12);
        for (int[] range : new int[][] {{9, 1}, {2, 3}, {5, 2}}) {
            assertEquals(0f, gradient.claim(range[0], range[1]));
        }
        assertEquals(1f, gradient.claim(2, 3));
        gradient.complete();
        assertArrayEquals(new float[] {0, 0, OLD, OLD, OLD, OLD, OLD, 0, 0, OLD, 0, 0}, gradient.values());
    }

    @Test
    void completingClearsUpToTheBeginningAndFromTheEnd() {
        Gradient first = begun(5);
        assertEquals(0f, first.claim(0, 2));
        first.complete();
        assertArrayEquals(new float[] {OLD, OLD, 0, 0, 0}, first.values());
        Gradient last = begun(5);
        assertEquals(0f, last.claim(3, 2));
        last.complete();
        assertArrayEquals(new float[] {0, 0, 0, OLD, OLD}, last.values());
    }

    @Test
    void completingClearsEverythingOrNothing() {
        Gradient none = begun(5);
        none.complete();
        assertArrayEquals(new float[5], none.values());
        Gradient all = begun(5);
        assertEquals(0f, all.claim(0, 5));
        all.complete();
        assertArrayEquals(old(5), all.values());
        Gradient empty = begun(0);
        empty.complete();
        assertEquals(0, empty.values().length);
    }

    @Test
    void beginningForgetsWhatWasClaimed() {
        Gradient gradient = begun(6);
        assertEquals(0f, gradient.claim(0, 4));
        float[] next = old(6);
        gradient.begin(next);
        assertSame(next, gradient.values());
        assertEquals(0f, gradient.claim(0, 4));
        gradient.begin(next);
        assertEquals(0f, gradient.claim(4, 2));
        gradient.complete();
        assertArrayEquals(new float[] {0, 0, 0, 0, OLD, OLD}, next);
    }

    @Test
    void anAddingGradientKeepsWhatItHolds() {
        float[] values = old(4);
        Gradient gradient = Gradient.adding(values);
        assertSame(values, gradient.values());
        for (int i = 0; i < 3; i++) {
            assertEquals(1f, gradient.claim(1, 2));
        }
        gradient.complete();
        assertArrayEquals(old(4), values);
    }
}
