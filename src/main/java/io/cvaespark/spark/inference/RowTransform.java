package io.cvaespark.spark.inference;

import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.data.Field;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.TableSchema;
import io.cvaespark.model.Variant;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.DecodedCells;
import io.cvaespark.spark.table.Structs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** Adds what a model says of each row: latents, reconstructions, ELBO, log-likelihood, predictions. */
public final class RowTransform {
    /** A column that is added, and its name. */
    public record Added(RowOutput output, String name) {}

    private final TrainedModel model;
    private final List<Added> added;
    private final TransformTask.Settings settings;

    public RowTransform(TrainedModel model, List<Added> added, TransformTask.Settings settings) {
        this.model = model;
        this.added = added;
        this.settings = settings;
    }

    /** Adds the given outputs under names of our own; see {@link #name}. */
    static RowTransform of(TrainedModel model, List<RowOutput> outputs, TransformTask.Settings settings) {
        return new RowTransform(
                model, outputs.stream().map(o -> new Added(o, name(o))).toList(), settings);
    }

    /** The name of our own under which {@link #of} adds an output. */
    static String name(RowOutput output) {
        return "__cvae_" + output.name().toLowerCase(Locale.ROOT);
    }

    /**
     * The input's columns and those added; throws when one is there already.
     *
     * @param targets the target columns in their own types
     * @param structs those of them that are fields of structs
     * @param classType own type of the column whose class is predicted; null: there is none
     */
    public static StructType outputSchema(
            StructType targets,
            List<TableSchema.InStruct> structs,
            @Nullable DataType classType,
            List<Added> added,
            StructType input) {
        StructType schema = input;
        for (Added a : added) {
            requireNew(a.name(), schema);
            if (a.output() == RowOutput.PROBABILITY && classType == null) {
                throw RowOutput.noClass(List.of(targets.fieldNames()));
            }
            DataType type =
                    switch (a.output().kind) {
                        case NUMBER -> DataTypes.DoubleType;
                        case VECTOR -> SQLDataTypes.VectorType();
                        case ROW ->
                            a.output() == RowOutput.PREDICTION && classType != null
                                    ? Columns.predictionType(classType)
                                    : targets.length() == 1
                                            ? targets.fields()[0].dataType()
                                            : Structs.nest(targets, structs);
                    };
            schema = schema.add(a.name(), type, true);
        }
        return schema;
    }

    static void requireNew(String name, StructType schema) {
        if (Arrays.asList(schema.fieldNames()).contains(name)) {
            throw new IllegalArgumentException(
                    "Column '%s' is there already; give the added column another name, or an empty one to leave it out"
                            .formatted(name));
        }
    }

    public Dataset<Row> apply(Dataset<Row> given) {
        Dataset<Row> table = Structs.spread(given, model.columns());
        StructType raw = table.schema();
        for (Added a : added) {
            a.output().require(model);
            requireNew(a.name(), raw);
            raw = raw.add(a.name(), rawType(a.output()), true);
        }
        if (added.isEmpty()) {
            return given;
        }
        requireDrawable();
        List<Field> targets = added.stream().anyMatch(a -> a.output().needsTargets(variant()))
                ? model.schema().targets()
                : List.of();
        List<Field> conditions = conditions(table);
        List<Field> used = Stream.concat(targets.stream(), conditions.stream()).toList();

        List<Column> columns = new ArrayList<>(List.of(functions.col("*")));
        columns.add(Columns.hash(
                        table,
                        used.stream()
                                .flatMap(f -> Columns.hashed(table, f, "model").stream())
                                .toList())
                .as(Columns.HASH));
        used.forEach(f -> columns.add(Columns.cell(table, f, "model").as("__cvae_cell_" + f.column())));
        TransformTask task = new TransformTask(
                model.broadcast(table.sparkSession()),
                added.stream().map(Added::output).toList(),
                !targets.isEmpty(),
                !conditions.isEmpty(),
                table.columns().length,
                settings);
        Dataset<Row> result = table.select(columns.toArray(Column[]::new)).mapPartitions(task, Encoders.row(raw));
        return restore(result, given);
    }

    private Variant variant() {
        return model.stored().architecture().variant();
    }

    /** The conditions that are read; a label that a classifier can do without may be missing from the table. */
    private List<Field> conditions(Dataset<Row> table) {
        List<Field> conditions = model.schema().conditions();
        boolean needed = added.stream().anyMatch(a -> a.output().needsConditions(variant()));
        boolean there = !variant().hasClassifier()
                || List.of(table.columns()).contains(conditions.get(0).column());
        return needed && there ? conditions : List.of();
    }

    private void requireDrawable() {
        if (settings.predictionSamples() > 0 && !variant().isGenerative()) {
            throw new IllegalArgumentException(
                    "predictionSamples averages over draws of z, and variant %s has no distribution over z; found %s, use 0"
                            .formatted(variant(), settings.predictionSamples()));
        }
    }

    private boolean isClass(RowOutput output) {
        return output == RowOutput.PREDICTION && model.classField() != null;
    }

    /** The type of the cell that a task writes. */
    private DataType rawType(RowOutput output) {
        return switch (output.kind) {
            case NUMBER -> DataTypes.DoubleType;
            case VECTOR -> SQLDataTypes.VectorType();
            case ROW ->
                isClass(output)
                        ? DataTypes.StringType
                        : DecodedCells.typesAfter(
                                new StructType(), model.schema().targets());
        };
    }

    private Dataset<Row> restore(Dataset<Row> result, Dataset<Row> table) {
        TableSchema schema = model.schema();
        List<Column> columns = new ArrayList<>();
        for (String name : table.columns()) {
            columns.add(Columns.named(name));
        }
        Field classField = model.classField();
        for (Added a : added) {
            Column column = Columns.named(a.name());
            if (isClass(a.output()) && classField != null) {
                column = column.cast(Columns.predictionType(DataType.fromJson(classField.dataType())));
            } else if (a.output().kind == RowOutput.Kind.ROW) {
                Column row = column;
                List<Column> parts = DecodedCells.restored(schema.targets(), row::getField);
                Column whole = parts.size() == 1 ? parts.get(0) : struct(nested(parts));
                // Of an invalid row that is kept there are no cells to restore.
                column = settings.handleInvalid() == HandleInvalid.KEEP ? when(row.isNotNull(), whole) : whole;
            }
            columns.add(column.as(a.name()));
        }
        return result.select(columns.toArray(Column[]::new));
    }

    /** The targets with those that are fields of structs in these structs. */
    private Column[] nested(List<Column> targets) {
        TableSchema schema = model.schema();
        List<String> names = TrainedModel.names(schema.targets());
        return Structs.nest(
                TrainedModel.ownTypes(schema.targets()), name -> targets.get(names.indexOf(name)), schema.structs());
    }
}
