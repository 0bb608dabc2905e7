package io.cvaespark.spark.datasets;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.datasets.IdxReader;
import io.cvaespark.datasets.Strokes;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class BuiltinDataTest {
    private final SparkSession spark = SparkTests.session();

    @Test
    void strokesAreThoseOfTheirRow() {
        Dataset<Row> strokes = BuiltinData.strokes(spark, 25, 9, 12);
        assertArrayEquals(new String[] {"image", "label", "slant", "thickness"}, strokes.columns());
        assertNothingNull(strokes);
        List<Row> rows = strokes.collectAsList();
        assertEquals(25, rows.size());
        for (int i = 0; i < 25; i++) {
            Strokes.Digit digit = new Strokes(9, 12).draw(i);
            assertArrayEquals(digit.image(), pixels(rows.get(i)));
            assertEquals(digit.label(), rows.get(i).getInt(1));
            assertEquals(digit.slant(), rows.get(i).getFloat(2));
            assertEquals(digit.thickness(), rows.get(i).getFloat(3));
        }
    }

    @Test
    void strokesThatCannotBeDrawnAreRefusedAtOnce() {
        ExpectedError.of(
                IllegalArgumentException.class, () -> BuiltinData.strokes(spark, -1, 1, 28), "Rows", "found -1");
        ExpectedError.of(IllegalArgumentException.class, () -> BuiltinData.strokes(spark, 5, 1, 2), "size", "found 2");
        assertEquals(0, BuiltinData.strokes(spark, 0, 1, 28).count());
    }

    @Test
    void someRowsOfEachLabelKeepIt() {
        Dataset<Row> strokes = BuiltinData.strokes(spark, 300, 1, 8);
        Dataset<Row> few = BuiltinData.withFewLabels(strokes, 3);
        assertEquals(300, few.count());
        assertEquals(30, few.where("label is not null").count());
        assertEquals(
                10,
                few.groupBy("label")
                        .count()
                        .where("label is not null and count = 3")
                        .count());
        // the images with their own labels, and the same ones however the rows lie
        Dataset<Row> kept = few.where("label is not null").orderBy("label", "image");
        assertEquals(30, kept.intersect(strokes).count());
        assertEquals(
                kept.collectAsList(),
                BuiltinData.withFewLabels(strokes.repartition(5), 3)
                        .where("label is not null")
                        .orderBy("label", "image")
                        .collectAsList());
        assertEquals(
                0,
                BuiltinData.withFewLabels(strokes, 0).where("label is not null").count());
        ExpectedError.of(
                IllegalArgumentException.class, () -> BuiltinData.withFewLabels(strokes, -1), "Labels", "found -1");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(longs = {3})
    void idxRowsAreThoseOfTheFiles(@Nullable Long seed, @TempDir Path folder) throws IOException {
        String images = write(folder, "images", images(7, 2, 3));
        String labels = write(folder, "labels", labels(7));
        Dataset<Row> idx = BuiltinData.idx(spark, images, labels, seed);
        assertNothingNull(idx);
        List<Row> rows = idx.collectAsList();
        assertEquals(7, rows.size());
        for (int i = 0; i < 7; i++) {
            byte[] bytes = new byte[6];
            for (int j = 0; j < 6; j++) {
                bytes[j] = (byte) (6 * i + j);
            }
            float[] expected = seed == null ? IdxReader.grey(bytes) : IdxReader.binarized(bytes, seed, i);
            assertArrayEquals(expected, pixels(rows.get(i)));
            assertEquals(200 + i, rows.get(i).getInt(1));
        }
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused(@TempDir Path folder) throws IOException {
        String images = write(folder, "images", images(7, 2, 3));
        String labels = write(folder, "labels", labels(6));
        Class<IOException> type = IOException.class;
        ExpectedError.of(
                type, () -> BuiltinData.idx(spark, images, labels, null), "7 images", images, "6 labels", labels);
        ExpectedError.of(type, () -> BuiltinData.idx(spark, labels, images, null), labels, "[6]", "exchanged");
        ExpectedError.of(type, () -> BuiltinData.idx(spark, images, images, null), images, "[7, 2, 3]", "exchanged");
        assertThrows(
                IOException.class,
                () -> BuiltinData.idx(spark, images, folder.resolve("absent").toString(), null));
    }

    /** Both what is missing and what is too much, although no row needs the latter. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 1})
    void wrongLengthFailsTheJob(int change, @TempDir Path folder) throws IOException {
        byte[] bytes = images(7, 2, 3);
        String images = write(folder, "images", Arrays.copyOf(bytes, bytes.length + change));
        String labels = write(folder, "labels", labels(7));
        Dataset<Row> idx = BuiltinData.idx(spark, images, labels, null);
        Throwable cause = assertThrows(Exception.class, idx::collectAsList);
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = String.valueOf(cause.getMessage());
        assertTrue(message.contains(images) && message.contains(change < 0 ? "truncated" : "found more"), message);
    }

    @Test
    void mnistIsRead() throws IOException {
        Path mnist = Path.of(System.getProperty("cvae.data", "../shared/data"), "mnist");
        assumeTrue(Files.isDirectory(mnist), () -> "no MNIST: " + mnist + " is absent (system property cvae.data)");
        Dataset<Row> idx = BuiltinData.idx(
                spark,
                mnist.resolve("t10k-images-idx3-ubyte.gz").toAbsolutePath().toString(),
                mnist.resolve("t10k-labels-idx1-ubyte.gz").toAbsolutePath().toString(),
                null);
        List<Row> counts = idx.groupBy("label").count().orderBy("label").collectAsList();
        assertEquals(10, counts.size());
        assertEquals(980, counts.get(0).getLong(1));
        assertEquals(1009, counts.get(9).getLong(1));
        assertEquals(7, idx.first().getInt(1));
        assertEquals(784, pixels(idx.first()).length);
    }

    private static void assertNothingNull(Dataset<Row> data) {
        for (var field : data.schema().fields()) {
            assertTrue(!field.nullable(), field.toString());
        }
        assertEquals(
                "ArrayType(FloatType,false)",
                data.schema().apply("image").dataType().toString());
    }

    private static float[] pixels(Row row) {
        List<Float> values = row.getList(0);
        float[] pixels = new float[values.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = values.get(i);
        }
        return pixels;
    }

    private static String write(Path folder, String name, byte[] content) throws IOException {
        return Files.write(folder.resolve(name), content).toString();
    }

    /** An IDX file whose bytes count up from 0. */
    private static byte[] images(int rows, int height, int width) {
        byte[] file = new byte[16 + rows * height * width];
        file[2] = 8;
        file[3] = 3;
        file[7] = (byte) rows;
        file[11] = (byte) height;
        file[15] = (byte) width;
        for (int i = 16; i < file.length; i++) {
            file[i] = (byte) (i - 16);
        }
        return file;
    }

    /** An IDX file of the labels 200, 201, … */
    private static byte[] labels(int rows) {
        byte[] file = new byte[8 + rows];
        file[2] = 8;
        file[3] = 1;
        file[7] = (byte) rows;
        for (int i = 0; i < rows; i++) {
            file[8 + i] = (byte) (200 + i);
        }
        return file;
    }

    /** A 4 x 4 image of its own places: which of them are given. */
    @Test
    void quadrantsPartTheImage() {
        Dataset<Row> table = SparkTests.session()
                .sql("select transform(sequence(0, 15), i -> float(i)) image")
                .withColumn("__cvae_grey", org.apache.spark.sql.functions.col("image"));
        int[][] given = {{8, 9, 12, 13}, {0, 1, 4, 5, 8, 9, 12, 13}, {0, 1, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15}};
        for (int n = 1; n <= 3; n++) {
            Row row = BuiltinData.withQuadrants(table, n).first();
            List<Float> expected =
                    IntStream.of(given[n - 1]).mapToObj(i -> (float) i).toList();
            assertEquals(expected, row.getList(row.fieldIndex("given")));
            List<Float> rest = row.getList(row.fieldIndex("rest"));
            assertEquals(16 - expected.size(), rest.size());
            assertTrue(rest.stream().noneMatch(expected::contains));
        }
        ExpectedError.of(IllegalArgumentException.class, () -> BuiltinData.withQuadrants(table, 4), "1, 2 or 3", "4");
    }
}
