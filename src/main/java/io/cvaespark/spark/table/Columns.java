package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.array;
import static org.apache.spark.sql.functions.array_intersect;
import static org.apache.spark.sql.functions.array_join;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.floor;
import static org.apache.spark.sql.functions.greatest;
import static org.apache.spark.sql.functions.least;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.size;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.Nearest;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.ml.functions;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * Columns of any type to the three kinds of cell that codecs know, and back, by Spark SQL's own casts.
 *
 * <p>Levels become strings, numbers doubles, vectors (arrays, Spark ML vectors) arrays of doubles.
 */
public final class Columns {
    /** Column of the hash over a row's raw cells. */
    public static final String HASH = "__cvae_hash";

    private Columns() {}

    /** A column by its exact name, dots and all. */
    public static Column named(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    /** The type of column {@code name}; throws naming the nearest one when it is not there. */
    public static DataType typeOf(Dataset<Row> table, String name, String role) {
        List<String> names = List.of(table.columns());
        int index = names.indexOf(name);
        if (index < 0) {
            List<String> fields =
                    names.stream().filter(n -> n.startsWith(name + ".")).toList();
            if (!fields.isEmpty()) {
                throw new IllegalArgumentException("Column '%s' is a struct; name its fields instead: %s"
                        .formatted(name, String.join(", ", fields)));
            }
            throw new IllegalArgumentException("There is no %s column '%s'%s The columns are: %s"
                    .formatted(
                            role,
                            name,
                            Nearest.suggestion(name, names).isEmpty() ? "." : Nearest.suggestion(name, names),
                            String.join(", ", names)));
        }
        return table.schema().fields()[index].dataType();
    }

    public static boolean isVector(DataType type) {
        return type instanceof ArrayType || type.equals(SQLDataTypes.VectorType());
    }

    /**
     * What a column's values mean when the job does not say.
     *
     * @param coded whether its decoder takes levels as codes: yes and no are two of them
     */
    public static ColumnType infer(String name, DataType type, boolean coded) {
        if (coded && type instanceof BooleanType) {
            return ColumnType.CATEGORICAL;
        }
        ColumnType meant = ColumnType.ofSqlType(type.typeName());
        if (!meant.kind().hasLevels()) {
            requireNumeric(name, type);
        }
        return meant;
    }

    /** Throws unless the column holds numbers, yes/no, or vectors of numbers. */
    static void requireNumeric(String name, DataType type) {
        DataType element = type instanceof ArrayType array ? array.elementType() : type;
        boolean numeric = element instanceof NumericType
                || type instanceof BooleanType
                || type.equals(SQLDataTypes.VectorType())
                || Moments.is(type);
        if (!numeric) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s; expected a number, a boolean, a date, a timestamp, array<float>, array<double> or a Spark ML vector.%s"
                            .formatted(
                                    name,
                                    type.simpleString(),
                                    Levels.canBe(type)
                                            ? " If its values are categories, say type: categorical"
                                            : " Take its parts as columns of their own, or leave it out"));
        }
    }

    /** Throws unless the column's values can be levels. */
    static void requireLevels(String name, DataType type) {
        if (!Levels.canBe(type)) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s and cannot be categorical; expected a column of single values"
                            .formatted(name, type.simpleString()));
        }
    }

    /** The cell that codecs see: string, double or array of doubles. */
    public static Column cell(String name, DataType type, boolean levels) {
        Column raw = named(name);
        if (levels) {
            return Levels.text(raw, type);
        }
        if (type.equals(SQLDataTypes.VectorType())) {
            return when(raw.isNotNull(), functions.vector_to_array(raw, "float64"));
        }
        if (type instanceof ArrayType) {
            return raw.cast(DataTypes.createArrayType(DataTypes.DoubleType));
        }
        return Moments.is(type) ? Moments.number(raw, type) : raw.cast(DataTypes.DoubleType);
    }

    /** A column of instance weights. */
    public static Column weight(Dataset<Row> table, String name) {
        DataType type = typeOf(table, name, "weight");
        if (!(type instanceof NumericType)) {
            throw new IllegalArgumentException(
                    "The weight column '%s' has type %s; expected numbers".formatted(name, type.simpleString()));
        }
        return named(name).cast(DataTypes.DoubleType);
    }

    /** The type of the cell of a fitted column. */
    public static DataType cellType(Field field) {
        return switch (field.form()) {
            case LEVEL -> DataTypes.StringType;
            case NUMBER -> DataTypes.DoubleType;
            case VECTOR -> DataTypes.createArrayType(DataTypes.DoubleType, false);
        };
    }

    /** A value of the column given as text, in the column's own type; throws for one that it cannot have. */
    public static Column literal(Field field, String value) {
        DataType type = DataType.fromJson(field.dataType());
        switch (field.form()) {
            case LEVEL -> field.requireLevel(value);
            case NUMBER -> requireNumber(field.column(), type, value);
            case VECTOR ->
                throw new IllegalArgumentException(
                        "Condition '%s' is a vector, which text cannot give; give a table of conditions instead"
                                .formatted(field.column()));
        }
        return field.form() == CellForm.LEVEL
                ? Levels.value(lit(value), type, field)
                : lit(value).cast(type);
    }

    private static void requireNumber(String column, DataType type, String value) {
        if (type instanceof BooleanType && !value.equalsIgnoreCase("true") && !value.equalsIgnoreCase("false")) {
            throw new IllegalArgumentException("Condition '%s' is true or false, found '%s'".formatted(column, value));
        }
        if (type instanceof NumericType) {
            try {
                Double.parseDouble(value);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException(
                        "Condition '%s' is a number, found '%s'".formatted(column, value), e);
            }
        }
    }

    /** The number that a text stands for in a column of numbers, dates or timestamps; throws for one that is none. */
    public static double number(Field field, String text) {
        DataType type = DataType.fromJson(field.dataType());
        if (Moments.is(type)) {
            return Moments.parse(field.column(), type, text);
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    "Column '%s' is a number, or a range such as 30..40, found '%s'".formatted(field.column(), text),
                    e);
        }
    }

    /** The type of a predicted class: numbers become doubles, as Spark ML's evaluators want them. */
    public static DataType predictionType(DataType own) {
        return own instanceof NumericType ? DataTypes.DoubleType : own;
    }

    /** A cell back in the column's own type: whole numbers are rounded, yes is above one half. */
    public static Column restore(Column cell, Field field) {
        DataType type = DataType.fromJson(field.dataType());
        if (field.hasLevels()) {
            return Levels.value(cell, type, field);
        }
        if (type.equals(SQLDataTypes.VectorType())) {
            return functions.array_to_vector(cell);
        }
        if (type instanceof BooleanType) {
            return cell.gt(lit(0.5));
        }
        if (Moments.is(type)) {
            return Moments.value(cell, type);
        }
        if (type instanceof IntegralType) {
            return whole(cell, type);
        }
        if (type instanceof DecimalType decimal) {
            return decimal(cell, decimal);
        }
        if (type instanceof ArrayType array && array.elementType() instanceof IntegralType) {
            return org.apache.spark.sql.functions.transform(cell, x -> whole(x, array.elementType()));
        }
        if (type instanceof ArrayType array && array.elementType() instanceof DecimalType decimal) {
            return org.apache.spark.sql.functions.transform(cell, x -> decimal(x, decimal));
        }
        return cell.cast(type);
    }

    /** The nearest whole number that the type holds: a draw may lie beyond what the column ever had. */
    private static Column whole(Column number, DataType type) {
        int bits = 8 * type.defaultSize();
        double largest = Math.scalb(1.0, bits - 1) - 1;
        Column held = greatest(lit(-largest - 1), least(lit(largest), round(number)));
        // least and greatest pass over nulls.
        return when(number.isNull().or(number.isNaN()), number).otherwise(held).cast(type);
    }

    /** The nearest number that decimal(p, s) holds: a draw may lie beyond what the column ever had. */
    private static Column decimal(Column number, DecimalType type) {
        BigDecimal largest = BigDecimal.ONE
                .movePointRight(type.precision())
                .subtract(BigDecimal.ONE)
                .movePointLeft(type.scale());
        double limit = Math.pow(10, type.precision() - type.scale());
        Column rounded = round(number, type.scale());
        return when(rounded.geq(limit), lit(largest).cast(type))
                .when(rounded.leq(-limit), lit(largest.negate()).cast(type))
                .otherwise(number.cast(type));
    }

    /**
     * Throws unless cells of type {@code found} can stand for those of {@code expected}: the types are the same, both are
     * numbers, or the column's values are levels, of which the text counts.
     */
    static void requireComparable(String name, DataType found, DataType expected, boolean levels, String where) {
        boolean same = DataType.equalsIgnoreNullability(found, expected);
        boolean numbers = found instanceof NumericType && expected instanceof NumericType;
        boolean vectors = isVector(found) && isVector(expected);
        boolean texts =
                levels && Levels.canBe(found) && (found instanceof StringType || expected instanceof StringType);
        if (!same && !numbers && !vectors && !texts) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s in %s, but %s in training. Convert it, or read the file with the types of training"
                            .formatted(name, found.simpleString(), where, expected.simpleString()));
        }
    }

    /** Columns by which a fitted column of {@code table} enters the hash that keys a row's noise. */
    public static List<Column> hashed(Dataset<Row> table, Field field, String role) {
        DataType found = typeOf(table, field.column(), role);
        DataType expected = DataType.fromJson(field.dataType());
        requireComparable(field.column(), found, expected, field.hasLevels(), "the data");
        Column raw = named(field.column());
        if (DataType.equalsIgnoreNullability(found, expected) || isVector(found)) {
            return List.of(raw);
        }
        if (!(expected instanceof NumericType)) {
            return List.of(raw.cast(DataTypes.StringType));
        }
        // As the type of training where nothing is lost, so that 33 and 33.0 have the same noise; else the number
        // itself too.
        Column lossless = isHeld(raw, found, expected);
        return List.of(when(lossless, raw.cast(expected)), when(not(lossless), raw.cast(DataTypes.DoubleType)));
    }

    /** True for the values of a number that another type of numbers holds as they are. */
    private static Column isHeld(Column raw, DataType found, DataType expected) {
        if (!(expected instanceof IntegralType)
                || found instanceof IntegralType && found.defaultSize() <= expected.defaultSize()) {
            return raw.isNotNull();
        }
        double largest = Math.scalb(1.0, 8 * expected.defaultSize() - 1);
        Column number = raw.cast(DataTypes.DoubleType);
        return number.equalTo(floor(number)).and(number.geq(-largest)).and(number.lt(largest));
    }

    /**
     * The cell of a fitted column; see {@link #cell(String, DataType, boolean)}. Numbers are taken as they are found, so that
     * 33.7 is not 33 for a model that was trained on whole numbers, and 1.5 is not level 1.
     */
    public static Column cell(Dataset<Row> table, Field field, String role) {
        DataType found = typeOf(table, field.column(), role);
        DataType expected = DataType.fromJson(field.dataType());
        requireComparable(field.column(), found, expected, field.hasLevels(), "the data");
        Column raw = named(field.column());
        if (!field.hasLevels()) {
            return cell(field.column(), found, false);
        }
        if (DataType.equalsIgnoreNullability(found, expected)) {
            return Levels.text(raw, expected, field);
        }
        return found instanceof NumericType && expected instanceof NumericType
                ? when(isHeld(raw, found, expected), raw.cast(expected).cast(DataTypes.StringType))
                        .otherwise(raw.cast(DataTypes.StringType))
                : raw.cast(DataTypes.StringType);
    }

    /**
     * A stable 64-bit hash of the raw cells {@code columns} of {@code table}.
     *
     * <p>Spark's hash passes over nulls, so that (null, 1) and (1, null) have the same; text that says where the nulls are
     * is hashed with the cells. Where there are none, it is null itself, and the hash is Spark's of the cells alone.
     */
    public static Column hash(Dataset<Row> table, List<Column> columns) {
        StructField[] types =
                table.select(columns.toArray(Column[]::new)).schema().fields();
        List<Column> parts = new ArrayList<>(columns);
        for (int i = 0; i < types.length; i++) {
            Column column = columns.get(i);
            if (types[i].nullable()) {
                parts.add(when(column.isNull(), lit("null in cell " + i)));
            }
            if (types[i].dataType() instanceof ArrayType array && array.containsNull()) {
                Column nulls = array_intersect(column, array(lit(null).cast(array.elementType())));
                Column text = array_join(column.cast(DataTypes.createArrayType(DataTypes.StringType)), ",", "null");
                parts.add(when(size(nulls).gt(0), text));
            }
        }
        return xxhash64(parts.toArray(Column[]::new));
    }
}
