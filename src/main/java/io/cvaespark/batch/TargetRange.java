package io.cvaespark.batch;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The floats of one target column in a row.
 *
 * @param from the first of them
 * @param width how many
 * @param field the column's place among the targets
 */
record TargetRange(int from, int width, int field) {

    /** Of the targets that {@code wanted} holds for. */
    static List<TargetRange> of(TableSchema schema, Predicate<Field> wanted) {
        List<TargetRange> ranges = new ArrayList<>();
        int from = 0;
        for (int f = 0; f < schema.targets().size(); f++) {
            Field field = schema.targets().get(f);
            int width = field.codec().width();
            if (wanted.test(field)) {
                ranges.add(new TargetRange(from, width, f));
            }
            from += width;
        }
        return List.copyOf(ranges);
    }
}
