package io.cvaespark.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.Nearest;
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
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.NumericType;

/**
 * Columns of any type to the three kinds of cell that codecs know, and back, by Spark SQL's own casts.
 *
 * <p>Levels become strings, numbers doubles, vectors (arrays, Spark ML vectors) arrays of doubles.
 */
final class Columns {
    /** Column of the hash over a row's raw cells. */
    static final String HASH = "__cvae_hash";

    private Columns() {}

    /** A column by its exact name, dots and all. */
    static Column named(String name) {
        return col("`" + name.replace("`", "``") + "`");
    }

    /** The type of column {@code name}; throws naming the nearest one when it is not there. */
    static DataType typeOf(Dataset<Row> table, String name, String role) {
        List<String> names = List.of(table.columns());
        int index = names.indexOf(name);
        if (index < 0) {
            throw new IllegalArgumentException("There is no %s column '%s'%s The columns are: %s"
                    .formatted(
                            role,
                            name,
                            Nearest.suggestion(name, names).isEmpty() ? "." : Nearest.suggestion(name, names),
                            String.join(", ", names)));
        }
        return table.schema().fields()[index].dataType();
    }

    static boolean isVector(DataType type) {
        return type instanceof ArrayType || type.equals(SQLDataTypes.VectorType());
    }

    /** What a column's values mean when the job does not say. */
    static ColumnType infer(String name, DataType type) {
        if (type.equals(DataTypes.StringType)) {
            return ColumnType.CATEGORICAL;
        }
        if (type instanceof BooleanType) {
            return ColumnType.BINARY;
        }
        requireNumeric(name, type);
        return ColumnType.CONTINUOUS;
    }

    /** Throws unless the column holds numbers, yes/no, or vectors of numbers. */
    static void requireNumeric(String name, DataType type) {
        DataType element = type instanceof ArrayType array ? array.elementType() : type;
        boolean numeric =
                element instanceof NumericType || type instanceof BooleanType || type.equals(SQLDataTypes.VectorType());
        if (!numeric) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s; expected a number, a boolean, array<float>, array<double> or a Spark ML vector. If its values are categories, say type: categorical"
                            .formatted(name, type.simpleString()));
        }
    }

    /** The cell that codecs see: string, double or array of doubles. */
    static Column cell(String name, DataType type, boolean levels) {
        Column raw = named(name);
        if (levels) {
            return raw.cast(DataTypes.StringType);
        }
        if (type.equals(SQLDataTypes.VectorType())) {
            // vector_to_array does not take a null.
            return when(raw.isNotNull(), functions.vector_to_array(raw, "float64"));
        }
        if (type instanceof ArrayType) {
            return raw.cast(DataTypes.createArrayType(DataTypes.DoubleType));
        }
        return raw.cast(DataTypes.DoubleType);
    }

    /** The type of the cell of a fitted column. */
    static DataType cellType(Field field) {
        if (field.codec().hasLevels()) {
            return DataTypes.StringType;
        }
        return isVector(DataType.fromJson(field.dataType()))
                ? DataTypes.createArrayType(DataTypes.DoubleType, false)
                : DataTypes.DoubleType;
    }

    /** A cell back in the column's own type: whole numbers are rounded, yes is above one half. */
    static Column restore(Column cell, Field field) {
        DataType type = DataType.fromJson(field.dataType());
        if (field.codec().hasLevels()) {
            return cell.cast(type);
        }
        if (type.equals(SQLDataTypes.VectorType())) {
            return when(cell.isNotNull(), functions.array_to_vector(cell));
        }
        if (type instanceof BooleanType) {
            return cell.gt(lit(0.5));
        }
        if (type instanceof IntegralType) {
            return round(cell).cast(type);
        }
        if (type instanceof ArrayType array && array.elementType() instanceof IntegralType) {
            return org.apache.spark.sql.functions.transform(cell, x -> round(x).cast(array.elementType()));
        }
        return cell.cast(type);
    }

    /** A column of {@code table} as the model was trained on it: a scalar of another type is cast. */
    static Column trained(Dataset<Row> table, Field field, String role) {
        DataType found = typeOf(table, field.column(), role);
        DataType expected = DataType.fromJson(field.dataType());
        boolean same = DataType.equalsIgnoreNullability(found, expected);
        return same || isVector(found) || isVector(expected)
                ? named(field.column())
                : named(field.column()).cast(expected);
    }

    /** The cell of a fitted column; see {@link #cell}. */
    static Column cell(Dataset<Row> table, Field field, String role) {
        DataType found = typeOf(table, field.column(), role);
        return isVector(found)
                ? cell(field.column(), found, field.codec().hasLevels())
                : trained(table, field, role)
                        .cast(field.codec().hasLevels() ? DataTypes.StringType : DataTypes.DoubleType);
    }

    /** A stable 64-bit hash of the raw cells of the given columns. */
    static Column hash(List<String> names) {
        return xxhash64(names.stream().map(Columns::named).toArray(Column[]::new));
    }
}
