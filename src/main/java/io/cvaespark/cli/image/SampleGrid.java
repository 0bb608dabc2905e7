package io.cvaespark.cli.image;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/** Draws generated images as a grid. */
public final class SampleGrid {
    private static final int MOST_IMAGES = 400;

    private SampleGrid() {}

    /**
     * Draws the first target column that holds square grey images.
     *
     * @param columns the number of images in a row of the grid; 0 for about as many as there are rows
     * @throws IllegalArgumentException if no target is a square image
     */
    public static void write(Dataset<Row> table, TableSchema schema, String file, long columns) throws IOException {
        Field image = requireImage(schema);
        List<float[]> images = images(table.limit(MOST_IMAGES), image);
        int width = columns > 0 ? (int) Math.min(columns, images.size()) : (int) Math.ceil(Math.sqrt(images.size()));
        write(images, image, file, width, table.sparkSession());
    }

    /**
     * Draws one grid row for each image of {@code given}: the image, followed by the {@code each} images that were made
     * from it.
     *
     * @param made {@code each} rows for each row of {@code given}, in the order of {@code given}
     */
    public static void writeWithOriginals(
            Dataset<Row> given, Dataset<Row> made, int each, TableSchema schema, String file) throws IOException {
        Field image = requireImage(schema);
        int rows = Math.max(1, MOST_IMAGES / (each + 1));
        List<float[]> left = images(given.limit(rows), image);
        List<float[]> right = images(made.limit(rows * each), image);
        List<float[]> images = new ArrayList<>();
        for (int r = 0; r < left.size(); r++) {
            images.add(left.get(r));
            images.addAll(right.subList(r * each, (r + 1) * each));
        }
        write(images, image, file, each + 1, given.sparkSession());
    }

    /** Returns the first target column of square grey images; throws if there is none. */
    public static Field requireImage(TableSchema schema) {
        return image(schema)
                .orElseThrow(() -> new IllegalArgumentException(
                        "A picture (--png) needs a target column of square grey images (4, 9, 16, … values); the targets are "
                                + schema.targets().stream().map(Field::column).toList()));
    }

    /** Returns the first target column of square grey images; empty if there is none. */
    public static Optional<Field> image(TableSchema schema) {
        return schema.targets().stream().filter(f -> side(f) > 1).findFirst();
    }

    /** Returns the images of a column, with values clipped to 0 to 1; missing values are black. */
    public static List<float[]> images(Dataset<Row> table, Field image) {
        List<Row> rows = table.select(functions.col("`" + image.column() + "`").cast("array<float>"))
                .collectAsList();
        List<float[]> images = new ArrayList<>();
        for (Row row : rows) {
            images.add(pixels(
                    row.isNullAt(0) ? null : row.getList(0), image.codec().width()));
        }
        return images;
    }

    /** The pixels of one image, of which cells or all may be missing. */
    static float[] pixels(@Nullable List<@Nullable Float> values, int width) {
        float[] pixels = new float[width];
        for (int i = 0; values != null && i < values.size(); i++) {
            Float value = values.get(i);
            pixels[i] = value == null ? 0f : Math.min(1f, Math.max(0f, value));
        }
        return pixels;
    }

    private static void write(List<float[]> images, Field image, String file, int width, SparkSession spark)
            throws IOException {
        Path path = new Path(file);
        try (OutputStream out =
                path.getFileSystem(spark.sparkContext().hadoopConfiguration()).create(path, true)) {
            PngGrid.write(grid(images, image, width), out);
        }
    }

    /** Draws a column's images as a picture, {@code columns} in a row. */
    public static BufferedImage grid(List<float[]> images, Field image, int columns) {
        int side = side(image);
        return PngGrid.render(images, 1, side, side, columns, 2);
    }

    /** The side of the square that a column's values form; 0 if they form none. */
    private static int side(Field field) {
        int side = (int) Math.sqrt(field.codec().width());
        return side * side == field.codec().width() && !field.hasLevels() ? side : 0;
    }
}
