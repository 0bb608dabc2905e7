package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.lit;

import io.cvaespark.data.Codec;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.ColumnSummary;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.Range;
import io.cvaespark.data.TableSchema;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
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

    /** A column as asked for, with its Spark type and what its values mean. */
    private record RequestedColumn(ColumnSpec spec, DataType dataType, ColumnType type, boolean target) {
        boolean levels() {
            return type == ColumnType.CATEGORICAL;
        }

        boolean standardized() {
            return logarithmic() || (type == ColumnType.CONTINUOUS && !Boolean.FALSE.equals(spec.standardize()));
        }

        boolean logarithmic() {
            return type == ColumnType.COUNT && !target;
        }
    }

    /**
     * The result.
     *
     * @param rows the table's rows as cells, to be encoded with the schema
     * @param unknownConditions whether there may be training rows without a condition
     * @param fingerprint of all rows, whatever their order
     */
    public record Fitted(
            TableRows rows, RowCounts counts, TableSchema schema, boolean unknownConditions, String fingerprint) {
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
    }

    private final List<RequestedColumn> uses = new ArrayList<>();
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
            for (RequestedColumn use : uses) {
                DataType type = Columns.typeOf(holdout.table(), use.spec().column(), "validation");
                if (!DataType.equalsIgnoreNullability(type, use.dataType())) {
                    throw new IllegalArgumentException(
                            "Column '%s' has type %s in the validation data, but %s in training"
                                    .formatted(
                                            use.spec().column(),
                                            type.simpleString(),
                                            use.dataType().simpleString()));
                }
            }
            rows = rows.union(normalize(holdout.table(), weightColumn, lit(true)));
        }
        this.normalized = rows;
    }

    private static RequestedColumn use(Dataset<Row> table, ColumnSpec spec, boolean target, Set<String> seen) {
        String name = spec.column();
        if (!seen.add(name)) {
            throw new IllegalArgumentException(
                    "Column '%s' is named twice among targets and conditions".formatted(name));
        }
        DataType dataType = Columns.typeOf(table, name, target ? "target" : "condition");
        ColumnType type = spec.statedType() != null ? spec.statedType() : Columns.infer(name, dataType);
        if (type != ColumnType.CATEGORICAL) {
            Columns.requireNumeric(name, dataType);
        } else if (Columns.isVector(dataType)) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s and cannot be categorical; expected a column of single values"
                            .formatted(name, dataType.simpleString()));
        }
        if (!target && (spec.likelihood() != null || spec.binarize() != null)) {
            throw new IllegalArgumentException(
                    "Condition '%s' has a likelihood or binarize; only targets have one".formatted(name));
        }
        if (spec.embedding() != null && (target || type != ColumnType.CATEGORICAL)) {
            throw new IllegalArgumentException("embedding is for categorical conditions; column '%s' is a %s of type %s"
                    .formatted(name, target ? "target" : "condition", type));
        }
        if (spec.dynamicBinarization() && type != ColumnType.BINARY) {
            throw new IllegalArgumentException(
                    "binarize of column '%s' needs likelihood: bernoulli, found type %s".formatted(name, type));
        }
        RequestedColumn use = new RequestedColumn(spec, dataType, type, target);
        if (spec.range() != null && !(target && type == ColumnType.CONTINUOUS && use.standardized())) {
            throw new IllegalArgumentException(
                    "range is for continuous targets that are standardised; column '%s' is a %s of type %s%s"
                            .formatted(
                                    name,
                                    target ? "target" : "condition",
                                    type,
                                    type == ColumnType.CONTINUOUS && target ? ", on its own scale" : ""));
        }
        return use;
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
        for (RequestedColumn use : uses) {
            columns.add(Columns.cell(use.spec().column(), use.dataType(), use.levels()));
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
        TableRows rows = new TableRows(normalized, fraction, firstCondition, parallelism);
        TablePass total = scan(rows);
        RowCounts counts = total.rowCounts(rows.ranges());
        if (counts.training() + counts.of(TableRows.Kind.HELD_OUT) == 0) {
            throw new IllegalArgumentException("The training data is empty: it has no rows");
        }
        for (int i = 0; i < uses.size(); i++) {
            RequestedColumn use = uses.get(i);
            total.columns.get(i).check(use.spec().column(), use.type(), use.target() || unknownConditions);
        }
        if (total.badWeights > 0) {
            throw new IllegalArgumentException(
                    "The weight column has %s rows that are null, negative or not finite; weights must be 0 or more"
                            .formatted(total.badWeights));
        }
        if (counts.training() == 0) {
            throw new IllegalArgumentException("All %s rows are held out for validation; none is left to train on"
                    .formatted(counts.of(TableRows.Kind.HELD_OUT)));
        }
        long all = counts.training() + counts.of(TableRows.Kind.HELD_OUT);
        logMissing(total, all);
        List<Field> fields = new ArrayList<>();
        for (int i = 0; i < uses.size(); i++) {
            fields.add(field(uses.get(i), total.columns.get(i)));
        }
        TableSchema schema = new TableSchema(fields.subList(0, targets), fields.subList(targets, fields.size()));
        return new Fitted(rows, counts, schema, unknownConditions, "%d rows, %016x".formatted(all, total.fingerprint));
    }

    private TablePass scan(TableRows rows) {
        TablePass pass = new TablePass(uses.stream().map(TableFitter::summaryOf).toList());
        List<Boolean> arrays =
                uses.stream().map(u -> Columns.isVector(u.dataType())).toList();
        int ranges = rows.ranges();
        return rows.read(ranges, (range, bins) -> {
                    TablePass part = pass.fresh();
                    for (TableRows.Kind kind : TableRows.Kind.values()) {
                        int bin = TableRows.bin(kind, range, ranges);
                        part.scan(bin, bins.rows(bin), kind == TableRows.Kind.HELD_OUT, arrays);
                    }
                    return List.of(part).iterator();
                })
                .treeReduce(TablePass::merge);
    }

    private void logMissing(TablePass total, long rows) {
        for (int i = 0; i < uses.size(); i++) {
            long missing = total.columns.get(i).incompleteRows();
            if (missing > 0) {
                LOG.info(
                        "Column '{}' is empty, or has empty places, in {} of {} rows ({} %): they count for nothing",
                        uses.get(i).spec().column(), missing, rows, "%.1f".formatted(100.0 * missing / rows));
            }
        }
    }

    private static ColumnSummary summaryOf(RequestedColumn use) {
        return new ColumnSummary(
                use.levels(),
                use.spec().levelLimit(),
                use.standardized(),
                use.logarithmic(),
                use.spec().range());
    }

    private static Field field(RequestedColumn use, ColumnSummary summary) {
        ColumnSpec spec = use.spec();
        Codec codec;
        if (use.levels()) {
            List<String> levels = Levels.sorted(summary.levels(), use.dataType());
            codec = spec.embedding() == null ? new Codec.OneHot(levels) : new Codec.Embedded(levels, spec.embedding());
        } else if (use.standardized()) {
            Codec.Standardized standardized = standardized(spec.column(), spec.range(), summary);
            codec = use.logarithmic() ? new Codec.LogStandardized(standardized) : standardized;
        } else {
            codec = new Codec.Unit(summary.length());
        }
        String likelihood = null;
        if (use.target()) {
            likelihood = spec.likelihood() != null
                    ? spec.likelihood()
                    : switch (use.type()) {
                        case CONTINUOUS -> "gaussian";
                        case BINARY -> "bernoulli";
                        case CATEGORICAL -> "categorical";
                        case COUNT -> "negative-binomial";
                    };
        }
        return new Field(
                spec.column(),
                use.dataType().json(),
                use.type(),
                codec,
                likelihood,
                spec.variance(),
                spec.dynamicBinarization());
    }

    private static Codec.Standardized standardized(String column, @Nullable Range range, ColumnSummary summary) {
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        MathContext precision = MathContext.DECIMAL128;
        for (int j = 0; j < summary.length(); j++) {
            if (summary.count(j) == 0) {
                throw new IllegalArgumentException(
                        "Column '%s' has no known value at place %s of its vectors in the training rows; leave it out"
                                .formatted(column, j));
            }
            BigDecimal n = BigDecimal.valueOf(summary.count(j));
            BigDecimal sum = summary.sum(j).exact();
            BigDecimal scatter = summary.squares(j).exact().multiply(n).subtract(sum.multiply(sum));
            double variance = scatter.divide(n.multiply(n), precision).doubleValue();
            means.add(sum.divide(n, precision).doubleValue());
            deviations.add(variance > 0 ? Math.sqrt(variance) : 1.0);
        }
        return new Codec.Standardized(means, deviations, range);
    }
}
