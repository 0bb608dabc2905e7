package io.cvaespark.spark.compare.counts;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.row_number;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.jspecify.annotations.Nullable;

/** The most frequent values of each category over all tables, most frequent first. */
public final class TopValues {
    /** The most values of a category that are kept apart from the others. */
    public static final int MOST = 255;

    private final Map<Integer, List<Value>> values = new HashMap<>();

    /** A value, null being the missing one, and its count in each table. */
    public record Value(@Nullable String text, long[] counts) {}

    public static TopValues of(CellCounts counts, CellLayout layout) {
        List<Integer> categories = new ArrayList<>();
        for (int j = 0; j < layout.width(); j++) {
            if (!layout.number()[j]) {
                categories.add(j);
            }
        }
        TopValues top = new TopValues();
        var order = Window.partitionBy("what")
                .orderBy(col("n0").plus(col("n1")).plus(col("n2")).desc(), col("a"));
        for (Row row : counts.cells()
                .where(col("what").isInCollection(categories))
                .withColumn("place", row_number().over(order))
                .where(col("place").leq(MOST))
                .orderBy("what", "place")
                .select("what", "a", "n0", "n1", "n2")
                .collectAsList()) {
            top.values
                    .computeIfAbsent(row.getInt(0), what -> new ArrayList<>())
                    .add(new Value(
                            row.isNullAt(1) ? null : row.getString(1),
                            new long[] {row.getLong(2), row.getLong(3), row.getLong(4)}));
        }
        return top;
    }

    public List<Value> of(int column) {
        return values.getOrDefault(column, List.of());
    }
}
