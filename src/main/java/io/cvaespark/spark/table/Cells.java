package io.cvaespark.spark.table;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.ColumnSummary;
import io.cvaespark.data.Field;
import io.cvaespark.data.RowCodec;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.util.ArrayData;
import org.jspecify.annotations.Nullable;

/**
 * Encodes the cells of some columns into floats; {@link DecodedCells} is the way back.
 *
 * <p>The cells are those of {@link Columns#cell}, at consecutive ordinals. Not safe for use by several threads.
 */
public final class Cells {
    private final RowCodec codec;
    private final int firstOrdinal;

    private Cells(RowCodec codec, int firstOrdinal) {
        this.codec = codec;
        this.firstOrdinal = firstOrdinal;
    }

    /** Targets; see {@link RowCodec#ofTargets}. */
    public static Cells ofTargets(List<Field> fields, int firstOrdinal) {
        return new Cells(RowCodec.ofTargets(fields), firstOrdinal);
    }

    /** Conditions; see {@link RowCodec#ofConditions}. */
    public static Cells ofConditions(List<Field> fields, int firstOrdinal, boolean mayBeUnknown) {
        return new Cells(RowCodec.ofConditions(fields, mayBeUnknown), firstOrdinal);
    }

    /** A row's cells by ordinal, whatever holds them. */
    public interface CellReader {
        boolean isNull(int ordinal);

        String level(int ordinal);

        double number(int ordinal);

        /** An array's values, nulls as {@link ColumnSummary#MISSING}. */
        double[] vector(int ordinal);

        /** The plain value of a cell; null where it is not known. */
        default @Nullable Object cell(int ordinal, CellForm form) {
            if (isNull(ordinal)) {
                return null;
            }
            return switch (form) {
                case LEVEL -> level(ordinal);
                case NUMBER -> number(ordinal);
                case VECTOR -> vector(ordinal);
            };
        }
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
        public double[] vector(int ordinal) {
            ArrayData array = row.getArray(ordinal);
            double[] values = new double[array.numElements()];
            for (int j = 0; j < values.length; j++) {
                values[j] = array.isNullAt(j) ? ColumnSummary.MISSING : array.getDouble(j);
            }
            return values;
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
        public double[] vector(int ordinal) {
            List<@Nullable Double> values = row.getList(ordinal);
            double[] vector = new double[values.size()];
            for (int j = 0; j < vector.length; j++) {
                Double value = values.get(j);
                vector[j] = value == null ? ColumnSummary.MISSING : value;
            }
            return vector;
        }
    }

    /** Writes the row's floats, field after field, to {@code out}; throws naming the column for what cannot be. */
    public void encode(CellReader row, float[] out, int offset) {
        codec.encode((place, form) -> row.cell(firstOrdinal + place, form), out, offset);
    }
}
