package io.cvaespark.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrokesTest {
    private static final int SIZE = 28;
    private static final int ROWS = 10_000;

    @Test
    void rowIsPureFunctionOfSeedRowAndSize() {
        Strokes strokes = new Strokes(7, SIZE);
        Strokes.Digit first = strokes.draw(3);
        strokes.draw(4);
        Strokes.Digit again = new Strokes(7, SIZE).draw(3);
        assertEquals(first.label(), again.label());
        assertEquals(first.slant(), again.slant());
        assertEquals(first.thickness(), again.thickness());
        assertArrayEquals(first.image(), again.image());
    }

    @Test
    void rowsAndSeedsDiffer() {
        Set<Integer> images = new HashSet<>();
        for (long seed : new long[] {0, 1, -1}) {
            for (long row : new long[] {-1, 0, 1, 2, 3, 1L << 40}) {
                images.add(Arrays.hashCode(new Strokes(seed, SIZE).draw(row).image()));
            }
        }
        assertEquals(18, images.size());
    }

    /** Pins every bit: data drawn by one version is the data that another draws. */
    @Test
    void bitsAreKnown() {
        int bits = 0;
        for (int row = 0; row < 100; row++) {
            Strokes.Digit digit = new Strokes(20_260_101, 12).draw(row);
            bits = 31 * bits + Arrays.hashCode(digit.image());
            bits = 31 * bits + Float.floatToIntBits(digit.slant());
            bits = 31 * bits + Float.floatToIntBits(digit.thickness());
            bits = 31 * bits + digit.label();
        }
        assertEquals(1_628_510_292, bits);
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 28, 61})
    void pixelsAreGreyAndSomeAreInk(int size) {
        Strokes strokes = new Strokes(1, size);
        for (int row = 0; row < 500; row++) {
            float[] image = strokes.draw(row).image();
            assertEquals(size * size, image.length);
            float largest = 0;
            for (float pixel : image) {
                assertTrue(pixel >= 0 && pixel <= 1, () -> "pixel " + pixel);
                largest = Math.max(largest, pixel);
            }
            assertTrue(largest > 0.2f, "row " + row + " is empty");
        }
    }

    @Test
    void digitsLieWithinTheImage() {
        Strokes strokes = new Strokes(2, SIZE);
        int touching = 0;
        for (int row = 0; row < 1_000; row++) {
            float[] image = strokes.draw(row).image();
            boolean touches = false;
            for (int i = 0; i < SIZE; i++) {
                touches |= image[i] + image[(SIZE - 1) * SIZE + i] + image[i * SIZE] + image[i * SIZE + SIZE - 1] > 0;
            }
            touching += touches ? 1 : 0;
        }
        assertTrue(touching < 30, touching + " of 1000 digits touch the edge");
    }

    @Test
    void labelsAreUniform() {
        int[] counts = new int[10];
        for (int row = 0; row < ROWS; row++) {
            counts[new Strokes(3, 8).draw(row).label()]++;
        }
        for (int count : counts) {
            // 1000 expected, standard deviation 30
            assertEquals(1_000, count, 120, Arrays.toString(counts));
        }
    }

    @Test
    void everyDigitHasSeveralShapes() {
        for (int label = 0; label < StrokeShapes.labels(); label++) {
            assertTrue(StrokeShapes.of(label).size() >= 3, "digit " + label);
        }
    }

    /** Within each digit, since the digits themselves differ in length. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void thicknessIsInkAndSlantIsLeaning(int label) {
        int rows = 500;
        double[] thickness = new double[rows];
        double[] ink = new double[rows];
        double[] slant = new double[rows];
        double[] lean = new double[rows];
        Strokes strokes = new Strokes(4, SIZE);
        int found = 0;
        for (int row = 0; found < rows; row++) {
            Strokes.Digit digit = strokes.draw(row);
            if (digit.label() == label) {
                thickness[found] = digit.thickness();
                slant[found] = digit.slant();
                lean[found] = lean(digit.image());
                for (float pixel : digit.image()) {
                    ink[found] += pixel;
                }
                found++;
            }
        }
        assertWithin(1.2, 4, thickness);
        assertWithin(-0.44, 0.64, slant);
        assertTrue(correlation(thickness, ink) > 0.65, "thickness " + correlation(thickness, ink));
        assertTrue(correlation(slant, lean) > 0.75, "slant " + correlation(slant, lean));
    }

    @Test
    void conditionsAreIndependent() {
        double[][] conditions = new double[3][ROWS];
        for (int row = 0; row < ROWS; row++) {
            Strokes.Digit digit = new Strokes(6, 8).draw(row);
            conditions[0][row] = digit.label();
            conditions[1][row] = digit.slant();
            conditions[2][row] = digit.thickness();
        }
        for (int i = 0; i < 3; i++) {
            // the standard deviation of a correlation over 10,000 rows is 0.01
            assertEquals(0, correlation(conditions[i], conditions[(i + 1) % 3]), 0.04);
        }
    }

    @Test
    void sizesOutOfRangeAreRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> new Strokes(1, 7), "size", "8 to", "found 7");
        ExpectedError.of(IllegalArgumentException.class, () -> new Strokes(1, 5_000), "found 5000");
    }

    /** How far ink moves to the right for each pixel upwards: −cov(x, y) / var(y), y downwards. */
    private static double lean(float[] image) {
        double mass = 0;
        double sumX = 0;
        double sumY = 0;
        double sumXy = 0;
        double sumYy = 0;
        for (int y = 0; y < SIZE; y++) {
            for (int x = 0; x < SIZE; x++) {
                double ink = image[y * SIZE + x];
                mass += ink;
                sumX += ink * x;
                sumY += ink * y;
                sumXy += ink * x * y;
                sumYy += ink * y * y;
            }
        }
        return -(sumXy - sumX * sumY / mass) / (sumYy - sumY * sumY / mass);
    }

    private static void assertWithin(double low, double high, double[] values) {
        for (double value : values) {
            assertTrue(value >= low - 1e-6 && value <= high + 1e-6, () -> "value " + value);
        }
    }

    private static double correlation(double[] a, double[] b) {
        double meanA = Arrays.stream(a).average().orElseThrow();
        double meanB = Arrays.stream(b).average().orElseThrow();
        double ab = 0;
        double aa = 0;
        double bb = 0;
        for (int i = 0; i < a.length; i++) {
            ab += (a[i] - meanA) * (b[i] - meanB);
            aa += (a[i] - meanA) * (a[i] - meanA);
            bb += (b[i] - meanB) * (b[i] - meanB);
        }
        return ab / Math.sqrt(aa * bb);
    }
}
