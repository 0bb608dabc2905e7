package io.cvaespark.batch;

import static io.cvaespark.TestArrays.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class BatchAssemblerTest {
    private static final int IMAGE = 20;
    /** A plain target, an image to be binarised, another one, and a condition of three levels. */
    private static final TableSchema SCHEMA = new TableSchema(
            List.of(
                    field("size", new Codec.Unit(1), false),
                    field("image", new Codec.Unit(IMAGE), true),
                    field("mask", new Codec.Unit(IMAGE), true)),
            List.of(field("label", new Codec.OneHot(List.of("a", "b", "c")), false)));

    private static final int WIDTH = SCHEMA.rowWidth();

    private static Field field(String column, Codec codec, boolean binarize) {
        return new Field(column, "double", ColumnType.BINARY, codec, null, null, binarize);
    }

    /** A row whose image and mask have probability p everywhere. */
    private static float[] row(float p) {
        float[] row = new float[WIDTH];
        Arrays.fill(row, p);
        row[0] = 0.375f;
        row[WIDTH - 3] = 0f;
        row[WIDTH - 2] = 1f;
        row[WIDTH - 1] = 0f;
        return row;
    }

    private static BatchAssembler assembler(int maxRows) {
        return new BatchAssembler(SCHEMA, maxRows, Elementwise.create());
    }

    private static float[] drawn(long seed, long epoch, long id) {
        BatchAssembler assembler = assembler(1);
        assembler.add(row(0.5f), 0, 1f, id, seed, epoch);
        return assembler.batch().xc().toArray();
    }

    /** A level is one cell, a number each; what is not known is 0 in x and in the mask. */
    @Test
    void missingCellsAreMasked() {
        TableSchema schema = new TableSchema(
                List.of(
                        field("image", new Codec.Unit(2), true),
                        field("kind", new Codec.OneHot(List.of("a", "b")), false)),
                List.of());
        BatchAssembler assembler = new BatchAssembler(schema, 3, Elementwise.create());
        for (int round = 0; round < 2; round++) {
            assembler.clear();
            assembler.add(new float[] {1f, 1f, 0f, 1f}, 0, 1f, 1, 1, 1);
            assertNull(assembler.batch().observed());
            assembler.add(new float[] {Float.NaN, 1f, 0f, 1f}, 0, 1f, 2, 1, 1);
            assembler.add(new float[] {1f, 1f, Float.NaN, Float.NaN}, 0, 1f, 3, 1, 1);
            Batch batch = assembler.batch();
            assertArrayEquals(
                    new float[] {1f, 1f, 0f, 1f, 0f, 1f, 0f, 1f, 1f, 1f, 0f, 0f},
                    batch.x().toArray());
            assertArrayEquals(
                    new float[] {1f, 1f, 1f, 0f, 1f, 1f, 1f, 1f, 0f},
                    Objects.requireNonNull(batch.observed()).toArray());
        }
        assembler.clear();
        assembler.add(new float[] {1f, 1f, 0f, 1f}, 0, 1f, 1, 1, 1);
        assertNull(assembler.batch().observed());
    }

    @Test
    void widthsAreThoseOfTheSchema() {
        assertEquals(1 + 2 * IMAGE, SCHEMA.targetWidth());
        assertEquals(3, SCHEMA.conditionWidth());
        assertEquals(SCHEMA.targetWidth() + SCHEMA.conditionWidth(), SCHEMA.rowWidth());
    }

    @Test
    void binarisationIsAPureFunctionOfSeedEpochAndRow() {
        float[] first = drawn(1, 2, 3);
        assertSameBits(first, drawn(1, 2, 3), "the same draw");
        assertFalse(Arrays.equals(first, drawn(9, 2, 3)), "seed");
        assertFalse(Arrays.equals(first, drawn(1, 9, 3)), "epoch");
        assertFalse(Arrays.equals(first, drawn(1, 2, 9)), "row");
        float[] image = Arrays.copyOfRange(first, 1, 1 + IMAGE);
        float[] mask = Arrays.copyOfRange(first, 1 + IMAGE, 1 + 2 * IMAGE);
        assertFalse(Arrays.equals(image, mask), "column");
    }

    @Test
    void theRowsBeforeItMakeNoDifference() {
        BatchAssembler assembler = assembler(3);
        assembler.add(row(0.2f), 0, 1f, 8, 1, 2);
        assembler.add(row(0.9f), 0, 1f, 9, 1, 2);
        assembler.add(row(0.5f), 0, 1f, 3, 1, 2);
        assertSameBits(drawn(1, 2, 3), assembler.batch().xc().rowRange(2, 3).toArray(), "row 3");
    }

    @Test
    void onlyWhatIsBinarisedChangesAndHasItsProbability() {
        int rows = 2000;
        for (float p : new float[] {0f, 0.3f, 1f}) {
            BatchAssembler assembler = assembler(rows);
            for (int r = 0; r < rows; r++) {
                assembler.add(row(p), 0, 1f, r, 1, 1);
            }
            Batch batch = assembler.batch();
            double ones = 0;
            for (int r = 0; r < rows; r++) {
                assertEquals(0.375f, batch.x().get(r, 0));
                assertArrayEquals(
                        new float[] {0f, 1f, 0f}, batch.c().rowRange(r, r + 1).toArray());
                for (int j = 1; j < batch.x().cols(); j++) {
                    float value = batch.x().get(r, j);
                    assertTrue(value == 0f || value == 1f);
                    ones += value;
                }
            }
            double n = (double) rows * 2 * IMAGE;
            assertEquals(p, ones / n, 5 * Math.sqrt(p * (1 - p) / n));
        }
    }

    @Test
    void rowsAreTakenFromTheirPlaceWithWeightAndId() {
        float[] source = new float[3 * WIDTH];
        System.arraycopy(row(1f), 0, source, WIDTH, WIDTH);
        BatchAssembler assembler = assembler(2);
        assembler.add(source, WIDTH, 2.5f, 42, 1, 1);
        assertEquals(1, assembler.rows());
        assertFalse(assembler.isFull());
        assertSameBits(row(1f), assembler.batch().xc().toArray(), "row");
        assertEquals(2.5f, assembler.batch().weights()[0]);
        assertEquals(42, assembler.batch().ids()[0]);
        assembler.add(source, 0, 1f, 43, 1, 1);
        assertTrue(assembler.isFull());
        assembler.clear();
        assertEquals(0, assembler.rows());
        assertEquals(0, assembler.batch().rows());
    }

    @Test
    void paddingIsZeroAndWeighsNothingWhateverWasThere() {
        BatchAssembler assembler = assembler(4);
        for (int r = 0; r < 4; r++) {
            assembler.add(row(1f), 0, 3f, r, 1, 1);
        }
        assembler.clear();
        assembler.add(row(1f), 0, 3f, 0, 1, 1);
        Batch padded = assembler.padded();
        assertEquals(4, padded.rows());
        assertSameBits(row(1f), padded.xc().rowRange(0, 1).toArray(), "the row");
        assertSameBits(new float[3 * WIDTH], padded.xc().rowRange(1, 4).toArray(), "the padding");
        assertArrayEquals(new float[] {3f, 0f, 0f, 0f}, padded.weights());
        assertEquals(1, assembler.batch().rows());
    }

    @Test
    void aBatchNeedsAWeightAndAnIdForEveryRow() {
        Matrix xc = Matrix.zeros(3, 2);
        ExpectedError.of(
                IllegalArgumentException.class, () -> new Batch(xc, 1, new float[2], new long[3]), "3 x 2", "2 and 3");
        ExpectedError.of(
                IllegalArgumentException.class, () -> new Batch(xc, 3, new float[3], new long[3]), "3 targets");
    }
}
