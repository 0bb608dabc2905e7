package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.isnan;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.storage.StorageLevel;

/**
 * The tables of a comparison in one form: the columns of REAL in their order, called c0, c1, …, categories as text and numbers
 * as double. A missing value is null; NaN is missing.
 */
public final class ComparedTables implements AutoCloseable {
    /**
     * A column.
     *
     * @param number false: a category
     */
    public record Compared(String name, boolean number) {}

    private final List<Compared> columns = new ArrayList<>();
    private final Map<Part, Dataset<Row>> tables = new EnumMap<>(Part.class);

    /**
     * Checks the columns and brings the tables into one form.
     *
     * @param given REAL, SYNTHETIC and perhaps HOLDOUT
     * @param chosen names of the columns to compare; empty: all
     * @param categorical names of numeric columns whose values are categories
     */
    public ComparedTables(Map<Part, Dataset<Row>> given, List<String> chosen, Set<String> categorical) {
        Dataset<Row> real = Objects.requireNonNull(given.get(Part.REAL));
        List<String> names = chosen.isEmpty() ? Arrays.asList(real.columns()) : chosen;
        requireColumns(given, names, chosen.isEmpty());
        requireRows(given);
        for (String name : categorical) {
            if (!names.contains(name)) {
                throw new IllegalArgumentException(
                        "--categorical names the column %s, which is not compared; expected some of %s"
                                .formatted(name, names));
            }
        }
        if (names.size() < 1) {
            throw new IllegalArgumentException("REAL has no columns to compare");
        }
        for (String name : names) {
            DataType type = type(real, name);
            requireComparable(name, type);
            columns.add(new Compared(name, type instanceof NumericType && !categorical.contains(name)));
        }
        given.forEach((part, table) -> tables.put(part, form(given, part, table)));
        tables.values().forEach(table -> table.persist(StorageLevel.MEMORY_AND_DISK()));
    }

    private static void requireColumns(Map<Part, Dataset<Row>> given, List<String> names, boolean all) {
        given.forEach((part, table) -> {
            Set<String> missing = new TreeSet<>(names);
            missing.removeAll(Arrays.asList(table.columns()));
            Set<String> extra = new TreeSet<>(Arrays.asList(table.columns()));
            extra.removeAll(names);
            if (!missing.isEmpty() || (all && !extra.isEmpty())) {
                throw new IllegalArgumentException(
                        "%s has other columns than %s: it lacks %s and has %s besides; --columns a,b compares only these columns"
                                .formatted(
                                        part.role(),
                                        all ? "REAL" : "--columns names",
                                        missing.isEmpty() ? "none" : missing,
                                        extra.isEmpty() ? "none" : extra));
            }
        });
    }

    /** Before the types: a text file without rows does not say them. */
    private static void requireRows(Map<Part, Dataset<Row>> given) {
        given.forEach((part, table) -> {
            if (table.isEmpty()) {
                throw new IllegalArgumentException(
                        "%s has no rows; expected at least one row to compare".formatted(part.role()));
            }
        });
    }

    private static void requireComparable(String name, DataType type) {
        boolean comparable = type instanceof NumericType
                || type instanceof StringType
                || type instanceof BooleanType
                || type instanceof DateType
                || type instanceof TimestampType
                || type instanceof TimestampNTZType;
        if (!comparable) {
            throw new IllegalArgumentException(
                    "Column %s is of type %s; compare takes numbers, text, booleans, dates and timestamps. Leave it out with --columns"
                            .formatted(name, type.simpleString()));
        }
    }

    private static DataType type(Dataset<Row> table, String name) {
        StructType schema = table.schema();
        return schema.fields()[schema.fieldIndex(name)].dataType();
    }

    /** Spark's way to write a name that may have dots, blanks and backticks. */
    private static Column quoted(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    private Dataset<Row> form(Map<Part, Dataset<Row>> given, Part part, Dataset<Row> table) {
        List<Column> cells = new ArrayList<>();
        for (int j = 0; j < columns.size(); j++) {
            Compared column = columns.get(j);
            DataType type = type(table, column.name());
            requireComparable(column.name(), type);
            Column cell = quoted(column.name());
            cells.add((column.number() ? number(column, part, type, cell) : text(given, column, cell)).as("c" + j));
        }
        return table.select(cells.toArray(Column[]::new));
    }

    private static Column number(Compared column, Part part, DataType type, Column cell) {
        if (!(type instanceof NumericType)) {
            throw new IllegalArgumentException(
                    "Column %s is a number in REAL but of type %s in %s; compare it as text with --categorical %s, or correct the table"
                            .formatted(column.name(), type.simpleString(), part.role(), column.name()));
        }
        // Adding 0 makes −0 the same value as 0.
        Column value = cell.cast(DataTypes.DoubleType).plus(0.0);
        return when(isnan(value), lit(null)).otherwise(value);
    }

    /** The text of a category; 1 and 1.0 are the same where the tables store numbers differently. */
    private static Column text(Map<Part, Dataset<Row>> given, Compared column, Column cell) {
        List<DataType> types = given.values().stream()
                .map(table -> type(table, column.name()))
                .distinct()
                .toList();
        if (types.size() == 1 || !types.stream().allMatch(NumericType.class::isInstance)) {
            return cell.cast(DataTypes.StringType);
        }
        boolean whole = types.stream().allMatch(IntegralType.class::isInstance);
        return cell.cast(whole ? DataTypes.LongType : DataTypes.DoubleType).cast(DataTypes.StringType);
    }

    public List<Compared> columns() {
        return columns;
    }

    public int width() {
        return columns.size();
    }

    public boolean has(Part part) {
        return tables.containsKey(part);
    }

    /** The tables that are there. */
    public Set<Part> parts() {
        return tables.keySet();
    }

    public Dataset<Row> rows(Part part) {
        return Objects.requireNonNull(tables.get(part));
    }

    @Override
    public void close() {
        tables.values().forEach(Dataset::unpersist);
    }
}
