package io.cvaespark.batch;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.TestArrays.Moments;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Shifts of the image, and noise in what the networks see. */
class AugmentationTest {
    private static final int CHANNELS = 2;
    private static final int HEIGHT = 4;
    private static final int WIDTH = 5;
    private static final List<Integer> IMAGE = List.of(CHANNELS, HEIGHT, WIDTH);
    private static final int SIZE = CHANNELS * HEIGHT * WIDTH;
    /** The largest there is. */
    private static final int SHIFT = 3;

    private static final Augmentation SHIFTS = new Augmentation(SHIFT, null);
    private static final double DEVIATION = 0.25;
    private static final Augmentation NOISE = new Augmentation(null, DEVIATION);

    private static final TableSchema PIXELS = images(false);
    private static final TableSchema PROBABILITIES = images(true);

    /** Something of every type; the floats that take noise are 0 to 4. */
    private static final TableSchema MIXED = new TableSchema(
            List.of(
                    field("numbers", ColumnType.CONTINUOUS, new Codec.Unit(2), false),
                    field("pixels", ColumnType.BINARY, new Codec.Unit(3), true),
                    field("level", ColumnType.CATEGORICAL, new Codec.OneHot(List.of("a", "b", "c")), false),
                    field("counts", ColumnType.COUNT, new Codec.Unit(2), false)),
            List.of(field("c", ColumnType.CONTINUOUS, new Codec.Unit(2), false)));

    private static final int NOISY = 5;

    private static Field field(String column, ColumnType type, Codec codec, boolean binarize) {
        return new Field(column, "double", type, codec, null, null, binarize);
    }

    /** The image as two columns, of which the first ends within a line; and one condition. */
    private static TableSchema images(boolean binarize) {
        return new TableSchema(
                List.of(
                        field("left", ColumnType.BINARY, new Codec.Unit(7), binarize),
                        field("right", ColumnType.BINARY, new Codec.Unit(SIZE - 7), binarize)),
                List.of(field("c", ColumnType.CONTINUOUS, new Codec.Unit(1), false)));
    }

    private static Batch batch(
            TableSchema schema, float[] row, @Nullable Augmentation augmentation, long seed, long epoch, long... ids) {
        BatchAssembler assembler = new BatchAssembler(schema, ids.length, Elementwise.create(), augmentation, IMAGE);
        for (long id : ids) {
            assembler.add(row, 0, 1f, id, seed, epoch);
        }
        return assembler.batch();
    }

    private static long[] ids(int n) {
        long[] ids = new long[n];
        Arrays.setAll(ids, i -> i);
        return ids;
    }

    private static float at(float[] image, int channel, int y, int x) {
        int line = Math.max(0, Math.min(HEIGHT - 1, y));
        int column = Math.max(0, Math.min(WIDTH - 1, x));
        return image[(channel * HEIGHT + line) * WIDTH + column];
    }

    private static float[] shifted(float[] image, int dy, int dx) {
        float[] result = new float[SIZE];
        int i = 0;
        for (int channel = 0; channel < CHANNELS; channel++) {
            for (int y = 0; y < HEIGHT; y++) {
                for (int x = 0; x < WIDTH; x++) {
                    result[i++] = at(image, channel, y - dy, x - dx);
                }
            }
        }
        return result;
    }

    /** Number of the shift that made {@code actual}, from 0; fails where none did. */
    private static int shiftOf(float[] image, float[] actual) {
        for (int dy = -SHIFT; dy <= SHIFT; dy++) {
            for (int dx = -SHIFT; dx <= SHIFT; dx++) {
                if (Arrays.equals(shifted(image, dy, dx), actual)) {
                    return (dy + SHIFT) * (2 * SHIFT + 1) + dx + SHIFT;
                }
            }
        }
        throw new AssertionError("No shift gives " + Arrays.toString(actual));
    }

    @Test
    void imagesAreShiftedByAllDistancesAlike() {
        int rows = 5000;
        float[] row = normals(1, SIZE + 1);
        float[] image = Arrays.copyOf(row, SIZE);
        Batch batch = batch(PIXELS, row, SHIFTS, 7, 3, ids(rows));
        int kinds = (2 * SHIFT + 1) * (2 * SHIFT + 1);
        int[] counts = new int[kinds];
        for (int r = 0; r < rows; r++) {
            counts[shiftOf(image, batch.x().rowRange(r, r + 1).toArray())]++;
            assertEquals(row[SIZE], batch.c().get(r, 0));
        }
        double expected = (double) rows / kinds;
        for (int count : counts) {
            assertEquals(expected, count, 5 * Math.sqrt(expected), () -> Arrays.toString(counts));
        }
        assertSame(batch.xc(), batch.seen(), "there is no noise");
    }

    @Test
    void whatIsChangedIsAPureFunctionOfSeedEpochAndRow() {
        Augmentation both = new Augmentation(SHIFT, DEVIATION);
        float[] row = normals(2, SIZE + 1);
        long[] ids = ids(20);
        float[] first = batch(PIXELS, row, both, 7, 3, ids).seen().toArray();
        assertSameBits(first, batch(PIXELS, row, both, 7, 3, ids).seen().toArray(), "the same");
        assertSameBits(
                Arrays.copyOfRange(first, 5 * (SIZE + 1), 6 * (SIZE + 1)),
                batch(PIXELS, row, both, 7, 3, 5).seen().toArray(),
                "the row alone");
        for (Batch other : List.of(batch(PIXELS, row, both, 8, 3, ids), batch(PIXELS, row, both, 7, 4, ids))) {
            assertTrue(!Arrays.equals(first, other.seen().toArray()), "other noise");
            assertTrue(
                    !Arrays.equals(
                            batch(PIXELS, row, both, 7, 3, ids).x().toArray(),
                            other.x().toArray()),
                    "other shifts");
        }
        // The noise does not depend on whether there is a shift, nor the shift on the noise.
        assertSameBits(
                batch(PIXELS, row, SHIFTS, 7, 3, ids).x().toArray(),
                batch(PIXELS, row, both, 7, 3, ids).x().toArray(),
                "shift");
    }

    @Test
    void unknownPixelsMoveWithTheImage() {
        float[] row = new float[SIZE + 1];
        float[] places = new float[SIZE];
        Arrays.fill(row, 1f);
        for (int i : new int[] {0, 7, 22, SIZE - 1}) {
            row[i] = Float.NaN;
            places[i] = 1f;
        }
        int rows = 30;
        float[] marked = Arrays.copyOf(places, SIZE + 1);
        Batch moved = batch(PIXELS, marked, SHIFTS, 7, 3, ids(rows));
        for (TableSchema schema : List.of(PIXELS, PROBABILITIES)) {
            Batch batch = batch(schema, row, new Augmentation(SHIFT, DEVIATION), 7, 3, ids(rows));
            Matrix observed = Objects.requireNonNull(batch.observed());
            for (int r = 0; r < rows; r++) {
                for (int j = 0; j < SIZE; j++) {
                    boolean unknown = moved.x().get(r, j) == 1f;
                    assertEquals(unknown ? 0f : 1f, observed.get(r, j));
                    assertEquals(unknown ? 0f : 1f, batch.x().get(r, j));
                    assertEquals(unknown, batch.seenX().get(r, j) == 0f);
                }
            }
        }
    }

    /** The probabilities move, and then each pixel is drawn: what comes in from outside is no copy of a draw. */
    @Test
    void binarisationFollowsTheShift() {
        float[] even = new float[SIZE + 1];
        Arrays.fill(even, 0.5f);
        assertSameBits(
                batch(PROBABILITIES, even, null, 7, 3, ids(20)).x().toArray(),
                batch(PROBABILITIES, even, SHIFTS, 7, 3, ids(20)).x().toArray(),
                "an even image");
        float[] sure = new float[SIZE + 1];
        for (int j = 0; j < SIZE; j++) {
            sure[j] = j % 3 == 0 ? 1f : 0f;
        }
        assertSameBits(
                batch(PIXELS, sure, SHIFTS, 7, 3, ids(20)).x().toArray(),
                batch(PROBABILITIES, sure, SHIFTS, 7, 3, ids(20)).x().toArray(),
                "probabilities 0 and 1");
    }

    private static float[] mixedRow() {
        return new float[] {1.5f, Float.NaN, 0.4f, Float.NaN, 0.6f, 0f, 1f, 0f, 3f, 0f, 0.5f, -1f};
    }

    @Test
    void noiseIsInWhatTheNetworksSeeAlone() {
        int rows = 4000;
        float[] row = mixedRow();
        Batch plain = batch(MIXED, row, null, 7, 3, ids(rows));
        Batch noisy = batch(MIXED, row, NOISE, 7, 3, ids(rows));
        assertSame(plain.xc(), plain.seen());
        assertSameBits(plain.xc().toArray(), noisy.xc().toArray(), "scored");
        assertSameBits(plain.x().toArray(), noisy.x().toArray(), "scored");
        assertArrayEquals(
                Objects.requireNonNull(plain.observed()).toArray(),
                Objects.requireNonNull(noisy.observed()).toArray());
        List<double[]> columns = new ArrayList<>();
        for (int j = 0; j < MIXED.rowWidth(); j++) {
            double[] differences = new double[rows];
            for (int r = 0; r < rows; r++) {
                float seen = noisy.seen().get(r, j);
                differences[r] = seen - noisy.xc().get(r, j);
                assertEquals(seen, j < MIXED.targetWidth() ? noisy.seenX().get(r, j) : seen);
            }
            if (j < NOISY && !Float.isNaN(row[j])) {
                Moments.of(differences).assertMean(0, "noise at " + j);
                Moments.of(Arrays.stream(differences).map(d -> d * d).toArray())
                        .assertMean(DEVIATION * DEVIATION, "its variance at " + j);
                columns.add(differences);
            } else {
                assertArrayEquals(new double[rows], differences, "place " + j);
            }
        }
        for (int a = 0; a < columns.size(); a++) {
            for (int b = 0; b < a; b++) {
                double[] products = new double[rows];
                for (int r = 0; r < rows; r++) {
                    products[r] = columns.get(a)[r] * columns.get(b)[r];
                }
                Moments.of(products).assertMean(0, "the columns have noise of their own");
            }
        }
    }

    @Test
    void aBatchThatFollowsHasNothingOfTheLast() {
        BatchAssembler assembler = new BatchAssembler(MIXED, 2, Elementwise.create(), NOISE, null);
        assembler.add(mixedRow(), 0, 1f, 1, 7, 3);
        assembler.add(mixedRow(), 0, 1f, 2, 7, 3);
        assembler.clear();
        float[] whole = new float[MIXED.rowWidth()];
        Arrays.fill(whole, 1f);
        assembler.add(whole, 0, 1f, 3, 7, 3);
        for (int j = 0; j < MIXED.rowWidth(); j++) {
            assertEquals(j >= NOISY, assembler.batch().seen().get(0, j) == 1f, "place " + j);
        }
        assertSameBits(
                new float[MIXED.rowWidth()],
                assembler.padded().seen().rowRange(1, 2).toArray(),
                "the padding");
        assertNotEquals(1f, assembler.padded().seen().get(0, 0));
    }

    @Test
    void whatCannotBeDoneIsRefused() {
        refused(PIXELS, SHIFTS, null, "model.image", "[channels, height, width]", "found none");
        refused(PIXELS, SHIFTS, List.of(4, 5), "model.image", "[4, 5]");
        refused(PIXELS, SHIFTS, List.of(2, 3, 5), "smaller", "found 3 of 3 x 5");
        refused(PIXELS, SHIFTS, List.of(2, 5, 3), "smaller", "found 3 of 5 x 3");
        refused(PIXELS, SHIFTS, List.of(1, 4, 5), "[1, 4, 5] has 20 values", "the targets have 40");
        refused(MIXED, new Augmentation(1, null), List.of(1, 2, 5), "'level'", "categorical");
        Codec standardized = new Codec.Standardized(List.of(0.0, 0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0, 1.0));
        refused(
                new TableSchema(List.of(field("v", ColumnType.CONTINUOUS, standardized, false)), List.of()),
                new Augmentation(1, null),
                List.of(1, 2, 2),
                "'v'",
                "standardize",
                "binary");
        refused(
                new TableSchema(MIXED.targets().subList(2, 4), List.of()),
                NOISE,
                null,
                "training.augment.noise",
                "level (categorical), counts (count)");
    }

    private static void refused(
            TableSchema schema, Augmentation augmentation, @Nullable List<Integer> image, String... named) {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new BatchAssembler(schema, 1, Elementwise.create(), augmentation, image),
                named);
    }
}
