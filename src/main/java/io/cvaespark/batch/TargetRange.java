package io.cvaespark.batch;

import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * The range of a row that holds the floats of one target column.
 *
 * @param from the index of the first float
 * @param width the number of floats
 * @param field the index of the column among the targets
 */
record TargetRange(int from, int width, int field) {

    /** Returns the ranges of all targets for which {@code wanted} holds. */
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
