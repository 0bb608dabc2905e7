package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.function.DoubleSupplier;

/** Arrays for tests: reproducible values, views with nothing around them, slopes, comparisons. */
public final class TestArrays {
    private TestArrays() {}

    /** Standard normals, a pure function of {@code key}. */
    public static float[] normals(long key, int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = Noise.normal(Noise.mix(key), i);
        }
        return values;
    }

    /** A view with an offset and a wide stride; whatever lies around it is NaN, so that it is noticed when read. */
    public static Matrix view(int rows, int cols) {
        int stride = cols + 3;
        float[] data = new float[2 + rows * stride];
        Arrays.fill(data, Float.NaN);
        return new Matrix(data, 2, rows, cols, stride);
    }

    /** Such a view of normals times {@code scale}. */
    public static Matrix normalView(long key, int rows, int cols, float scale) {
        Matrix m = view(rows, cols);
        float[] values = normals(key, rows * cols);
        for (int i = 0; i < values.length; i++) {
            m.set(i / cols, i % cols, scale * values[i]);
        }
        return m;
    }

    /** Asserts that what lies around a {@link #view} is still NaN. */
    public static void assertNothingWrittenAround(Matrix view) {
        for (int i = 0; i < view.data().length; i++) {
            int column = (i - view.offset()) % view.stride();
            boolean inside = i >= view.offset() && column < view.cols();
            assertTrue(inside || Float.isNaN(view.data()[i]), "element " + i + " outside of " + view + " was written");
        }
    }

    /**
     * A slope by finite differences.
     *
     * @param central (4·D(h/2) − D(h))/3 of D(h) = (f(v+h) − f(v−h))/2h, whose error is of fourth order (Richardson)
     * @param kink half the difference between the slopes to the right and to the left
     */
    public record Slope(double central, double kink) {}

    /** ∂f/∂values[at], by steps of {@code h} to both sides. */
    public static Slope slope(DoubleSupplier f, float[] values, int at, float h) {
        Slope wide = centralSlope(f, values, at, h);
        Slope narrow = centralSlope(f, values, at, h / 2);
        return new Slope((4 * narrow.central() - wide.central()) / 3, wide.kink());
    }

    private static Slope centralSlope(DoubleSupplier f, float[] values, int at, float h) {
        float kept = values[at];
        double here = f.getAsDouble();
        values[at] = kept + h;
        double stepUp = (double) values[at] - kept;
        double up = f.getAsDouble();
        values[at] = kept - h;
        double stepDown = (double) kept - values[at];
        double down = f.getAsDouble();
        values[at] = kept;
        double kink = Math.abs((up - here) / stepUp - (here - down) / stepDown) / 2;
        return new Slope((up - down) / (stepUp + stepDown), kink);
    }

    public static void assertSameBits(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what);
        for (int i = 0; i < expected.length; i++) {
            if (Float.floatToRawIntBits(expected[i]) != Float.floatToRawIntBits(actual[i])) {
                assertEquals(expected[i], actual[i], what + " [" + i + "]");
            }
        }
    }

    /** Each value within {@code tolerance} times the array's largest magnitude. */
    public static void assertClose(double[] expected, float[] actual, double tolerance, String what) {
        assertEquals(expected.length, actual.length, what);
        double largest = Arrays.stream(expected).map(Math::abs).max().orElse(0);
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], tolerance * largest, what + " [" + i + "]");
        }
    }

    public static double[] doubles(float[] values) {
        double[] result = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            result[i] = values[i];
        }
        return result;
    }

    /** Mean and variance of a sample, to compare with what they should be. */
    public record Moments(double mean, double variance, long n) {
        public static Moments of(double[] values) {
            double mean = Arrays.stream(values).average().orElseThrow();
            double squares =
                    Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
            return new Moments(mean, squares / (values.length - 1), values.length);
        }

        /** Asserts that the mean is {@code expected} within five standard errors and a float's rounding. */
        public void assertMean(double expected, String what) {
            assertEquals(expected, mean, 5 * Math.sqrt(variance / n) + 1e-6 * (1 + Math.abs(expected)), what);
        }
    }
}
