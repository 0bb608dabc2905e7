package io.cvaespark.cli.shared;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.job.TableSource;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows for a trained model as its training rows were read.
 *
 * <p>A file of the training data's format is read with the reader's options of the run's {@code job.yaml}. Columns that are text
 * to the model are read as text, so that the ZIP code 00501 stays what it is, and columns for which {@code input.train.schema}
 * states a type have that type.
 */
public final class ModelData {
    private final SparkSession spark;
    private final @Nullable TableSource training;
    private final Map<String, DataType> types = new HashMap<>();

    /** @param modelDirectory the {@code model/} of a run directory, or a model without a run */
    public ModelData(SparkSession spark, String modelDirectory, TableSchema schema) {
        this.spark = spark;
        this.training = trainingSource(spark, modelDirectory);
        Stream.concat(schema.targets().stream(), schema.conditions().stream())
                .filter(field -> DataType.fromJson(field.dataType()).equals(DataTypes.StringType))
                .map(Field::column)
                .forEach(column -> types.put(column, DataTypes.StringType));
        if (training != null && training.schema() != null) {
            for (var field : StructType.fromDDL(training.schema()).fields()) {
                types.put(field.name(), field.dataType());
            }
        }
    }

    private static @Nullable TableSource trainingSource(SparkSession spark, String modelDirectory) {
        Configuration conf = spark.sparkContext().hadoopConfiguration();
        Path job = new Path(new Path(modelDirectory).getParent(), "job.yaml");
        try {
            if (!HadoopFiles.exists(conf, job)) {
                return null;
            }
            Job run = JobReader.read(HadoopFiles.readText(conf, job), job.toString(), List.of());
            InputConfig input = run.input();
            return input == null ? null : input.train();
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read: %s".formatted(job, e.getMessage()), e);
        }
    }

    /** The rows of a table that the options select; messages call it {@code role}. */
    public Dataset<Row> read(
            String path,
            @Nullable String givenFormat,
            Tables.ReaderOptions options,
            @Nullable String where,
            String role) {
        String format = Tables.format(givenFormat, path);
        Map<String, String> all = new LinkedHashMap<>();
        if (training != null && training.path() != null && format.equals(Tables.format(training))) {
            all.putAll(Tables.readerOptions(training));
        } else {
            all.putAll(Tables.defaultOptions(format, path));
        }
        all.putAll(options.options);
        TableSource guessed = new TableSource(path, format, all, null, where, null);
        return Tables.read(spark, guessed, role, types);
    }
}
