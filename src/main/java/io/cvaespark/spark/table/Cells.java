package io.cvaespark.spark.table;

import io.cvaespark.data.Codec;
import io.cvaespark.data.ColumnSummary;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the cells of some columns into floats.
 *
 * <p>The cells are those of {@link Columns#cell}, at consecutive ordinals. Not safe for use by several threads.
 */
public final class Cells implements Serializable {
    private static final float REFUSED = Float.NEGATIVE_INFINITY;

    private final List<Field> fields;
    private final int firstOrdinal;
    private final boolean[] isArray;
    /** What is written for a null; {@link #REFUSED}: it is an error. */
    private final float missing;

    private final List<@Nullable Map<String, Integer>> levels = new ArrayList<>();
    private double[] buffer = new double[1];

    private Cells(List<Field> fields, int firstOrdinal, float missing) {
        this.fields = fields;
        this.missing = missing;
        this.firstOrdinal = firstOrdinal;
        this.isArray = new boolean[fields.size()];
        for (int f = 0; f < fields.size(); f++) {
            isArray[f] = !Columns.cellType(fields.get(f)).typeName().equals("double");
            Map<String, Integer> index = null;
            if (fields.get(f).codec() instanceof Codec.Categories categories) {
                index = new HashMap<>();
                for (int i = 0; i < categories.levels().size(); i++) {
                    index.put(categories.levels().get(i), i);
                }
            }
            levels.add(index);
        }
    }

    /** Targets: a null cell, or a null in a vector, becomes NaN. */
    public static Cells ofTargets(List<Field> fields, int firstOrdinal) {
        return new Cells(fields, firstOrdinal, Float.NaN);
    }

    /**
     * Conditions: none may be null.
     *
     * @param mayBeUnknown but in semi-supervised learning, where a null class becomes zeros
     */
    public static Cells ofConditions(List<Field> fields, int firstOrdinal, boolean mayBeUnknown) {
        return new Cells(fields, firstOrdinal, mayBeUnknown ? 0f : REFUSED);
    }

    /** A row's cells by ordinal, whatever holds them. */
    public interface CellReader {
        boolean isNull(int ordinal);

        String level(int ordinal);

        double number(int ordinal);

        /** Copies an array's values to {@code out} where they fit, nulls as {@link ColumnSummary#MISSING}; returns its length. */
        int array(int ordinal, double[] out);
    }

    /** Cells of Spark's internal rows. */
    public record Internal(InternalRow row) implements CellReader {
        @Override
        public boolean isNull(int ordinal) {
            return row.isNullAt(ordinal);
        }

        @Override
        public String level(int ordinal) {
            return row.getUTF8String(ordinal).toString();
        }

        @Override
        public double number(int ordinal) {
            return row.getDouble(ordinal);
        }

        @Override
        public int array(int ordinal, double[] out) {
            ArrayData array = row.getArray(ordinal);
            int length = array.numElements();
            if (length <= out.length) {
                for (int j = 0; j < length; j++) {
                    out[j] = array.isNullAt(j) ? ColumnSummary.MISSING : array.getDouble(j);
                }
            }
            return length;
        }
    }

    /** Cells of Spark's external rows. */
    public record External(Row row) implements CellReader {
        @Override
        public boolean isNull(int ordinal) {
            return row.isNullAt(ordinal);
        }

        @Override
        public String level(int ordinal) {
            return row.getString(ordinal);
        }

        @Override
        public double number(int ordinal) {
            return row.getDouble(ordinal);
        }

        @Override
        public int array(int ordinal, double[] out) {
            List<@Nullable Double> values = row.getList(ordinal);
            if (values.size() <= out.length) {
                for (int j = 0; j < values.size(); j++) {
                    Double value = values.get(j);
                    out[j] = value == null ? ColumnSummary.MISSING : value;
                }
            }
            return values.size();
        }
    }

    /** Writes the row's floats, field after field, to {@code out}; throws naming the column for what cannot be. */
    public void encode(CellReader row, float[] out, int offset) {
        int at = offset;
        for (int f = 0; f < fields.size(); f++) {
            Field field = fields.get(f);
            int ordinal = firstOrdinal + f;
            if (row.isNull(ordinal)) {
                Arrays.fill(out, at, at + field.codec().width(), requireMissing(field));
            } else if (field.codec() instanceof Codec.Categories categories) {
                categories.encode(level(f, row.level(ordinal), categories), out, at);
            } else {
                encodeNumbers(row, f, out, at);
            }
            at += field.codec().width();
        }
    }

    private void encodeNumbers(CellReader row, int f, float[] out, int at) {
        Field field = fields.get(f);
        int length = numbers(row, firstOrdinal + f, isArray[f]);
        if (length != field.codec().width()) {
            throw new IllegalArgumentException("Column '%s' has a vector of length %s; the model has %s"
                    .formatted(field.column(), length, field.codec().width()));
        }
        boolean nulls = false;
        for (int j = 0; j < length; j++) {
            boolean known = !ColumnSummary.isMissing(buffer[j]);
            nulls |= !known;
            if (known && !Double.isFinite(buffer[j])) {
                throw new IllegalArgumentException(
                        "Column '%s' has a NaN or infinite value. Filter these rows out or fill them in"
                                .formatted(field.column()));
            }
        }
        if (field.type() == ColumnType.COUNT || field.type() == ColumnType.BINARY) {
            requireRange(field, length);
        }
        if (!nulls) {
            field.codec().encode(buffer, 0, out, at);
            return;
        }
        float instead = requireMissing(field);
        double[] known = Arrays.copyOf(buffer, length);
        Arrays.setAll(known, j -> ColumnSummary.isMissing(buffer[j]) ? 0 : buffer[j]);
        field.codec().encode(known, 0, out, at);
        for (int j = 0; j < length; j++) {
            if (ColumnSummary.isMissing(buffer[j])) {
                out[at + j] = instead;
            }
        }
    }

    private void requireRange(Field field, int length) {
        boolean count = field.type() == ColumnType.COUNT;
        for (int j = 0; j < length; j++) {
            double v = buffer[j];
            if (!ColumnSummary.isMissing(v) && !(count ? ColumnSummary.isCount(v) : v >= 0 && v <= 1)) {
                throw new IllegalArgumentException("Column '%s' has type %s and must hold %s, found %s"
                        .formatted(
                                field.column(),
                                field.type(),
                                count ? "whole numbers from 0 to " + ColumnSummary.LARGEST_COUNT : "numbers in [0, 1]",
                                v));
            }
        }
    }

    private float requireMissing(Field field) {
        if (missing == REFUSED) {
            throw new IllegalArgumentException("Condition column '%s' has a null. Filter these rows out or fill them in"
                    .formatted(field.column()));
        }
        return missing;
    }

    private int level(int f, String level, Codec.Categories categories) {
        Integer index = java.util.Objects.requireNonNull(levels.get(f)).get(level);
        if (index == null) {
            throw unknownLevel(fields.get(f).column(), level, categories);
        }
        return index;
    }

    /** A level that training never saw, with those it did. */
    public static IllegalArgumentException unknownLevel(String column, String level, Codec.Categories codec) {
        int shown = 20;
        String known = codec.levels().stream().limit(shown).collect(Collectors.joining(", "));
        int more = codec.levels().size() - shown;
        return new IllegalArgumentException("Column '%s' has the value '%s', which training never saw; known: %s%s"
                .formatted(column, level, known, more > 0 ? " and " + more + " more" : ""));
    }

    private int numbers(CellReader row, int ordinal, boolean array) {
        if (!array) {
            buffer[0] = row.number(ordinal);
            return 1;
        }
        int length = row.array(ordinal, buffer);
        if (length > buffer.length) {
            buffer = new double[length];
            row.array(ordinal, buffer);
        }
        return length;
    }
}
