package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.lit;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.ColumnRequest;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.ColumnSummary;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Formula;
import io.cvaespark.data.computed.Identifier;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
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
     * @param rows the table's rows as cells, to be encoded with the schema
     * @param unknownConditions whether there may be training rows without a condition
     * @param missing for each column, targets first, the rows in which it is null or has nulls
     * @param fingerprint of all rows, whatever their order
     */
    public record Fitted(
            TableRows rows,
            RowCounts counts,
            TableSchema schema,
            boolean unknownConditions,
            List<Long> missing,
            String fingerprint) {
        /** Number of rows to train on. */
        public long trainingRows() {
            return counts.training();
        }

        /** Those of them whose conditions are all known. */
        public long labelledRows() {
            return counts.of(TableRows.Kind.KNOWN);
        }

        /** Number of rows held out. */
        public long validationRows() {
            return counts.of(TableRows.Kind.HELD_OUT);
        }
    }

    /** Which rows are held out: a fraction by hash, those another column marks, or a table of their own. */
    public record Holdout(
            double fraction,
            @Nullable String indicatorColumn,
            @Nullable Dataset<Row> table) {
        public static final Holdout NONE = new Holdout(0, null, null);

        /** The same, or where nothing is held out, a fraction. */
        public Holdout orFraction(double share) {
            return equals(NONE) ? new Holdout(share, null, null) : this;
        }

        /** The same with a table in which no structs are. */
        public Holdout flat() {
            return table == null ? this : new Holdout(fraction, indicatorColumn, Structs.flatten(table));
        }

        /** Says why none of {@code rows} rows is held out. */
        public String finding(long rows) {
            if (table != null) {
                return "the validation data has no rows";
            }
            if (indicatorColumn != null) {
                return "column '%s' marks none of %s rows".formatted(indicatorColumn, rows);
            }
            return fraction > 0
                    ? "a share of %s holds out none of %s rows".formatted(fraction, rows)
                    : "none are held out";
        }
    }

    private final @Nullable String weightColumn;
    private final List<ColumnRequest> uses = new ArrayList<>();
    private final List<Identifier> identifiers = new ArrayList<>();
    private final List<ComputedColumn> computed = new ArrayList<>();
    private final List<TableSchema.InStruct> structs;
    private final int targets;
    private final Dataset<Row> normalized;
    private final double fraction;
    private final boolean unknownConditions;
    private final boolean skipInvalid;

    /**
     * Resolves the columns; throws for one that is not there or has no usable type.
     *
     * @param table {@linkplain Structs#flatten flat}
     * @param unknownConditions whether a condition may be null, as the class is in semi-supervised learning
     * @param coded whether the decoder takes the targets' levels as codes
     * @param handleInvalid whether rows that cannot be trained on are an error or left out
     */
    public TableFitter(
            Dataset<Row> table,
            List<ColumnSpec> targets,
            List<ColumnSpec> conditions,
            @Nullable String weightColumn,
            Holdout holdout,
            boolean unknownConditions,
            boolean coded,
            HandleInvalid handleInvalid) {
        if (handleInvalid == HandleInvalid.KEEP) {
            throw new IllegalArgumentException(
                    "handleInvalid: keep is for rows that a model is given; a training cannot keep a row that it cannot learn from. Use skip to leave such rows out, or error");
        }
        this.skipInvalid = handleInvalid == HandleInvalid.SKIP;
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("At least one target column is needed: name it under targets");
        }
        Set<String> seen = new LinkedHashSet<>();
        for (ColumnSpec spec : targets) {
            if (spec.formula() != null) {
                requireNew(spec, seen);
                computed.add(Formulas.checked(table, spec.column(), Formula.parse(spec.formula())));
            } else if (!spec.isModelled()) {
                identifiers.add(identifier(table, spec, seen));
            } else {
                uses.add(use(table, spec, true, coded, seen));
            }
        }
        if (uses.isEmpty()) {
            throw new IllegalArgumentException(
                    "All targets are identifiers or follow from others; name a column to be modelled");
        }
        for (ColumnSpec spec : conditions) {
            uses.add(use(table, spec, false, false, seen));
        }
        this.structs = Structs.of(table.schema(), seen);
        this.weightColumn = weightColumn;
        requireSources();
        this.targets = targets.size() - identifiers.size() - computed.size();
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

    private static ColumnRequest use(
            Dataset<Row> table, ColumnSpec spec, boolean target, boolean coded, Set<String> seen) {
        String name = spec.column();
        requireNew(spec, seen);
        DataType dataType = Columns.typeOf(table, name, target ? "target" : "condition");
        ColumnType type = spec.statedType() != null ? spec.statedType() : Columns.infer(name, dataType, coded);
        if (!type.kind().hasLevels()) {
            Columns.requireNumeric(name, dataType);
        } else {
            Columns.requireLevels(name, dataType);
        }
        return new ColumnRequest(spec, type, dataType.json(), dataType instanceof NumericType, target, coded);
    }

    private static void requireNew(ColumnSpec spec, Set<String> seen) {
        if (!seen.add(spec.column())) {
            throw new IllegalArgumentException(
                    "Column '%s' is named twice among targets and conditions".formatted(spec.column()));
        }
    }

    /** Throws for a formula of which a column is neither a target that is modelled nor a condition. */
    private void requireSources() {
        List<String> modelled = uses.stream().map(u -> u.spec().column()).toList();
        for (ComputedColumn column : computed) {
            for (String source : column.formula().columns()) {
                if (!modelled.contains(source)) {
                    throw new IllegalArgumentException(
                            "The formula of column '%s' needs '%s', which must be a condition, or a target that is modelled itself"
                                    .formatted(column.column(), source));
                }
            }
        }
    }

    private static Identifier identifier(Dataset<Row> table, ColumnSpec spec, Set<String> seen) {
        requireNew(spec, seen);
        DataType type = Columns.typeOf(table, spec.column(), "target");
        boolean whole = type instanceof IntegralType || (type instanceof DecimalType decimal && decimal.scale() == 0);
        if (!whole && !(type instanceof StringType)) {
            throw new IllegalArgumentException("Column '%s' has type %s; an id is a text or a whole number"
                    .formatted(spec.column(), type.simpleString()));
        }
        Row smallest = table.agg(functions.min(Columns.named(spec.column())).cast(DataTypes.StringType))
                .first();
        String text = smallest.isNullAt(0) ? (whole ? "1" : "a0000000") : smallest.getString(0);
        // Whole numbers beyond a long's are made digit by digit, as texts are.
        boolean counted = whole && new BigInteger(text).bitLength() < Long.SIZE - 1;
        return new Identifier(
                spec.column(), type.json(), counted ? (Long) Long.parseLong(text) : null, counted ? null : text);
    }

    private Dataset<Row> normalize(Dataset<Row> table, @Nullable String weightColumn, Column validation) {
        List<Column> columns = new ArrayList<>();
        columns.add(Columns.hash(
                        table,
                        uses.stream().map(u -> Columns.named(u.spec().column())).toList())
                .as(Columns.HASH));
        columns.add(validation);
        if (weightColumn != null) {
            columns.add(Columns.weight(table, weightColumn));
        } else {
            columns.add(lit(1.0));
        }
        for (ColumnRequest use : uses) {
            DataType own = DataType.fromJson(use.dataType());
            columns.add(Columns.cell(use.spec().column(), own, use.type().kind().hasLevels()));
        }
        return table.select(columns.toArray(Column[]::new));
    }

    /**
     * Reads the table and learns its schema.
     *
     * @param parallelism least number of parts in which the rows are kept
     */
    public Fitted fit(int parallelism) {
        // Where no condition may be null there is no other kind of training row: one that has a null is an error.
        int firstCondition = FIRST_CELL + (unknownConditions ? targets : uses.size());
        TableRows rows = new TableRows(normalized, fraction, firstCondition, parallelism, valid());
        TablePass total = scan(rows);
        RowCounts counts = total.rowCounts(rows.ranges());
        long invalid = counts.of(TableRows.Kind.INVALID);
        if (counts.training() + counts.of(TableRows.Kind.HELD_OUT) == 0) {
            throw new IllegalArgumentException(
                    invalid == 0
                            ? "The training data is empty: it has no rows"
                            : "All %s rows of the training data are invalid; handleInvalid: error says why"
                                    .formatted(invalid));
        }
        if (invalid > 0) {
            LOG.warn(
                    "Skipped {} invalid rows of {}: training and validation go without them",
                    invalid,
                    invalid + counts.training() + counts.of(TableRows.Kind.HELD_OUT));
        }
        for (int i = 0; i < uses.size(); i++) {
            ColumnRequest use = uses.get(i);
            total.columns.get(i).check(use.spec().column(), use.target() || unknownConditions);
        }
        if (counts.training() == 0) {
            throw new IllegalArgumentException("All %s rows are held out for validation; none is left to train on"
                    .formatted(counts.of(TableRows.Kind.HELD_OUT)));
        }
        requireWeights(total, counts);
        long all = counts.training() + counts.of(TableRows.Kind.HELD_OUT);
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            fields.add(uses.get(i).fit(total.columns.get(i)));
        }
        logMissing(total, fields, all);
        TableSchema schema = new TableSchema(
                fields.subList(0, targets), fields.subList(targets, fields.size()), identifiers, computed, structs);
        return new Fitted(
                rows,
                counts,
                schema,
                unknownConditions,
                total.columns.stream().map(ColumnSummary::incompleteRows).toList(),
                String.format(Locale.ROOT, "%d rows, %016x", all, total.fingerprint));
    }

    private void requireWeights(TablePass total, RowCounts counts) {
        if (total.badWeights > 0) {
            throw new IllegalArgumentException(
                    "The weight column '%s' has %s rows that are null, negative, not finite or above %s; weights must be from 0 to that"
                            .formatted(weightColumn, total.badWeights, TablePass.LARGEST_WEIGHT));
        }
        long heldOut = counts.of(TableRows.Kind.HELD_OUT);
        if (!total.trainingWithWeight || (heldOut > 0 && !total.heldOutWithWeight)) {
            boolean training = !total.trainingWithWeight;
            throw new IllegalArgumentException(
                    "The weight column '%s' is 0 in all %s %s rows; some must have a weight above 0"
                            .formatted(
                                    weightColumn,
                                    training ? counts.training() : heldOut,
                                    training ? "training" : "held-out"));
        }
    }

    private TableRows.Valid valid() {
        if (!skipInvalid) {
            return row -> true;
        }
        List<ColumnSummary> columns = uses.stream().map(ColumnRequest::summary).toList();
        List<CellForm> forms = uses.stream().map(ColumnRequest::form).toList();
        boolean[] mayMiss = new boolean[uses.size()];
        for (int i = 0; i < mayMiss.length; i++) {
            mayMiss[i] = uses.get(i).target() || unknownConditions;
        }
        return row -> {
            Cells.CellReader cells = new Cells.Internal(row);
            for (int i = 0; i < mayMiss.length; i++) {
                if (!columns.get(i).accepts(cells.cell(FIRST_CELL + i, forms.get(i)), mayMiss[i])) {
                    return false;
                }
            }
            return true;
        };
    }

    private TablePass scan(TableRows rows) {
        TablePass pass = new TablePass(
                uses.stream().map(ColumnRequest::summary).toList(),
                uses.stream().map(ColumnRequest::form).toList());
        int ranges = rows.ranges();
        return rows.read(ranges, (range, bins) -> {
                    TablePass part = pass.fresh();
                    for (TableRows.Kind kind : TableRows.Kind.values()) {
                        int bin = TableRows.bin(kind, range, ranges);
                        if (kind == TableRows.Kind.INVALID) {
                            part.count(bin, bins.rows(bin));
                        } else {
                            part.scan(bin, bins.rows(bin), kind == TableRows.Kind.HELD_OUT);
                        }
                    }
                    return List.of(part).iterator();
                })
                .treeReduce(TablePass::merge);
    }

    private static void logMissing(TablePass total, List<Field> fields, long rows) {
        for (int i = 0; i < fields.size(); i++) {
            long missing = total.columns.get(i).incompleteRows();
            if (missing > 0) {
                LOG.info(
                        "Column '{}' is empty, or has empty places, in {} of {} rows ({} %): {}",
                        fields.get(i).column(),
                        missing,
                        rows,
                        String.format(Locale.ROOT, "%.1f", 100.0 * missing / rows),
                        fields.get(i).missingCode() >= 0
                                ? "the model generates empty cells too"
                                : "they count for nothing");
            }
        }
    }
}
