package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.lit;

import io.cvaespark.data.ColumnRequest;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.linalg.Noise;
import io.cvaespark.spark.internal.InternalRows;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Learns the table's schema in one pass over the data: codecs from exact sums and sorted levels, everything that is wrong
 * with a column, the number of rows, a fingerprint.
 *
 * <p>The normalised table has the columns hash, validation (boolean), weight (double), then one cell per column, targets
 * first ({@link Columns#cell}). None of the results depends on how the rows are partitioned.
 */
public final class TableFitter {
    private static final Logger LOG = LoggerFactory.getLogger(TableFitter.class);

    public static final int HASH = 0;
    public static final int VALIDATION = 1;
    public static final int WEIGHT = 2;
    public static final int FIRST_CELL = 3;

    /**
     * The result.
     *
     * @param normalized the table as cells, to be encoded with the schema
     * @param trainingRows number of rows to train on
     * @param labelledRows those of them whose conditions are all known
     * @param unknownConditions whether there may be others
     * @param validationRows number of rows held out
     * @param fingerprint of all rows, whatever their order
     */
    public record Fitted(
            Dataset<Row> normalized,
            TableSchema schema,
            long trainingRows,
            long labelledRows,
            boolean unknownConditions,
            long validationRows,
            String fingerprint) {}

    /** Which rows are held out: a fraction by hash, those another column marks, or a table of their own. */
    public record Holdout(
            double fraction,
            @Nullable String indicatorColumn,
            @Nullable Dataset<Row> table) {
        public static final Holdout NONE = new Holdout(0, null, null);
    }

    private final List<ColumnRequest> uses = new ArrayList<>();
    private final int targets;
    private final Dataset<Row> normalized;
    private final double fraction;
    private final boolean unknownConditions;

    /**
     * Resolves the columns; throws for one that is not there or has no usable type.
     *
     * @param unknownConditions whether a condition may be null, as the class is in semi-supervised learning
     */
    public TableFitter(
            Dataset<Row> table,
            List<ColumnSpec> targets,
            List<ColumnSpec> conditions,
            @Nullable String weightColumn,
            Holdout holdout,
            boolean unknownConditions) {
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("At least one target column is needed: name it under targets");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (ColumnSpec spec : targets) {
            uses.add(use(table, spec, true, seen));
        }
        for (ColumnSpec spec : conditions) {
            uses.add(use(table, spec, false, seen));
        }
        this.targets = targets.size();
        this.unknownConditions = unknownConditions;
        this.fraction = holdout.fraction();
        Column indicator = lit(false);
        if (holdout.indicatorColumn() != null) {
            Columns.typeOf(table, holdout.indicatorColumn(), "validation indicator");
            indicator = Columns.named(holdout.indicatorColumn()).cast(DataTypes.BooleanType);
        }
        Dataset<Row> rows = normalize(table, weightColumn, indicator);
        if (holdout.table() != null) {
            for (ColumnRequest use : uses) {
                DataType type = Columns.typeOf(holdout.table(), use.spec().column(), "validation");
                DataType expected = DataType.fromJson(use.dataType());
                if (!DataType.equalsIgnoreNullability(type, expected)) {
                    throw new IllegalArgumentException(
                            "Column '%s' has type %s in the validation data, but %s in training"
                                    .formatted(use.spec().column(), type.simpleString(), expected.simpleString()));
                }
            }
            rows = rows.union(normalize(holdout.table(), weightColumn, lit(true)));
        }
        this.normalized = rows;
    }

    private static ColumnRequest use(Dataset<Row> table, ColumnSpec spec, boolean target, Set<String> seen) {
        String name = spec.column();
        if (!seen.add(name)) {
            throw new IllegalArgumentException(
                    "Column '%s' is named twice among targets and conditions".formatted(name));
        }
        DataType dataType = Columns.typeOf(table, name, target ? "target" : "condition");
        ColumnType type = spec.statedType() != null ? spec.statedType() : Columns.infer(name, dataType);
        if (!type.kind().hasLevels()) {
            Columns.requireNumeric(name, dataType);
        } else if (Columns.isVector(dataType)) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s and cannot be categorical; expected a column of single values"
                            .formatted(name, dataType.simpleString()));
        }
        return new ColumnRequest(spec, type, dataType.json(), dataType instanceof NumericType, target);
    }

    private Dataset<Row> normalize(Dataset<Row> table, @Nullable String weightColumn, Column validation) {
        List<Column> columns = new ArrayList<>();
        columns.add(Columns.hash(
                        table,
                        uses.stream().map(u -> Columns.named(u.spec().column())).toList())
                .as(Columns.HASH));
        columns.add(validation);
        if (weightColumn != null) {
            Columns.requireNumeric(weightColumn, Columns.typeOf(table, weightColumn, "weight"));
            columns.add(Columns.named(weightColumn).cast(DataTypes.DoubleType));
        } else {
            columns.add(lit(1.0));
        }
        for (ColumnRequest use : uses) {
            DataType own = DataType.fromJson(use.dataType());
            columns.add(Columns.cell(use.spec().column(), own, use.type().kind().hasLevels()));
        }
        return table.select(columns.toArray(Column[]::new));
    }

    /** Whether the row of this hash is held out by {@code fraction}. */
    public static boolean heldOut(long hash, double fraction) {
        long mixed = Noise.key(0, Noise.Purpose.VALIDATION_SPLIT, 0, hash, 0);
        return (mixed >>> 11) * 0x1p-53 < fraction;
    }

    /** Makes the pass. */
    public Fitted fit() {
        TablePass pass = new TablePass(
                uses.stream().map(ColumnRequest::summary).toList(),
                uses.stream().map(ColumnRequest::form).toList());
        double held = fraction;
        int targetColumns = targets;
        TablePass total = InternalRows.of(normalized)
                .mapPartitions(rows ->
                        List.of(pass.fresh().scan(rows, held, targetColumns)).iterator())
                .treeReduce(TablePass::merge);
        if (total.trainingRows + total.validationRows == 0) {
            throw new IllegalArgumentException("The training data is empty: it has no rows");
        }
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            ColumnRequest use = uses.get(i);
            total.columns.get(i).check(use.spec().column(), use.target() || unknownConditions);
        }
        if (total.badWeights > 0) {
            throw new IllegalArgumentException(
                    "The weight column has %s rows that are null, negative or not finite; weights must be 0 or more"
                            .formatted(total.badWeights));
        }
        if (total.trainingRows == 0) {
            throw new IllegalArgumentException("All %s rows are held out for validation; none is left to train on"
                    .formatted(total.validationRows));
        }
        logMissing(total);
        for (int i = 0; i < uses.size(); i++) {
            fields.add(uses.get(i).fit(total.columns.get(i)));
        }
        TableSchema schema = new TableSchema(fields.subList(0, targets), fields.subList(targets, fields.size()));
        return new Fitted(
                normalized,
                schema,
                total.trainingRows,
                total.labelledRows,
                unknownConditions,
                total.validationRows,
                "%d rows, %016x".formatted(total.trainingRows + total.validationRows, total.fingerprint));
    }

    private void logMissing(TablePass total) {
        long rows = total.trainingRows + total.validationRows;
        for (int i = 0; i < uses.size(); i++) {
            long missing = total.columns.get(i).incompleteRows();
            if (missing > 0) {
                LOG.info(
                        "Column '{}' is empty, or has empty places, in {} of {} rows ({} %): they count for nothing",
                        uses.get(i).spec().column(), missing, rows, "%.1f".formatted(100.0 * missing / rows));
            }
        }
    }
}
