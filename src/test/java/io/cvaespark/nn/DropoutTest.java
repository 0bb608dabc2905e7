package io.cvaespark.nn;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normalView;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cvaespark.ExpectedError;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class DropoutTest {
    private static final int WIDTH = 1000;
    private static final Dropout LAYER = new Dropout(WIDTH, 0.3);
    private static final long[] KEYS = {11, 12, 13, 14};
    private static final Matrix INPUT = normalView(1, KEYS.length, WIDTH, 1f);

    private static Layer.Trace forward(int offset, Matrix input, long... keys) {
        return LAYER.forward(new float[0], offset, input, keys, new Workspace(Blas.openBlas()));
    }

    @Test
    void whatIsKeptIsScaledSoThatTheMeanStays() {
        Matrix y = forward(0, INPUT, KEYS).output();
        int dropped = 0;
        for (int r = 0; r < y.rows(); r++) {
            for (int j = 0; j < WIDTH; j++) {
                if (y.get(r, j) == 0f) {
                    dropped++;
                } else {
                    assertEquals(INPUT.get(r, j) / 0.7, y.get(r, j), 1e-5);
                }
            }
        }
        double n = WIDTH * (double) KEYS.length;
        assertEquals(0.3 * n, dropped, 5 * Math.sqrt(0.3 * 0.7 * n));
    }

    @Test
    void whatIsDroppedDependsOnTheRowsKeyAndTheLayersPlaceAlone() {
        float[] all = forward(0, INPUT, KEYS).output().toArray();
        assertSameBits(all, forward(0, INPUT, KEYS).output().toArray(), "again");
        float[] second = forward(0, INPUT.rowRange(1, 2), KEYS[1]).output().toArray();
        assertSameBits(Arrays.copyOfRange(all, WIDTH, 2 * WIDTH), second, "the row alone");
        assertNotEquals(0, differences(all, forward(7, INPUT, KEYS).output().toArray()), "another layer");
        assertNotEquals(
                0,
                differences(
                        second, forward(0, INPUT.rowRange(1, 2), 99).output().toArray()),
                "another key");
    }

    private static int differences(float[] a, float[] b) {
        int n = 0;
        for (int i = 0; i < a.length; i++) {
            n += (a[i] == 0f) == (b[i] == 0f) ? 0 : 1;
        }
        return n;
    }

    @Test
    void withoutKeysNothingIsDropped() {
        Workspace workspace = new Workspace(Blas.openBlas());
        assertSame(INPUT, LAYER.forward(new float[0], 0, INPUT, null, workspace).output());
        assertSame(INPUT, LAYER.forward(new float[0], 0, INPUT, workspace).output());
    }

    @Test
    void theGradientPassesWhereTheValueDid() {
        Workspace workspace = new Workspace(Blas.openBlas());
        Layer.Trace trace = LAYER.forward(new float[0], 0, INPUT, KEYS, workspace);
        Matrix ones = Matrix.zeros(KEYS.length, WIDTH);
        ones.fill(1f);
        Matrix dx = Matrix.zeros(KEYS.length, WIDTH);
        LAYER.backward(new float[0], 0, trace, ones, dx, Gradient.adding(new float[0]), workspace);
        for (int r = 0; r < KEYS.length; r++) {
            for (int j = 0; j < WIDTH; j++) {
                assertEquals(trace.output().get(r, j) == 0f ? 0.0 : 1 / 0.7, dx.get(r, j), 1e-6);
            }
        }
    }

    /** Inside blocks and branches as well. */
    @Test
    void keysReachTheLayersInside() {
        Network drops = new Network("n", List.of(new Dropout(4, 0.5)), 0);
        Matrix input = normalView(3, 2, 4, 1f);
        long[] keys = {5, 6};
        for (Layer layer : List.of(new Branch(0, drops), new Residual(new Branch(0, drops)))) {
            Workspace workspace = new Workspace(Blas.openBlas());
            float[] with = layer.forward(new float[0], 0, input, keys, workspace)
                    .output()
                    .toArray();
            float[] without =
                    layer.forward(new float[0], 0, input, workspace).output().toArray();
            assertNotEquals(Arrays.toString(without), Arrays.toString(with), layer.toString());
        }
        Layer beside = new Branch(1, new Network("n", List.of(new Dropout(3, 0.5)), 0));
        Matrix y = beside.forward(new float[0], 0, input, keys, new Workspace(Blas.openBlas()))
                .output();
        assertArrayEquals(input.columns(0, 1).toArray(), y.columns(0, 1).toArray(), "what passes is never dropped");
    }

    @Test
    void aRateOfOneIsRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> new Dropout(3, 1), "between 0 and 1", "1.0");
    }
}
