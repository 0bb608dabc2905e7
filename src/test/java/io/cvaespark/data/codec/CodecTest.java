package io.cvaespark.data.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.Implementations;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
    private static final Codec.Standardized STANDARDIZED =
            new Codec.Standardized(List.of(10.0, -3.0, 1e6), List.of(2.0, 0.5, 1e5));
    private static final Codec.OneHot LEVELS = new Codec.OneHot(List.of("a", "b", "c"));
    private static final Codec.Embedded EMBEDDED = new Codec.Embedded(List.of("a", "b", "c"), 8);

    static Stream<Codec.Numbers> numeric() {
        return Stream.of(STANDARDIZED, new Codec.Unit(3));
    }

    @Test
    void countsAsConditionsAreStandardisedLogarithms() {
        Codec.Numbers codec = new Codec.LogStandardized(new Codec.Standardized(List.of(1.0), List.of(2.0)));
        float[] floats = new float[1];
        codec.encode(new double[] {977}, 0, floats, 0);
        assertEquals((Math.log(978) - 1) / 2, floats[0], 1e-6);
        double[] cell = new double[1];
        codec.decode(floats, 0, cell);
        assertEquals(977, cell[0]);
    }

    @Test
    void everyCodecIsCovered() {
        Stream<Class<?>> covered = Stream.concat(
                        numeric(),
                        Stream.of(
                                LEVELS,
                                EMBEDDED,
                                new Codec.LevelNumber(List.of("a", "b")),
                                new GroupedLevels(List.of("a"), List.of("b"), List.of(1L)),
                                new Codec.OrMissing(new Codec.LevelNumber(List.of("a"))),
                                new Histogram(List.of(0.0), List.of(), 1, 0),
                                new Codec.Constant(7.5, new Codec.Unit(1)),
                                new Codec.LogStandardized(new Codec.Standardized(List.of(0.0), List.of(1.0)))))
                .map(Object::getClass);
        assertEquals(
                Implementations.of(Codec.class),
                covered.collect(java.util.stream.Collectors.toSet()),
                "add every codec to CodecTest");
    }

    /** Cells and floats both have something around them that must be left alone. */
    @ParameterizedTest
    @MethodSource("numeric")
    void numbersComeBack(Codec.Numbers codec) {
        double[] cells = {99, 0.25, -1.5, 0.75, 99};
        float[] floats = {7f, 7f, 7f, 7f, 7f};
        codec.encode(cells, 1, floats, 2);
        assertEquals(7f, floats[0]);
        assertEquals(7f, floats[1]);
        double[] back = new double[3];
        codec.decode(floats, 2, back);
        for (int j = 0; j < 3; j++) {
            assertEquals(cells[1 + j], back[j], 1e-6 * (1 + Math.abs(back[j])) + 1e-7 * (j == 2 ? 1e6 : 1));
        }
        assertEquals(3, codec.width());
        assertEquals(List.of(), codec.levels());
        assertEquals(3, codec.cells());
    }

    @Test
    void standardisingSubtractsTheMeanAndDividesByTheDeviation() {
        float[] floats = new float[3];
        STANDARDIZED.encode(new double[] {14, -3, 9e5}, 0, floats, 0);
        assertArrayEquals(new float[] {2f, 0f, -1f}, floats);
        double[] cell = new double[3];
        STANDARDIZED.decode(new float[] {2f, 0f, -1f}, 0, cell);
        assertArrayEquals(new double[] {14, -3, 9e5}, cell);
    }

    @Test
    void whatIsReadBackIsCutToTheRange() {
        Codec.Numbers codec = new Codec.Standardized(List.of(10.0), List.of(2.0), new Range(7, 11));
        double[] cell = new double[1];
        for (double[] pair : new double[][] {{-9, 7}, {0, 10}, {0.25, 10.5}, {3, 11}}) {
            codec.decode(new float[] {(float) pair[0]}, 0, cell);
            assertEquals(pair[1], cell[0]);
        }
        codec.decode(new float[] {Float.NaN}, 0, cell);
        assertTrue(Double.isNaN(cell[0]));
        float[] floats = new float[1];
        codec.encode(new double[] {20}, 0, floats, 0);
        assertEquals(5f, floats[0]);
    }

    /** A constant component has deviation 1: zero in the model, its own value again outside. */
    @Test
    void aConstantComponentComesBackExactly() {
        double constant = 123_456_789.123;
        Codec.Numbers codec = new Codec.Standardized(List.of(constant), List.of(1.0));
        float[] floats = {7f};
        codec.encode(new double[] {constant}, 0, floats, 0);
        assertEquals(0f, floats[0]);
        double[] cell = new double[1];
        codec.decode(floats, 0, cell);
        assertEquals(constant, cell[0]);
    }

    /** Positions hit each rare level as often as it occurred. */
    @Test
    void rareLevelsAreDrawnAsOftenAsTheyOccurred() {
        GroupedLevels codec = new GroupedLevels(List.of("a"), List.of("b", "c", "d"), List.of(1L, 7L, 10L));
        int[] counts = new int[3];
        for (int i = 0; i < 1000; i++) {
            String level = codec.decode(new float[] {1f, (i + 0.5f) / 1000}, 0);
            counts[level.charAt(0) - 'b']++;
        }
        assertArrayEquals(new int[] {100, 600, 300}, counts);
        assertEquals("d", codec.decode(new float[] {1f, 1f}, 0));
        float[] x = new float[2];
        for (int level = 0; level < 4; level++) {
            codec.encode(level, x, 0);
            assertEquals(codec.levels().get(level), codec.decode(x, 0));
        }
    }

    @Test
    void embeddedLevelsAreTheirNumbers() {
        Codec.Embedded codec = EMBEDDED;
        float[] out = {9f, 9f, 9f};
        codec.encode(2, out, 1);
        assertArrayEquals(new float[] {9f, 2f, 9f}, out);
        assertEquals("c", codec.decode(out, 1));
        assertEquals(1, codec.width());
        assertEquals(1, codec.cells());
    }

    @Test
    void levelsAreOneHotAndComeBack() {
        for (int i = 0; i < 3; i++) {
            float[] floats = {7f, 7f, 7f, 7f, 7f};
            LEVELS.encode(i, floats, 1);
            float[] expected = {7f, 0f, 0f, 0f, 7f};
            expected[1 + i] = 1f;
            assertArrayEquals(expected, floats);
            String level = LEVELS.decode(floats, 1);
            assertEquals(LEVELS.levels().get(i), level);
        }
        assertEquals(3, LEVELS.width());
        assertEquals(1, LEVELS.cells());
    }

    @Test
    void theLargestFloatWinsAndTheFirstOfEquals() {
        assertEquals("c", LEVELS.decode(new float[] {0.1f, 0.2f, 0.7f}, 0));
        assertEquals("b", LEVELS.decode(new float[] {0.1f, 0.45f, 0.45f}, 0));
    }
}
