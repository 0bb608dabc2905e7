package io.cvaespark.spark.table;

import static org.apache.spark.sql.functions.approx_count_distinct;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegralType;
import org.apache.spark.sql.types.StringType;

/**
 * What columns of text and of whole numbers are, as their values tell: an identifier, a set of levels, or numbers.
 *
 * <p>An identifier is a text that is another one in each row, or whole numbers that follow each other without a gap or a repetition.
 * Whole numbers beyond 2⁵³ are not exact as doubles, so they are levels if they repeat.
 */
public final class TableProfile {
    /** Fewer rows may all be different by chance. */
    private static final int ENOUGH_ROWS = 20;

    /** The share of different values that a count with an error of some percent gives for a column of different values. */
    private static final double NEARLY_ALL = 0.9;

    private static final double EXACT_AS_DOUBLE = 0x1p53;

    /** What a column is. */
    public enum Finding {
        IDENTIFIER,
        LEVELS,
        USUAL
    }

    private TableProfile() {}

    /** Looks at columns of text and whole numbers; others are not in the result. */
    public static Map<String, Finding> of(Dataset<Row> table, List<String> columns) {
        List<String> asked = columns.stream()
                .filter(name -> isAsked(Columns.typeOf(table, name, "target")))
                .toList();
        if (asked.isEmpty()) {
            return Map.of();
        }
        Row row = table.select(aggregates(asked, table)).first();
        long rows = row.getLong(0);
        Map<String, Finding> findings = new LinkedHashMap<>();
        for (int i = 0; i < asked.size(); i++) {
            int at = 1 + 4 * i;
            String name = asked.get(i);
            boolean whole = !(Columns.typeOf(table, name, "target") instanceof StringType);
            double low = row.isNullAt(at + 2) ? 0 : Double.parseDouble(row.getString(at + 2));
            double high = row.isNullAt(at + 3) ? 0 : Double.parseDouble(row.getString(at + 3));
            boolean beyond = whole && Math.max(Math.abs(low), Math.abs(high)) > EXACT_AS_DOUBLE;
            boolean consecutive = whole && high - low + 1 == rows;
            boolean mayTellApart = rows >= ENOUGH_ROWS
                    && row.getLong(at) == rows
                    && row.getLong(at + 1) >= NEARLY_ALL * rows
                    && (!whole || beyond || consecutive);
            boolean identifier = mayTellApart
                    && table.agg(countDistinct(Columns.named(name))).first().getLong(0) == rows;
            findings.put(name, identifier ? Finding.IDENTIFIER : beyond ? Finding.LEVELS : Finding.USUAL);
        }
        return findings;
    }

    private static boolean isAsked(DataType type) {
        return type instanceof StringType
                || type instanceof IntegralType
                || (type instanceof DecimalType decimal && decimal.scale() == 0);
    }

    private static Column[] aggregates(List<String> columns, Dataset<Row> table) {
        List<Column> all = new ArrayList<>(List.of(count("*")));
        for (String name : columns) {
            Column column = Columns.named(name);
            boolean text = Columns.typeOf(table, name, "target") instanceof StringType;
            all.add(count(column));
            all.add(approx_count_distinct(column));
            all.add(text ? lit("0") : min(column).cast(DataTypes.StringType));
            all.add(text ? lit("0") : max(column).cast(DataTypes.StringType));
        }
        return all.toArray(Column[]::new);
    }
}
