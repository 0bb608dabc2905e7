package io.cvaespark.cli.shared;

import io.cvaespark.job.TableSource;
import io.cvaespark.store.HadoopFiles;
import io.cvaespark.store.Swap;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.DataFrameReader;
import org.apache.spark.sql.DataFrameWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Reads and writes tables in any format that Spark knows. */
public final class Tables {
    private static final Map<String, String> EXTENSIONS =
            Map.of("parquet", "parquet", "csv", "csv", "json", "json", "jsonl", "json", "orc", "orc", "tsv", "csv");

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

    /** Options of commands that read the rows of DATA. */
    public static final class DataOptions {
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

    /** Reads a source, which error messages call {@code role}. */
    public static Dataset<Row> read(SparkSession spark, TableSource source, String role) {
        Dataset<Row> table;
        String path = source.path();
        if (path == null) {
            table = spark.table(java.util.Objects.requireNonNull(source.table()));
        } else {
            requireThere(spark, source, role);
            String format = format(source.format(), path);
            DataFrameReader reader = spark.read().format(format);
            Map<String, String> options = source.options();
            if (options != null) {
                reader = reader.options(options);
            } else if (format.equals("csv")) {
                reader = reader.option("header", true).option("inferSchema", true);
            }
            if (path.endsWith(".tsv") && (options == null || !options.containsKey("sep"))) {
                reader = reader.option("sep", "\t");
            }
            table = reader.load(path);
        }
        String where = source.where();
        return where == null ? table : table.where(where);
    }

    /** Reads the rows of DATA that the options select. */
    public static Dataset<Row> read(SparkSession spark, String path, @Nullable String format, DataOptions rows) {
        return read(spark, new TableSource(path, format, null, null, rows.filter), "DATA");
    }

    public static Dataset<Row> read(SparkSession spark, String path, @Nullable String format, String role) {
        return read(spark, new TableSource(path, format, null, null, null), role);
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

    /** Writes a table. */
    public static void write(Dataset<Row> table, String path, OutputOptions options) {
        Dataset<Row> shaped = table;
        if (options.partitions != null) {
            int now = table.rdd().getNumPartitions();
            shaped = options.partitions <= now
                    ? table.coalesce(options.partitions)
                    : table.repartition(options.partitions);
        }
        String format = format(options.format, path);
        DataFrameWriter<Row> writer = shaped.write().format(format);
        if (format.equals("csv")) {
            writer = writer.option("header", true);
        }
        if (options.partitionBy != null) {
            writer = writer.partitionBy(options.partitionBy);
        }
        Sessions.warnAboutLocalOutput(table.sparkSession(), path);
        DataFrameWriter<Row> ready = writer;
        try {
            Swap.write(
                    table.sparkSession().sparkContext().hadoopConfiguration(),
                    new Path(path),
                    directory -> ready.save(directory.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be written: %s".formatted(path, e.getMessage()), e);
        }
    }
}
