package io.cvaespark.spark.datasets;

import io.cvaespark.datasets.IdxReader;
import io.cvaespark.datasets.Strokes;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapFunction;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;
import org.apache.spark.util.TaskCompletionListener;
import org.jspecify.annotations.Nullable;

/**
 * The built-in image data sets: drawn strokes, and IDX files such as MNIST's.
 *
 * <p>No value is null, except for labels that were removed. Rows keep their order, and no row depends on the
 * partitions.
 */
public final class BuiltinData {
    private static final String GREY = "__cvae_grey";
    private static final String PLACE = "__cvae_place";

    private BuiltinData() {}

    /**
     * Draws {@code rows} rows of {@link Strokes} in parallel.
     *
     * <p>Columns: {@code image} array&lt;float&gt; [size×size] in [0,1], {@code label} int, {@code slant} float, {@code
     * thickness} float; see {@link Strokes.Digit}.
     *
     * @throws IllegalArgumentException if rows is negative, or if Strokes cannot draw this size
     */
    public static Dataset<Row> strokes(SparkSession spark, long rows, long seed, int size) {
        if (rows < 0) {
            throw new IllegalArgumentException("Rows of strokes: expected 0 or more, found %s".formatted(rows));
        }
        new Strokes(seed, size); // checks the size here, before a task does
        StructType schema =
                imageSchema().add("slant", DataTypes.FloatType, false).add("thickness", DataTypes.FloatType, false);
        return spark.range(rows).map((MapFunction<Long, Row>) row -> strokesRow(seed, size, row), Encoders.row(schema));
    }

    /**
     * Reads the rows of two IDX files, images [rows×height×width] and labels [rows], each plain or gzip.
     *
     * <p>Columns: {@code image} array&lt;float&gt; with byte / 255, {@code label} int. With {@code binarizeSeed} each
     * value is 0 or 1, drawn with the probability byte / 255 and fixed by (seed, row, index in the image). The paths
     * are Hadoop paths. Each task reads a file from its beginning up to the task's own rows. This call reads only the
     * headers; if a file is too short or too long, the Spark job fails later.
     *
     * @throws IOException if a file cannot be read, is no IDX file, or has the wrong number of dimensions, or if the
     *     numbers of images and labels differ
     */
    public static Dataset<Row> idx(SparkSession spark, String imageFile, String labelFile, @Nullable Long binarizeSeed)
            throws IOException {
        return images(spark, imageFile, labelFile, binarizeSeed).drop(GREY);
    }

    /**
     * Reads the rows like {@link #idx} and adds two columns with parts of the images, as in Sohn et al. 2015: {@code
     * given} has the pixels of 1 quadrant (lower left), 2 (left) or 3 (all but upper right), always grey, and {@code
     * rest} has the other pixels of {@code image}. Both are row by row.
     *
     * @param quadrants the number of quadrants in {@code given}: 1, 2 or 3
     */
    public static Dataset<Row> idxQuadrants(
            SparkSession spark, String imageFile, String labelFile, @Nullable Long binarizeSeed, int quadrants)
            throws IOException {
        return withQuadrants(images(spark, imageFile, labelFile, binarizeSeed), quadrants)
                .drop(GREY);
    }

    private static Dataset<Row> images(
            SparkSession spark, String imageFile, String labelFile, @Nullable Long binarizeSeed) throws IOException {
        Configuration hadoop = spark.sparkContext().hadoopConfiguration();
        int rows = checkHeaders(hadoop, imageFile, labelFile);
        Broadcast<SerializableConfiguration> configuration =
                new JavaSparkContext(spark.sparkContext()).broadcast(new SerializableConfiguration(hadoop));
        IdxFiles files = new IdxFiles(configuration, imageFile, labelFile, binarizeSeed);
        return spark.range(rows)
                .mapPartitions(
                        (MapPartitionsFunction<Long, Row>) files::rows,
                        Encoders.row(
                                imageSchema().add(GREY, DataTypes.createArrayType(DataTypes.FloatType, false), false)));
    }

    /**
     * Adds the columns {@code given}, with pixels of the grey image, and {@code rest}, with pixels of {@code image}.
     */
    static Dataset<Row> withQuadrants(Dataset<Row> table, int quadrants) {
        if (quadrants < 1 || quadrants > 3) {
            throw new IllegalArgumentException("Expected 1, 2 or 3 quadrants to be given, found " + quadrants);
        }
        Column image = functions.col("image");
        Column side = functions.sqrt(functions.size(image)).cast(DataTypes.IntegerType);
        return table.withColumn("given", functions.filter(functions.col(GREY), (v, i) -> isGiven(i, side, quadrants)))
                .withColumn("rest", functions.filter(image, (v, i) -> functions.not(isGiven(i, side, quadrants))));
    }

    /**
     * Replaces most labels by null, for semi-supervised learning.
     *
     * @param labelled the number of rows of each label that keep it; they are chosen by a hash of the image, so their
     *     order has no influence
     * @throws IllegalArgumentException if {@code labelled} is negative
     */
    public static Dataset<Row> withFewLabels(Dataset<Row> table, int labelled) {
        if (labelled < 0) {
            throw new IllegalArgumentException("Labels to keep of each class: expected 0 or more, found " + labelled);
        }
        Column image = functions.col("image");
        Column place =
                functions.row_number().over(Window.partitionBy("label").orderBy(functions.xxhash64(image), image));
        // The place comes first, because it is counted for each label before labels are removed.
        return table.withColumn(PLACE, place)
                .withColumn("label", functions.when(functions.col(PLACE).leq(labelled), functions.col("label")))
                .drop(PLACE);
    }

    private static Column isGiven(Column place, Column side, int quadrants) {
        Column lower = functions.floor(place.divide(side)).geq(side.divide(2));
        Column left = place.mod(side).lt(side.divide(2));
        return switch (quadrants) {
            case 1 -> lower.and(left);
            case 2 -> left;
            default -> lower.or(left);
        };
    }

    private static StructType imageSchema() {
        return new StructType()
                .add("image", DataTypes.createArrayType(DataTypes.FloatType, false), false)
                .add("label", DataTypes.IntegerType, false);
    }

    private static Row strokesRow(long seed, int size, long row) {
        Strokes.Digit digit = new Strokes(seed, size).draw(row);
        return RowFactory.create(digit.image(), digit.label(), digit.slant(), digit.thickness());
    }

    private static int checkHeaders(Configuration hadoop, String images, String labels) throws IOException {
        try (IdxReader image = open(hadoop, images);
                IdxReader label = open(hadoop, labels)) {
            if (image.dimensions().length < 2) {
                throw new IOException(
                        "%s: expected images, of 2 or more dimensions (rows, height, width), found the dimensions %s; are images and labels exchanged?"
                                .formatted(images, Arrays.toString(image.dimensions())));
            }
            if (label.dimensions().length != 1) {
                throw new IOException(
                        "%s: expected labels, of 1 dimension (rows), found the dimensions %s; are images and labels exchanged?"
                                .formatted(labels, Arrays.toString(label.dimensions())));
            }
            if (image.rows() != label.rows()) {
                throw new IOException("Expected one label for each image, found %s images in %s and %s labels in %s"
                        .formatted(image.rows(), images, label.rows(), labels));
            }
            return image.rows();
        }
    }

    private static IdxReader open(Configuration hadoop, String file) throws IOException {
        Path path = new Path(file);
        return new IdxReader(path.getFileSystem(hadoop).open(path), file);
    }

    /** The settings with which a task reads its rows of the two files. */
    private record IdxFiles(
            Broadcast<SerializableConfiguration> configuration,
            String images,
            String labels,
            @Nullable Long binarizeSeed)
            implements Serializable {

        /** Returns the rows with the given ids, which are ascending. */
        private Iterator<Row> rows(Iterator<Long> ids) throws IOException {
            Configuration hadoop = configuration.value().value();
            IdxReader image = openInTask(hadoop, images);
            IdxReader label = openInTask(hadoop, labels);
            return new IdxRows(ids, image, label, binarizeSeed);
        }

        private static IdxReader openInTask(Configuration hadoop, String file) throws IOException {
            IdxReader reader = open(hadoop, file);
            TaskContext.get().addTaskCompletionListener((TaskCompletionListener) context -> close(reader));
            return reader;
        }

        private static void close(IdxReader reader) {
            try {
                reader.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Iterates over two IDX streams at the same time. */
    private static final class IdxRows implements Iterator<Row> {
        private final Iterator<Long> ids;
        private final IdxReader images;
        private final IdxReader labels;
        private final @Nullable Long binarizeSeed;
        private final byte[] image;
        private final byte[] label;
        private int position;

        IdxRows(Iterator<Long> ids, IdxReader images, IdxReader labels, @Nullable Long binarizeSeed) {
            this.ids = ids;
            this.images = images;
            this.labels = labels;
            this.binarizeSeed = binarizeSeed;
            this.image = new byte[images.rowLength()];
            this.label = new byte[labels.rowLength()];
        }

        @Override
        public boolean hasNext() {
            return ids.hasNext();
        }

        @Override
        public Row next() {
            int id = Math.toIntExact(ids.next());
            try {
                read(images, image, id);
                read(labels, label, id);
            } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
            }
            position = id + 1;
            float[] pixels =
                    binarizeSeed == null ? IdxReader.grey(image) : IdxReader.binarized(image, binarizeSeed, id);
            return RowFactory.create(pixels, Byte.toUnsignedInt(label[0]), IdxReader.grey(image));
        }

        private void read(IdxReader reader, byte[] into, int id) throws IOException {
            reader.skip(id - position);
            reader.next(into);
            if (id == reader.rows() - 1) {
                reader.next(into.clone()); // reading past the last row makes the reader check the end of the file
            }
        }
    }
}
