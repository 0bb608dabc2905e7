package io.cvaespark.spark.inference;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.RowInference;
import io.cvaespark.model.Variant;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.DecodedCells;
import io.cvaespark.store.StoredModel;
import java.io.Serializable;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained model as the driver holds it.
 *
 * @param stored schema, architecture, provenance
 * @param parameters θ [P]
 * @param conditions up to {@value #KEPT_CONDITIONS} training conditions, chosen by hash, in their columns' own types
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record TrainedModel(StoredModel stored, float[] parameters, List<Row> conditions) {
    /** Training conditions that a model keeps, to draw from. */
    public static final int KEPT_CONDITIONS = 10_000;

    public TableSchema schema() {
        return stored.schema();
    }

    /** The names of all columns that rows are read by: targets, conditions and the weight. */
    Set<String> columns() {
        Set<String> columns = new HashSet<>(names(schema().targets()));
        columns.addAll(names(schema().conditions()));
        if (stored.weightColumn() != null) {
            columns.add(stored.weightColumn());
        }
        return columns;
    }

    public CvaeNetwork network() {
        return new CvaeNetwork(stored.architecture());
    }

    /** The column whose class is predicted; see {@link #classField(Variant, TableSchema)}. */
    @Nullable
    public Field classField() {
        return classField(stored.architecture().variant(), schema());
    }

    /** The column whose class is predicted: the condition of a classifier q(c|x), or the one target, categorical; or null. */
    public static @Nullable Field classField(Variant variant, TableSchema schema) {
        if (variant.hasClassifier()) {
            return schema.conditions().get(0);
        }
        boolean one = schema.targets().size() == 1 && schema.targets().get(0).hasLevels();
        return one ? schema.targets().get(0) : null;
    }

    /** The condition columns in their own types. */
    static StructType conditionType(TableSchema schema) {
        return ownTypes(schema.conditions());
    }

    /** The names of columns. */
    static List<String> names(List<Field> fields) {
        return fields.stream().map(Field::column).toList();
    }

    /** Columns in their own types. */
    public static StructType ownTypes(List<Field> fields) {
        StructType type = new StructType();
        for (Field field : fields) {
            type = type.add(field.column(), DataType.fromJson(field.dataType()), false);
        }
        return type;
    }

    /** Conditions in their columns' own types, from their plain cells. */
    public static List<Row> restoreConditions(SparkSession spark, TableSchema schema, List<Row> cells) {
        if (schema.conditions().isEmpty()) {
            return List.of();
        }
        return spark.createDataFrame(cells, DecodedCells.typesAfter(new StructType(), schema.conditions()))
                .select(DecodedCells.restored(schema.conditions(), Columns::named)
                        .toArray(Column[]::new))
                .collectAsList();
    }

    /** What executors need. */
    record Shipped(StoredModel stored, PackedFloats parameters) implements Serializable {
        /** New buffers to compute with, for one thread. */
        RowInference inference(long seed) {
            return new RowInference(
                    new CvaeNetwork(stored.architecture()),
                    stored.schema(),
                    parameters.values(),
                    seed,
                    new Workspace(Blas.of(stored.blas()).independentOfPlace()));
        }
    }

    /** Sends the model to the executors. */
    Broadcast<Shipped> broadcast(SparkSession spark) {
        return JavaSparkContext.fromSparkContext(spark.sparkContext())
                .broadcast(new Shipped(stored, new PackedFloats(parameters)));
    }
}
