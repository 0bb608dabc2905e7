package io.cvaespark.spark.inference;

import io.cvaespark.data.AllowedCodes;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.computed.Identifier;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.model.RowInference;
import io.cvaespark.spark.table.Cells;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.DecodedCells;
import io.cvaespark.spark.table.Formulas;
import io.cvaespark.spark.table.Iterators;
import io.cvaespark.spark.table.Structs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Generates rows in bulk: z ~ p(z|c), x ~ p(x|z,c).
 *
 * <p>The noise of a row is keyed by its index, so the same seed gives the same rows however the work is spread.
 */
public final class Sampler {
    private static final String INDEX = "__cvae_index";

    private final TrainedModel model;
    private final long seed;
    private final boolean mean;
    private final GivenTargets given;

    public Sampler(TrainedModel model, long seed, boolean mean) {
        this(model, seed, mean, GivenTargets.NONE);
    }

    private Sampler(TrainedModel model, long seed, boolean mean, GivenTargets given) {
        this.model = model;
        this.seed = seed;
        this.mean = mean;
        this.given = given;
    }

    /**
     * The same with targets that are given: rows follow p(other targets | given ones, conditions).
     *
     * @param targets a value by target column, as text, or for one column of numbers a range such as {@code 30..40}
     * @param complete whether no cell is generated empty
     * @throws IllegalArgumentException for a column or a value that is not there, and for columns that this model cannot take as given
     */
    public Sampler given(Map<String, String> targets, boolean complete) {
        return new Sampler(model, seed, mean, GivenTargets.of(model, targets, complete));
    }

    /** One row per row of {@code conditions}, in its order, keeping its columns; target columns are replaced. */
    public Dataset<Row> sample(Dataset<Row> conditions) {
        return generate(indexed(conditions), null);
    }

    /**
     * x for each row of {@code rows} at its own latent, in its order, keeping its columns; target columns are replaced.
     *
     * @param latentColumn column of z: an array of numbers or a Spark ML vector
     */
    public Dataset<Row> decode(Dataset<Row> rows, String latentColumn) {
        if (model.network().latent() == 0) {
            throw new IllegalArgumentException("Variant %s has no latent to decode; use sample without latents"
                    .formatted(model.network().variant()));
        }
        DataType type = Columns.typeOf(rows, latentColumn, "latent");
        if (!Columns.isVector(type)) {
            throw new IllegalArgumentException(
                    "Column '%s' should hold latents, as array<float>, array<double> or Spark ML vectors of %s values; found %s"
                            .formatted(latentColumn, model.network().latent(), type.simpleString()));
        }
        return generate(indexed(rows), latentColumn);
    }

    /** The rows without target columns, and their index. */
    private Dataset<Row> indexed(Dataset<Row> conditions) {
        TableSchema schema = model.schema();
        Dataset<Row> kept = Structs.spread(conditions, TrainedModel.names(schema.conditions()))
                .drop(schema.targets().stream().map(Field::column).toArray(String[]::new))
                .drop(schema.unmodelled().toArray(String[]::new));
        StructType indexed = kept.schema().add(INDEX, DataTypes.LongType, false);
        JavaRDD<Row> rows = kept.toJavaRDD().zipWithIndex().map(pair -> {
            Object[] values = new Object[pair._1().size() + 1];
            for (int j = 0; j < values.length - 1; j++) {
                values[j] = pair._1().get(j);
            }
            values[values.length - 1] = pair._2();
            return RowFactory.create(values);
        });
        return conditions.sparkSession().createDataFrame(rows, indexed);
    }

    /**
     * {@code rows} rows whose conditions are fixed by {@code where} and otherwise drawn jointly from the training
     * conditions that the model keeps, among those that match the fixed categorical ones, and every other that has exactly that
     * value.
     *
     * @param where values by condition column, as text
     * @throws IllegalArgumentException for a column that is not a condition, a value that training never saw, or when no
     *     kept condition matches
     */
    public Dataset<Row> sample(SparkSession spark, long rows, Map<String, String> where, int partitions) {
        return generate(drawn(spark, rows, 0, where, partitions), null);
    }

    /** The conditions of {@code rows} sampled rows, without targets; see {@link #sample(SparkSession, long, Map, int)}. */
    public Dataset<Row> conditions(SparkSession spark, long rows, Map<String, String> where) {
        return Structs.nest(
                drawn(spark, rows, 0, where, 1).drop(INDEX), model.schema().structs());
    }

    /** {@code rowsEach} rows for every level of the categorical condition {@code column}, level after level. */
    public Dataset<Row> sampleEach(SparkSession spark, long rowsEach, String column, Map<String, String> where) {
        List<String> levels = levels(model.schema(), column);
        if (where.containsKey(column)) {
            throw new IllegalArgumentException(
                    "Condition '%s' cannot be fixed to '%s' where rows are generated for each of its levels"
                            .formatted(column, where.get(column)));
        }
        Dataset<Row> all = null;
        long first = 0;
        for (String level : levels) {
            Map<String, String> fixed = new java.util.LinkedHashMap<>(where);
            fixed.put(column, level);
            Dataset<Row> some = drawn(spark, rowsEach, first, fixed, 1);
            all = all == null ? some : all.union(some);
            first += rowsEach;
        }
        return generate(java.util.Objects.requireNonNull(all).coalesce(1), null);
    }

    /** The levels of the categorical condition {@code column}. */
    static List<String> levels(TableSchema schema, String column) {
        return condition(schema, column).levels();
    }

    /** The condition {@code column}; throws naming the nearest one when there is none. */
    static Field condition(TableSchema schema, String column) {
        List<String> names = schema.conditions().stream().map(Field::column).toList();
        int index = names.indexOf(column);
        if (index < 0) {
            throw new IllegalArgumentException("There is no condition column '%s'%s The conditions are: %s"
                    .formatted(
                            column,
                            io.cvaespark.data.Nearest.suggestion(column, names).isEmpty()
                                    ? "."
                                    : io.cvaespark.data.Nearest.suggestion(column, names),
                            names.isEmpty() ? "(none)" : String.join(", ", names)));
        }
        return schema.conditions().get(index);
    }

    /** Condition rows with their index. */
    private Dataset<Row> drawn(
            SparkSession spark, long rows, long firstIndex, Map<String, String> where, int partitions) {
        TableSchema schema = model.schema();
        StructType type = TrainedModel.conditionType(schema);
        where.forEach((column, value) -> Columns.literal(condition(schema, column), value));
        List<Row> candidates = matching(spark, type, where);
        Broadcast<List<Row>> shared =
                JavaSparkContext.fromSparkContext(spark.sparkContext()).broadcast(candidates);
        long key = Noise.key(seed, Noise.Purpose.CONDITIONS, 0, 0, 0);
        MapPartitionsFunction<Long, Row> draw = ids -> Iterators.map(ids, id -> {
            List<Row> some = shared.value();
            Object[] values = new Object[type.size() + 1];
            if (!some.isEmpty()) {
                Row chosen = some.get(Noise.below(Noise.mix(key ^ id), 0, some.size()));
                for (int j = 0; j < type.size(); j++) {
                    values[j] = chosen.get(j);
                }
            }
            values[type.size()] = id;
            return RowFactory.create(values);
        });
        return spark.range(firstIndex, firstIndex + rows, 1, partitions)
                .as(Encoders.LONG())
                .mapPartitions(draw, Encoders.row(type.add(INDEX, DataTypes.LongType, false)));
    }

    /** The kept conditions that match the fixed values, which are put in. */
    private List<Row> matching(SparkSession spark, StructType type, Map<String, String> where) {
        if (type.size() == 0) {
            return List.of();
        }
        boolean allFixed = Arrays.stream(type.fieldNames()).allMatch(where::containsKey);
        Dataset<Row> table =
                spark.createDataFrame(allFixed ? model.conditions().subList(0, 1) : model.conditions(), type);
        if (!allFixed) {
            table = withValues(withLevels(table, where), where);
        }
        Column[] columns = new Column[type.size()];
        for (int j = 0; j < columns.length; j++) {
            Field field = model.schema().conditions().get(j);
            String value = where.get(field.column());
            columns[j] = value == null
                    ? Columns.named(field.column())
                    : Columns.literal(field, value).as(field.column());
        }
        List<Row> rows = table.select(columns).collectAsList();
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(
                    "None of the %s training conditions that the model keeps has %s together, so the rest cannot be drawn. Fix all conditions (%s), or give a table of conditions"
                            .formatted(model.conditions().size(), where, String.join(", ", type.fieldNames())));
        }
        return new ArrayList<>(rows);
    }

    /** The rows that have all the fixed levels. */
    private Dataset<Row> withLevels(Dataset<Row> table, Map<String, String> where) {
        Dataset<Row> some = table;
        for (Field field : model.schema().conditions()) {
            String value = where.get(field.column());
            if (value != null && field.hasLevels()) {
                some = some.where(Columns.named(field.column()).equalTo(Columns.literal(field, value)));
            }
        }
        return some;
    }

    /** The rows that have the fixed numbers too, such as true for a yes/no column; a number that none has does not count. */
    private Dataset<Row> withValues(Dataset<Row> table, Map<String, String> where) {
        Dataset<Row> some = table;
        for (Field field : model.schema().conditions()) {
            String value = where.get(field.column());
            if (value != null && !field.hasLevels()) {
                Dataset<Row> same = some.where(Columns.named(field.column()).equalTo(Columns.literal(field, value)));
                some = same.isEmpty() ? some : same;
            }
        }
        return some;
    }

    /** Adds the target columns to rows that have an index column, which is dropped; z is drawn or, with a column of it, given. */
    private Dataset<Row> generate(Dataset<Row> indexed, @Nullable String latentColumn) {
        TableSchema schema = model.schema();
        int kept = indexed.columns().length - 1;
        List<Column> columns = new ArrayList<>(List.of(functions.col("*")));
        for (Field field : schema.conditions()) {
            columns.add(Columns.cell(indexed, field, "condition").as("__cvae_cell_" + field.column()));
        }
        if (latentColumn != null) {
            DataType type = Columns.typeOf(indexed, latentColumn, "latent");
            columns.add(Columns.cell(latentColumn, type, false).as("__cvae_latent"));
        }
        StructType raw = DecodedCells.typesAfter(
                new StructType(Arrays.copyOf(indexed.schema().fields(), kept)), schema.targets());
        for (Identifier identifier : schema.identifiers()) {
            raw = raw.add(
                    identifier.column(), identifier.first() != null ? DataTypes.LongType : DataTypes.StringType, false);
        }
        Broadcast<TrainedModel.Shipped> shipped = model.broadcast(indexed.sparkSession());
        Dataset<Row> result = indexed.select(columns.toArray(Column[]::new))
                .mapPartitions(new Task(shipped, kept, latentColumn, seed, mean, given.allowed()), Encoders.row(raw));
        List<Column> restored = new ArrayList<>();
        for (int j = 0; j < kept; j++) {
            restored.add(Columns.named(indexed.columns()[j]));
        }
        List<Column> targets = DecodedCells.restored(schema.targets(), Columns::named);
        for (int j = 0; j < targets.size(); j++) {
            Field field = schema.targets().get(j);
            String value = given.values().get(j);
            restored.add(
                    value == null
                            ? targets.get(j)
                            : Columns.literal(field, value).as(field.column()));
        }
        for (Identifier identifier : schema.identifiers()) {
            DataType own = DataType.fromJson(identifier.dataType());
            restored.add(Columns.named(identifier.column()).cast(own).as(identifier.column()));
        }
        Dataset<Row> modelled = result.select(restored.toArray(Column[]::new));
        List<Column> all = new ArrayList<>(List.of(functions.col("*")));
        schema.computed().forEach(computed -> all.add(Formulas.of(computed)));
        return Structs.nest(modelled.select(all.toArray(Column[]::new)), schema.structs());
    }

    private record Task(
            Broadcast<TrainedModel.Shipped> model,
            int kept,
            @Nullable String latentColumn,
            long seed,
            boolean mean,
            Map<Integer, AllowedCodes> allowed)
            implements MapPartitionsFunction<Row, Row> {

        @Override
        public Iterator<Row> call(Iterator<Row> rows) {
            TrainedModel.Shipped shipped = model.value();
            TableSchema schema = shipped.stored().schema();
            RowInference inference = shipped.inference(seed).restrictedTo(allowed);
            Cells conditions = Cells.ofConditions(schema.conditions(), kept + 1, false);
            DecodedCells targets = new DecodedCells(schema.targets());
            float[] values = new float[schema.rowWidth()];
            return new BlockIterator(rows, inference) {
                @Override
                boolean add(Row row) {
                    conditions.encode(new Cells.External(row), values, schema.targetWidth());
                    inference.add(values, 0, 1f, row.getLong(kept));
                    return true;
                }

                @Override
                List<Row> results(List<Row> block) {
                    Matrix x = latentColumn == null
                            ? inference.sample(mean)
                            : inference.decode(
                                    latents(block, schema, inference.network().latent()), mean);
                    List<Row> out = new ArrayList<>(block.size());
                    for (int r = 0; r < block.size(); r++) {
                        int columns = kept + schema.targets().size();
                        Object[] cells =
                                new Object[columns + schema.identifiers().size()];
                        for (int j = 0; j < kept; j++) {
                            cells[j] = block.get(r).get(j);
                        }
                        targets.decode(x.data(), x.row(r), cells, kept);
                        for (int j = columns; j < cells.length; j++) {
                            cells[j] = schema.identifiers()
                                    .get(j - columns)
                                    .value(block.get(r).getLong(kept));
                        }
                        out.add(RowFactory.create(cells));
                    }
                    return out;
                }
            };
        }

        /** The given z of each row. */
        private List<float[]> latents(List<Row> block, TableSchema schema, int width) {
            int ordinal = kept + 1 + schema.conditions().size();
            List<float[]> latents = new ArrayList<>(block.size());
            for (Row row : block) {
                List<@Nullable Double> cell = row.isNullAt(ordinal) ? List.of() : row.getList(ordinal);
                float[] z = new float[width];
                boolean usable = cell.size() == width;
                for (int j = 0; j < width && usable; j++) {
                    Double value = cell.get(j);
                    usable = value != null && Double.isFinite(value);
                    z[j] = usable && value != null ? value.floatValue() : 0f;
                }
                if (!usable) {
                    throw new IllegalArgumentException(
                            "Column '%s' should hold %s finite numbers in each row, as the model's latent; found %s"
                                    .formatted(latentColumn, width, row.isNullAt(ordinal) ? "null" : cell));
                }
                latents.add(z);
            }
            return latents;
        }
    }
}
