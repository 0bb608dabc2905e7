package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.when;

import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Formula;
import io.cvaespark.data.computed.FormulaSearch;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.ShortType;

/** Formulas of columns of numbers: found on a sample, checked on all rows of a table, and computed in Spark SQL. */
public final class Formulas {
    private static final int SAMPLE_ROWS = 1000;
    /** A row that breaks a formula joins the sample; then the search begins again. */
    private static final int ROUNDS = 5;

    private static final int EXAMPLES = 3;
    private static final double RELATIVE_TOLERANCE = 1e-9;
    /** Of one unit of the last decimal. */
    private static final double TOLERANCE = 0.25;

    private Formulas() {}

    /**
     * Finds columns that follow exactly from others in all rows. Columns that are empty in some row have no formula.
     *
     * @param given numbers that are not computed, such as conditions
     * @param candidates columns that may be computed, and may be computed from
     */
    public static Map<String, Formula> find(Dataset<Row> table, List<String> given, List<String> candidates) {
        // A name that is no column is an error that is found, and said better, where the column is used.
        List<String> columns = Arrays.asList(table.columns());
        List<String> names = new ArrayList<>(
                given.stream().filter(columns::contains).distinct().toList());
        names.addAll(candidates);
        names.removeIf(name -> !(Columns.typeOf(table, name, "target") instanceof NumericType));
        if (names.size() < 2 || names.stream().noneMatch(candidates::contains)) {
            return Map.of();
        }
        List<Column> numbers = new ArrayList<>();
        numbers.add(
                Columns.hash(table, names.stream().map(Columns::named).toList()).as(Columns.HASH));
        names.forEach(name ->
                numbers.add(Columns.named(name).cast(DataTypes.DoubleType).as(name)));
        Dataset<Row> rows = table.select(numbers.toArray(Column[]::new));
        List<Row> sample = new ArrayList<>(
                rows.orderBy(Columns.named(Columns.HASH)).limit(SAMPLE_ROWS).collectAsList());
        for (int round = 0; round < ROUNDS; round++) {
            Map<String, Found> found = search(names, sample, candidates);
            List<Row> breaking = found.isEmpty() ? List.of() : breaking(rows, found);
            if (breaking.isEmpty()) {
                Map<String, Formula> formulas = new LinkedHashMap<>();
                found.forEach((name, some) -> formulas.put(name, some.formula()));
                return formulas;
            }
            sample.addAll(breaking);
        }
        return Map.of();
    }

    /** @param decimals of the column's values */
    private record Found(Formula formula, int decimals) {}

    private static Map<String, Found> search(List<String> names, List<Row> sample, List<String> candidates) {
        List<String> usable = new ArrayList<>();
        List<double[]> columns = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            int at = i + 1;
            if (sample.stream().allMatch(row -> !row.isNullAt(at) && Double.isFinite(row.getDouble(at)))) {
                usable.add(names.get(i));
                columns.add(
                        sample.stream().mapToDouble(row -> row.getDouble(at)).toArray());
            }
        }
        boolean[] mayBeComputed = new boolean[usable.size()];
        for (int i = 0; i < mayBeComputed.length; i++) {
            mayBeComputed[i] = candidates.contains(usable.get(i));
        }
        Map<String, Found> found = new LinkedHashMap<>();
        new FormulaSearch(usable.toArray(String[]::new), columns.toArray(double[][]::new))
                .find(mayBeComputed)
                .forEach((name, formula) ->
                        found.put(name, new Found(formula, FormulaSearch.decimals(columns.get(usable.indexOf(name))))));
        return found;
    }

    /** For each formula that some row breaks, the one of these rows with the smallest hash. */
    private static List<Row> breaking(Dataset<Row> rows, Map<String, Found> formulas) {
        List<Column> smallest = new ArrayList<>();
        Column row = struct(Arrays.stream(rows.columns()).map(Columns::named).toArray(Column[]::new));
        formulas.forEach(
                (name, some) -> smallest.add(min(when(not(holds(name, some.formula(), some.decimals())), row))));
        Row found = rows.select(smallest.toArray(Column[]::new)).first();
        List<Row> breaking = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            if (!found.isNullAt(i)) {
                breaking.add(found.getStruct(i));
            }
        }
        return breaking;
    }

    /** True in rows in which the column has what its formula gives; false where one of them is null. */
    private static Column holds(String name, Formula formula, int decimals) {
        Column own = Columns.named(name).cast(DataTypes.DoubleType);
        Column difference = abs(own.minus(value(formula, decimals)));
        Column close = decimals >= 0
                ? difference.lt(TOLERANCE * Math.pow(10, -decimals))
                : difference.leq(abs(own).multiply(RELATIVE_TOLERANCE));
        return coalesce(close, lit(false));
    }

    private static Column value(Formula formula, int decimals) {
        Column sum = null;
        for (Formula.Term term : formula.terms()) {
            Column product = lit(term.factor().doubleValue());
            for (String column : term.columns()) {
                product = product.multiply(Columns.named(column).cast(DataTypes.DoubleType));
            }
            sum = sum == null ? product : sum.plus(product);
        }
        Column value = java.util.Objects.requireNonNull(sum);
        return decimals >= 0 ? round(value, decimals) : value;
    }

    /**
     * A column with its formula, which must hold in all rows of a table.
     *
     * @throws IllegalArgumentException for a formula that names other columns than numbers, or that some rows break
     */
    static ComputedColumn checked(Dataset<Row> table, String name, Formula formula) {
        DataType type = requireNumber(table, name);
        formula.columns().forEach(column -> requireNumber(table, column));
        if (formula.columns().contains(name)) {
            throw new IllegalArgumentException(
                    "The formula of column '%s' must not name it, found '%s'".formatted(name, formula.text()));
        }
        int decimals = decimals(table, name, type);
        Column broken = not(holds(name, formula, decimals));
        long rows = table.where(broken).count();
        if (rows > 0) {
            List<Column> shown = new ArrayList<>(List.of(Columns.named(name)));
            formula.columns().forEach(column -> shown.add(Columns.named(column)));
            List<String> examples =
                    table.where(broken).select(shown.toArray(Column[]::new)).limit(EXAMPLES).collectAsList().stream()
                            .map(Row::toString)
                            .toList();
            throw new IllegalArgumentException(
                    "Column '%s' is not %s in %s rows, such as %s (the column, then those of the formula). Correct the formula, or leave it out"
                            .formatted(name, formula.text(), rows, String.join(", ", examples)));
        }
        return new ComputedColumn(name, type.json(), formula, decimals);
    }

    private static DataType requireNumber(Dataset<Row> table, String name) {
        DataType type = Columns.typeOf(table, name, "formula");
        if (!(type instanceof NumericType)) {
            throw new IllegalArgumentException("A formula is about columns of numbers; column '%s' has type %s"
                    .formatted(name, type.simpleString()));
        }
        return type;
    }

    private static int decimals(Dataset<Row> table, String name, DataType type) {
        if (type instanceof IntegralType) {
            return 0;
        }
        if (type instanceof DecimalType decimal) {
            return decimal.scale();
        }
        Column own = Columns.named(name).cast(DataTypes.DoubleType);
        Column needed = lit(FormulaSearch.MOST_DECIMALS + 1);
        for (int d = FormulaSearch.MOST_DECIMALS; d >= 0; d--) {
            needed = when(abs(own.minus(round(own, d))).leq(abs(own).multiply(RELATIVE_TOLERANCE)), d)
                    .otherwise(needed);
        }
        Row found = table.agg(max(needed)).first();
        int most = found.isNullAt(0) ? 0 : found.getInt(0);
        return most > FormulaSearch.MOST_DECIMALS ? -1 : most;
    }

    /** What the formula gives, in the column's own type; a value that its type does not hold becomes the nearest that it does. */
    public static Column of(ComputedColumn computed) {
        DataType type = DataType.fromJson(computed.dataType());
        Column value = value(computed.formula(), computed.decimals());
        if (type instanceof DecimalType decimal) {
            BigDecimal most = BigDecimal.TEN
                    .pow(decimal.precision())
                    .subtract(BigDecimal.ONE)
                    .movePointLeft(decimal.scale());
            Column exact = value.cast(DataTypes.createDecimalType(DecimalType.MAX_PRECISION(), decimal.scale()));
            value = least(greatest(exact, lit(most.negate())), lit(most));
        } else if (type instanceof IntegralType) {
            double most = largest(type);
            value = least(greatest(value, lit(-most - 1)), lit(most));
        }
        return value.cast(type).as(computed.column());
    }

    private static double largest(DataType type) {
        if (type instanceof ByteType) {
            return Byte.MAX_VALUE;
        }
        if (type instanceof ShortType) {
            return Short.MAX_VALUE;
        }
        return type instanceof IntegerType ? Integer.MAX_VALUE : Long.MAX_VALUE - 1024.0;
    }
}
