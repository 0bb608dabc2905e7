package io.cvaespark.spark.inference;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.element_at;
import static org.apache.spark.sql.functions.explode;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sequence;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.transform;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.spark.table.Cells;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.DecodedCells;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.table.VectorColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Ways to use z itself. Each makes a table of latents and conditions, and decodes it to E[x|z,c].
 *
 * <p>The public description stands at the methods of {@code CvaeModel}.
 */
public final class LatentSpace {
    /** The column of z where the model's params name none. */
    static final String LATENT = "latent";

    private static final String STEP = "step";
    private static final String SHARE = "share";
    private static final String VALUE = "value";

    private final TrainedModel model;
    private final String latentColumn;
    private final long seed;

    public LatentSpace(TrainedModel model, String latentColumn, long seed) {
        this.model = model;
        this.latentColumn = latentColumn.isEmpty() ? LATENT : latentColumn;
        this.seed = seed;
    }

    public String latentColumn() {
        return latentColumn;
    }

    public Dataset<Row> decode(Dataset<Row> rows) {
        return new Sampler(model, seed, true).decode(rows, latentColumn);
    }

    public Dataset<Row> interpolate(Dataset<Row> ends, int steps) {
        requireSteps(steps);
        List<Field> conditions = model.schema().conditions();
        Dataset<Row> encoded = added(spread(ends), RowOutput.LATENT);
        Column[] cells = Stream.concat(
                        Stream.of(vector(RowOutput.LATENT)),
                        conditions.stream().map(f -> Columns.cell(encoded, f, "condition")))
                .toArray(Column[]::new);
        List<Row> two = encoded.select(cells).limit(3).collectAsList();
        if (two.size() != 2) {
            throw new IllegalArgumentException(
                    "An interpolation goes from one row to another and needs exactly two, found %s"
                            .formatted(two.size() < 2 ? two.size() : "more"));
        }
        if (two.get(0).isNullAt(0) || two.get(1).isNullAt(0)) {
            throw new IllegalArgumentException(
                    "A row to interpolate from or to has no '%s', and so no latent; fill it in"
                            .formatted(conditions.get(0).column()));
        }
        StructType type = new StructType()
                .add(STEP, DataTypes.IntegerType, false)
                .add(SHARE, DataTypes.DoubleType, false)
                .add(latentColumn, DataTypes.createArrayType(DataTypes.DoubleType, false), false);
        List<Column> restored = new ArrayList<>(List.of(col(STEP), col(SHARE), Columns.named(latentColumn)));
        for (Field field : conditions) {
            RowTransform.requireNew(field.column(), type);
        }
        type = DecodedCells.typesAfter(type, conditions);
        restored.addAll(DecodedCells.restored(conditions, Columns::named));
        List<Row> path = new ArrayList<>();
        for (int step = 0; step < steps; step++) {
            path.add(between(two.get(0), two.get(1), step, (double) step / (steps - 1)));
        }
        Dataset<Row> table = ends.sparkSession().createDataFrame(path, type).coalesce(1);
        return decode(table.select(restored.toArray(Column[]::new)));
    }

    /** Step, share and the cells in between: z and the conditions, of which some kinds stay the first row's. */
    private Row between(Row a, Row b, int step, double share) {
        Object[] cells = new Object[2 + a.size()];
        cells[0] = step;
        cells[1] = share;
        cells[2] = between(ColumnType.CONTINUOUS, CellForm.VECTOR, a, b, 0, share);
        List<Field> conditions = model.schema().conditions();
        for (int j = 0; j < conditions.size(); j++) {
            Field field = conditions.get(j);
            cells[3 + j] = between(field.type(), field.form(), a, b, 1 + j, share);
        }
        return RowFactory.create(cells);
    }

    private static Object between(ColumnType type, CellForm form, Row a, Row b, int ordinal, double share) {
        Object from = Objects.requireNonNull(new Cells.External(a).cell(ordinal, form));
        Object to = Objects.requireNonNull(new Cells.External(b).cell(ordinal, form));
        return type.kind().between(from, to, share);
    }

    public Dataset<Row> sweep(Dataset<Row> conditions, int dimension, double from, double to, int steps) {
        requireSteps(steps);
        int width = model.network().latent();
        Dataset<Row> swept = added(withoutTargets(conditions), RowOutput.PRIOR_MEAN, RowOutput.PRIOR_STD);
        if (dimension < 0 || dimension >= width) {
            throw new IllegalArgumentException(
                    "The latent has dimensions 0 to %s, found %s".formatted(width - 1, dimension));
        }
        if (!Double.isFinite(from) || !Double.isFinite(to)) {
            throw new IllegalArgumentException(
                    "A sweep goes from one finite number to another, found %s to %s".formatted(from, to));
        }
        List.of(STEP, VALUE, latentColumn).forEach(name -> RowTransform.requireNew(name, conditions.schema()));
        Column value = lit(from).plus(col(STEP).multiply((to - from) / (steps - 1)));
        Column deviation = element_at(vector(RowOutput.PRIOR_STD), lit(dimension + 1));
        Column z = transform(vector(RowOutput.PRIOR_MEAN), (m, j) -> when(
                        j.equalTo(dimension), m.plus(deviation.multiply(col(VALUE))))
                .otherwise(m));
        return decode(swept.withColumn(STEP, explode(sequence(lit(0), lit(steps - 1))))
                .withColumn(VALUE, value)
                .withColumn(latentColumn, z)
                .drop(RowTransform.name(RowOutput.PRIOR_MEAN), RowTransform.name(RowOutput.PRIOR_STD)));
    }

    /** One change for each level of {@code column}. */
    public List<Map<String, String>> levels(String column) {
        return Sampler.levels(model.schema(), column).stream()
                .map(level -> Map.of(column, level))
                .toList();
    }

    /** Each row under each change of its conditions, row after row. */
    public Dataset<Row> counterfactual(Dataset<Row> rows, List<Map<String, String>> changes) {
        List<String> changed = List.copyOf(changes.get(0).keySet());
        if (changed.isEmpty()) {
            throw new IllegalArgumentException(
                    "A counterfactual needs at least one condition to change, such as label=3");
        }
        RowTransform.requireNew(latentColumn, rows.schema());
        Column[] literals = changes.stream()
                .map(change -> struct(changed.stream()
                        .map(c -> Columns.literal(
                                        Sampler.condition(model.schema(), c), Objects.requireNonNull(change.get(c)))
                                .as(c))
                        .toArray(Column[]::new)))
                .toArray(Column[]::new);
        Dataset<Row> encoded = withoutTargets(added(spread(rows), RowOutput.LATENT))
                .withColumn(latentColumn, vector(RowOutput.LATENT))
                .drop(RowTransform.name(RowOutput.LATENT))
                .withColumn("__cvae_change", explode(array(literals)));
        Column[] columns = Arrays.stream(encoded.columns())
                .filter(name -> !name.equals("__cvae_change"))
                .map(name -> changed.contains(name)
                        ? col("__cvae_change").getField(name).as(name)
                        : Columns.named(name))
                .toArray(Column[]::new);
        return decode(encoded.select(columns));
    }

    private Dataset<Row> withoutTargets(Dataset<Row> table) {
        return table.drop(model.schema().targets().stream().map(Field::column).toArray(String[]::new));
    }

    /** The rows with conditions that are fields of structs as columns. */
    private Dataset<Row> spread(Dataset<Row> rows) {
        return Structs.spread(rows, TrainedModel.names(model.schema().conditions()));
    }

    private Dataset<Row> added(Dataset<Row> table, RowOutput... outputs) {
        return RowTransform.of(model, List.of(outputs), new TransformTask.Settings(1, 0, seed))
                .apply(table);
    }

    /** A vector that the model added, as an array. */
    private static Column vector(RowOutput output) {
        return VectorColumns.toArray(col(RowTransform.name(output)));
    }

    private static void requireSteps(int steps) {
        if (steps < 2) {
            throw new IllegalArgumentException("A path has at least 2 steps, its two ends; found " + steps);
        }
    }
}
