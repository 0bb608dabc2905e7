package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.date_from_unix_date;
import static org.apache.spark.sql.functions.round;
import static org.apache.spark.sql.functions.timestamp_micros;
import static org.apache.spark.sql.functions.udf;
import static org.apache.spark.sql.functions.unix_date;
import static org.apache.spark.sql.functions.unix_micros;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.expressions.UserDefinedFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.jspecify.annotations.Nullable;

/**
 * Dates and timestamps as numbers, whatever the session's time zone: days since 1970-01-01, and microseconds since the beginning of
 * that day in UTC; a timestamp without a time zone as if it were one in UTC. Microseconds are exact up to the year 2255.
 */
final class Moments {
    private static final LocalDateTime EPOCH = LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC);

    private static final UserDefinedFunction LOCAL_MICROS = udf(
            (UDF1<@Nullable LocalDateTime, @Nullable Long>)
                    time -> time == null ? null : ChronoUnit.MICROS.between(EPOCH, time),
            DataTypes.LongType);

    private static final UserDefinedFunction LOCAL_TIME = udf(
            (UDF1<@Nullable Long, @Nullable LocalDateTime>)
                    micros -> micros == null ? null : EPOCH.plus(micros, ChronoUnit.MICROS),
            DataTypes.TimestampNTZType);

    private Moments() {}

    static boolean is(DataType type) {
        return type instanceof DateType || type instanceof TimestampType || type instanceof TimestampNTZType;
    }

    /** The number of a value. */
    static Column number(Column value, DataType type) {
        Column whole = type instanceof DateType
                ? unix_date(value)
                : type instanceof TimestampType ? unix_micros(value) : LOCAL_MICROS.apply(value);
        return whole.cast(DataTypes.DoubleType);
    }

    /** The value of a number. */
    static Column value(Column number, DataType type) {
        Column whole = round(number).cast(DataTypes.LongType);
        if (type instanceof DateType) {
            return date_from_unix_date(whole.cast(DataTypes.IntegerType));
        }
        return type instanceof TimestampType ? timestamp_micros(whole) : LOCAL_TIME.apply(whole);
    }

    /** The number of a value that is written as text, such as 2024-11-03 or 2024-11-03T05:30:00Z. */
    static double parse(String column, DataType type, String text) {
        try {
            if (type instanceof DateType) {
                return LocalDate.parse(text).toEpochDay();
            }
            return type instanceof TimestampType
                    ? ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse(text))
                    : ChronoUnit.MICROS.between(EPOCH, LocalDateTime.parse(text));
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s; expected a value such as %s, found '%s'"
                            .formatted(
                                    column,
                                    type.simpleString(),
                                    type instanceof DateType
                                            ? "2024-11-03"
                                            : type instanceof TimestampType
                                                    ? "2024-11-03T05:30:00Z"
                                                    : "2024-11-03T05:30:00",
                                    text),
                    e);
        }
    }
}
