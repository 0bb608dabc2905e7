package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.hex;
import static org.apache.spark.sql.functions.timestamp_micros;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.unhex;
import static org.apache.spark.sql.functions.unix_micros;

import io.cvaespark.data.Field;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Levels of a categorical column as texts, and back in the column's own type.
 *
 * <p>A text stands for one value, whatever the session's settings: a timestamp is written in UTC, such as {@code
 * 2024-11-03T05:30:00Z}, and binary values in hexadecimal digits. Models of 0.1.0 have timestamps in the time zone of the session
 * that trained them, without a Z; they are read as they were.
 */
final class Levels {
    private static final UserDefinedFunction INSTANT = udf(
            (UDF1<@Nullable Long, @Nullable String>) micros -> micros == null
                    ? null
                    : Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString(),
            DataTypes.StringType);

    private static final UserDefinedFunction MICROS = udf(
            (UDF1<@Nullable String, @Nullable Long>)
                    text -> text == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text)),
            DataTypes.LongType);

    private Levels() {}

    /** True for a type whose values can be levels. */
    static boolean canBe(DataType type) {
        return type instanceof NumericType
                || type instanceof StringType
                || type instanceof DateType
                || type instanceof TimestampType
                || type instanceof TimestampNTZType
                || type instanceof BinaryType
                || type.equals(DataTypes.BooleanType);
    }

    /** The text of a value. */
    static Column text(Column value, DataType type) {
        if (type instanceof TimestampType) {
            return INSTANT.apply(unix_micros(value));
        }
        return type instanceof BinaryType ? hex(value) : value.cast(DataTypes.StringType);
    }

    /** The text of a value of {@code field}'s column, as the model has it. */
    static Column text(Column value, DataType type, Field field) {
        return type instanceof TimestampType && inSessionZone(field)
                ? value.cast(DataTypes.StringType)
                : text(value, type);
    }

    /** The value that a text stands for. */
    static Column value(Column text, DataType type, Field field) {
        if (type instanceof TimestampType && !inSessionZone(field)) {
            return timestamp_micros(MICROS.apply(text));
        }
        return type instanceof BinaryType ? unhex(text) : text.cast(type);
    }

    private static boolean inSessionZone(Field field) {
        return field.levels().stream().noneMatch(level -> level.endsWith("Z"));
    }
}
