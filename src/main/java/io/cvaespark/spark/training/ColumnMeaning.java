package io.cvaespark.spark.training;

import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.Json;
import java.util.regex.Pattern;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.jspecify.annotations.Nullable;

/** Why a column of which the job says nothing is of its type, and how the job can say otherwise. */
record ColumnMeaning(Field field, DataType sqlType, boolean target) {
    /** Names that YAML takes without quotes, also within braces. */
    private static final Pattern PLAIN = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_.-]*");

    /** Numbers are levels by their values only: whole numbers that a double does not hold exactly. */
    private boolean byValues() {
        return field.hasLevels() && sqlType instanceof NumericType;
    }

    String why() {
        return byValues()
                ? "it has whole numbers beyond 2^53, which are not exact as numbers of a model"
                : "its SQL type is " + sqlType.simpleString();
    }

    /** What to say in the job in place of the name; null where nothing else is possible. */
    @Nullable
    String otherwise() {
        String column = field.column();
        if (byValues()) {
            return spec(column, "type: continuous");
        }
        if (sqlType instanceof BooleanType) {
            return spec(column, field.hasLevels() ? "type: binary" : "type: categorical");
        }
        if (field.hasLevels()) {
            return target && sqlType instanceof StringType ? spec(column, "type: id") : null;
        }
        boolean vector = field.codec().width() > 1 && field.codec().codes() == 0;
        return spec(column, vector && field.type() == ColumnType.CONTINUOUS ? "type: binary" : "type: categorical");
    }

    /** An entry of targets or conditions, as YAML. */
    static String spec(String column, String key) {
        boolean plain = PLAIN.matcher(column).matches();
        String name = plain ? column : Json.MAPPER.valueToTree(column).toString();
        return "{column: %s, %s}".formatted(name, key);
    }
}
