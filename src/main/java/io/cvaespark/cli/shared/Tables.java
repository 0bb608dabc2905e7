package io.cvaespark.cli.shared;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.cvaespark.job.TableSource;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.store.HadoopFiles;
import io.cvaespark.store.Swap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Reads and writes tables in any format that Spark knows. */
public final class Tables {
    private static final Map<String, String> EXTENSIONS =
            Map.of("parquet", "parquet", "csv", "csv", "json", "json", "jsonl", "json", "orc", "orc", "tsv", "csv");

    /** The name of a count of rows in an {@link Observation}. */
    public static final String ROWS = "rows";

    private Tables() {}

    /** Options of commands that write a table. */
    public static final class OutputOptions {
        @Option(
                names = "--format",
                paramLabel = "FORMAT",
                description = "Format of DATA, PATH and OUT; default: chosen by the file's extension, else parquet.")
        @Nullable
        public String format;

        @Option(names = "--overwrite", description = "Replaces OUT if it exists.")
        public boolean overwrite;

        @Option(names = "--partitions", paramLabel = "N", description = "Number of files to write.")
        @Nullable
        public Integer partitions;

        @Option(
                names = "--partition-by",
                paramLabel = "COLUMN",
                description = "Writes one directory for each value of COLUMN.")
        @Nullable
        String partitionBy;
    }

    /** Options of commands that read a table. */
    public static class ReaderOptions {
        @Option(
                names = "--option",
                paramLabel = "KEY=VALUE",
                description =
                        "An option of Spark's reader, such as sep=; or multiLine=true. Files of the training data's format are read with the options of the run.")
        Map<String, String> options = new LinkedHashMap<>();
    }

    /** Options of commands that read the rows of DATA. */
    public static final class DataOptions extends ReaderOptions {
        @Option(
                names = "--filter",
                paramLabel = "SQL",
                description = "Uses only the rows of DATA for which this condition holds, such as \"id %% 5 = 0\".")
        @Nullable
        String filter;
    }

    /** Returns the given format; if there is none, chooses it by the path's extension, else Parquet. */
    static String format(@Nullable String given, String path) {
        if (given != null) {
            return given;
        }
        String name = new Path(path).getName().replaceAll("\\.(gz|bz2|zst|snappy)$", "");
        int dot = name.lastIndexOf('.');
        String extension = dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
        return EXTENSIONS.getOrDefault(extension, "parquet");
    }

    /** Returns the format of a source. */
    static String format(TableSource source) {
        return format(source.format(), Objects.requireNonNull(source.path()));
    }

    /** True for formats whose files do not say the types of their columns. */
    static boolean isText(String format) {
        return format.equals("csv") || format.equals("json");
    }

    /** Returns the options with which a source is read: its own, or the default ones. */
    static Map<String, String> readerOptions(TableSource source) {
        String path = Objects.requireNonNull(source.path());
        Map<String, String> options = new LinkedHashMap<>();
        if (source.options() == null) {
            options.putAll(defaultOptions(format(source), path));
        } else {
            if (isTabSeparated(path)) {
                options.put("sep", "\t");
            }
            options.putAll(source.options());
        }
        return options;
    }

    /** Returns the options for a file of which nothing is said: of CSV, a header line, types by the values, and RFC 4180's quotes. */
    static Map<String, String> defaultOptions(String format, String path) {
        if (!format.equals("csv")) {
            return Map.of();
        }
        Map<String, String> options =
                new LinkedHashMap<>(Map.of("header", "true", "inferSchema", "true", "escape", "\""));
        if (isTabSeparated(path)) {
            options.put("sep", "\t");
        }
        return options;
    }

    /** True for .tsv files, compressed or not. */
    private static boolean isTabSeparated(String path) {
        return path.toLowerCase(Locale.ROOT)
                .replaceAll("\\.(gz|bz2|zst|snappy)$", "")
                .endsWith(".tsv");
    }

    /** Reads a source, which error messages call {@code role}. */
    public static Dataset<Row> read(SparkSession spark, TableSource source, String role) {
        Dataset<Row> table;
        String path = source.path();
        if (path == null) {
            table = spark.table(Objects.requireNonNull(source.table()));
        } else {
            requireThere(spark, source, role);
            DataFrameReader reader = spark.read().format(format(source)).options(readerOptions(source));
            table = (source.schema() == null ? reader : reader.schema(source.schema())).load(path);
        }
        String where = source.where();
        return where == null ? table : table.where(where);
    }

    /** Reads a source of which text files have columns of the given types, where they have columns of these names. */
    static Dataset<Row> read(SparkSession spark, TableSource source, String role, Map<String, DataType> types) {
        Dataset<Row> table = read(spark, source, role);
        if (source.path() == null || !isText(format(source))) {
            return table;
        }
        StructType stated = new StructType();
        boolean changed = false;
        for (var field : table.schema().fields()) {
            DataType type = types.getOrDefault(field.name(), field.dataType());
            changed |= !type.equals(field.dataType());
            stated = stated.add(field.name(), type, true);
        }
        return changed
                ? read(
                        spark,
                        new TableSource(
                                source.path(), source.format(), source.options(), null, source.where(), stated.toDDL()),
                        role)
                : table;
    }

    /** Reads a table of which nothing is said but the options; text columns of {@code like} are read as text. */
    public static Dataset<Row> read(
            SparkSession spark,
            String path,
            @Nullable String givenFormat,
            ReaderOptions reader,
            String role,
            @Nullable Dataset<Row> like) {
        String format = format(givenFormat, path);
        Map<String, String> options = new LinkedHashMap<>(defaultOptions(format, path));
        options.putAll(reader.options);
        Map<String, DataType> types = new LinkedHashMap<>();
        if (like != null) {
            for (var field : like.schema().fields()) {
                if (field.dataType().equals(DataTypes.StringType)) {
                    types.put(field.name(), DataTypes.StringType);
                }
            }
        }
        return read(spark, new TableSource(path, format, options, null, null, null), role, types);
    }

    /** Reads the rows of DATA that the options select. */
    public static Dataset<Row> read(ModelData model, String path, @Nullable String format, DataOptions rows) {
        return model.read(path, format, rows, rows.filter, "DATA");
    }

    /** Reads what a command has written. */
    public static Dataset<Row> readOutput(SparkSession spark, String path, OutputOptions options) {
        return read(spark, new TableSource(path, options.format, null, null, null, null), "OUT");
    }

    /** Returns the first {@code n} rows in their order, which a limit inside a larger query need not keep. */
    public static Dataset<Row> first(Dataset<Row> table, int n) {
        return table.sparkSession()
                .createDataFrame(table.takeAsList(n), table.schema())
                .coalesce(1);
    }

    /**
     * True if there is something to read. A table of the catalogue and a glob always count as present; Spark checks
     * them itself.
     */
    public static boolean isThere(SparkSession spark, TableSource source, String role) {
        String path = source.path();
        if (path == null || path.matches(".*[*?\\[{].*")) {
            return true;
        }
        try {
            return HadoopFiles.exists(spark.sparkContext().hadoopConfiguration(), new Path(path));
        } catch (IOException e) {
            throw new UncheckedIOException("%s: %s cannot be read: %s".formatted(role, path, e.getMessage()), e);
        }
    }

    /** Throws if there is nothing to read; the message calls the source {@code role}. */
    public static void requireThere(SparkSession spark, TableSource source, String role) {
        if (!isThere(spark, source, role)) {
            throw new IllegalArgumentException("%s: there is nothing at %s".formatted(role, source.name()));
        }
    }

    /** Writes a table; returns the number of its rows. */
    public static long write(Dataset<Row> table, String path, OutputOptions options) {
        String format = format(options.format, path);
        // CSV has no structs.
        Dataset<Row> writable = format.equals("csv") ? Structs.flatten(table) : table;
        Observation written = new Observation("written");
        Dataset<Row> counted = writable.observe(written, count(lit(1)).as(ROWS));
        Dataset<Row> shaped = counted;
        if (options.partitions != null) {
            int now = table.rdd().getNumPartitions();
            shaped = options.partitions <= now
                    ? counted.coalesce(options.partitions)
                    : counted.repartition(options.partitions);
        }
        DataFrameWriter<Row> writer = shaped.write().format(format).options(writerOptions(format, path));
        if (options.partitionBy != null) {
            writer = writer.partitionBy(options.partitionBy);
        }
        DataFrameWriter<Row> ready = writer;
        try {
            Swap.write(
                    table.sparkSession().sparkContext().hadoopConfiguration(),
                    new Path(path),
                    directory -> ready.save(directory.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written: %s".formatted(path, e.getMessage()), e);
        }
        return rows(written);
    }

    /** The number of rows that an observation counted as {@value #ROWS}, when the table has been written. */
    public static long rows(Observation counted) {
        try {
            return ((Number) Objects.requireNonNull(counted.getAsJava().get(ROWS))).longValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted after a table was written", e);
        }
    }

    /** CSV in which values are what they were: with their blanks, and quotes as RFC 4180 has them. */
    private static Map<String, String> writerOptions(String format, String path) {
        if (!format.equals("csv")) {
            return Map.of();
        }
        return Map.of(
                "header", "true",
                "ignoreLeadingWhiteSpace", "false",
                "ignoreTrailingWhiteSpace", "false",
                "escape", "\"",
                "sep", isTabSeparated(path) ? "\t" : ",");
    }
}
