package io.cvaespark.spark.table;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.NumericType;

/** Levels of categorical columns in the order of their values: numbers by size, everything else as text. */
final class Levels {
    private Levels() {}

    static List<String> sorted(Collection<String> levels, DataType type) {
        Comparator<String> order = type instanceof NumericType
                ? Comparator.comparing(Levels::number).thenComparing(Comparator.naturalOrder())
                : Comparator.naturalOrder();
        return levels.stream().sorted(order).toList();
    }

    private static BigDecimal number(String level) {
        try {
            return new BigDecimal(level);
        } catch (NumberFormatException e) {
            // NaN and infinities of a floating-point column: behind all numbers.
            return new BigDecimal("1e400");
        }
    }
}
