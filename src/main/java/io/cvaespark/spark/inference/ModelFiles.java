package io.cvaespark.spark.inference;

import io.cvaespark.data.Json;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.nn.Tensor;
import io.cvaespark.store.HadoopFiles;
import io.cvaespark.store.StoredModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A model on disk beside Spark ML's {@code metadata/}: {@code data/} (Parquet, a row per tensor), {@code conditions/}
 * (Parquet, kept training conditions) and {@code schema.json}.
 */
public final class ModelFiles {
    /** {@code data/}: a tensor's place, name, shape and values, row-major. */
    static final StructType TENSORS = new StructType()
            .add("index", DataTypes.IntegerType, false)
            .add("tensor", DataTypes.StringType, false)
            .add("shape", DataTypes.createArrayType(DataTypes.IntegerType, false), false)
            .add("values", DataTypes.createArrayType(DataTypes.FloatType, false), false);

    private ModelFiles() {}

    /** The model directory at {@code path}: itself, or the {@code model/} of a run directory. */
    public static String resolve(SparkSession spark, String path) {
        Configuration conf = spark.sparkContext().hadoopConfiguration();
        try {
            for (Path candidate : List.of(new Path(path), new Path(path, "model"))) {
                if (HadoopFiles.exists(conf, new Path(candidate, "schema.json"))) {
                    return candidate.toString();
                }
            }
            throw new IllegalArgumentException(
                    "There is no model at %s: expected a model directory (with schema.json) or a run directory that holds model/; %s"
                            .formatted(
                                    path,
                                    HadoopFiles.exists(conf, new Path(path))
                                            ? "the directory is there, but training may not have ended"
                                            : "there is no such directory"));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
        }
    }

    public static void write(SparkSession spark, String path, TrainedModel model) {
        List<Row> tensors = new ArrayList<>();
        for (Tensor tensor : model.network().tensors()) {
            float[] values = Arrays.copyOfRange(model.parameters(), tensor.offset(), tensor.offset() + tensor.size());
            tensors.add(RowFactory.create(
                    tensors.size(), tensor.name(), tensor.shape().toArray(), values));
        }
        spark.createDataFrame(tensors, TENSORS).coalesce(1).write().parquet(path + "/data");
        if (!model.schema().conditions().isEmpty()) {
            spark.createDataFrame(model.conditions(), TrainedModel.conditionType(model.schema()))
                    .coalesce(1)
                    .write()
                    .parquet(path + "/conditions");
        }
        try {
            HadoopFiles.writeText(
                    spark.sparkContext().hadoopConfiguration(),
                    new Path(path, "schema.json"),
                    Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(model.stored()));
        } catch (IOException e) {
            throw new UncheckedIOException("%s/schema.json cannot be written: %s".formatted(path, e.getMessage()), e);
        }
    }

    public static TrainedModel read(SparkSession spark, String path) {
        StoredModel stored;
        try {
            String json =
                    HadoopFiles.readText(spark.sparkContext().hadoopConfiguration(), new Path(path, "schema.json"));
            stored = StoredModel.fromJson(json);
        } catch (IOException e) {
            throw new UncheckedIOException("%s/schema.json cannot be read: %s".formatted(path, e.getMessage()), e);
        }
        CvaeNetwork network = new CvaeNetwork(stored.architecture());
        float[] parameters = new float[network.parameterCount()];
        List<Row> tensors = spark.read()
                .schema(TENSORS)
                .parquet(path + "/data")
                .orderBy("index")
                .collectAsList();
        if (tensors.size() != network.tensors().size()) {
            throw new IllegalArgumentException("The model at %s has %s tensors, its schema.json says %s: it is damaged"
                    .formatted(path, tensors.size(), network.tensors().size()));
        }
        for (int i = 0; i < tensors.size(); i++) {
            Tensor tensor = network.tensors().get(i);
            List<Float> values = tensors.get(i).getList(3);
            if (!tensors.get(i).getString(1).equals(tensor.name()) || values.size() != tensor.size()) {
                throw new IllegalArgumentException(
                        "The model at %s has tensor %s with %s values where its schema.json says %s with %s: it is damaged"
                                .formatted(
                                        path,
                                        tensors.get(i).getString(1),
                                        values.size(),
                                        tensor.name(),
                                        tensor.size()));
            }
            for (int j = 0; j < values.size(); j++) {
                parameters[tensor.offset() + j] = values.get(j);
            }
        }
        List<Row> conditions = List.of();
        if (!stored.schema().conditions().isEmpty()) {
            Dataset<Row> kept = spark.read()
                    .schema(TrainedModel.conditionType(stored.schema()))
                    .parquet(path + "/conditions");
            conditions = kept.collectAsList();
        }
        return new TrainedModel(stored, parameters, conditions);
    }
}
