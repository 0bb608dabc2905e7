package io.cvaespark.spark.table;

import io.cvaespark.data.Field;
import io.cvaespark.data.RowCodec;
import java.util.List;
import java.util.function.Function;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/**
 * Decodes floats into the cells of some columns, which are then put back into the columns' own types; {@link Cells} is the way
 * there.
 *
 * <p>Not safe for use by several threads.
 */
public final class DecodedCells {
    private final RowCodec codec;

    public DecodedCells(List<Field> fields) {
        this.codec = RowCodec.ofTargets(fields);
    }

    /** The cells of a row, from its floats. */
    public Row row(float[] values, int offset) {
        Object[] cells = new Object[codec.size()];
        decode(values, offset, cells, 0);
        return RowFactory.create(cells);
    }

    /** Writes the cells of a row to {@code out}, from place {@code at} on. */
    public void decode(float[] values, int offset, Object[] out, int at) {
        codec.decode(values, offset, out, at);
    }

    /** The columns before, and those of cells. */
    public static StructType typesAfter(StructType before, List<Field> fields) {
        StructType type = before;
        for (Field field : fields) {
            type = type.add(field.column(), Columns.cellType(field), field.missingCode() >= 0);
        }
        return type;
    }

    /**
     * Each column in its own type, under its own name.
     *
     * @param cell where the cell of a column is found, by the column's name
     */
    public static List<Column> restored(List<Field> fields, Function<String, Column> cell) {
        return fields.stream()
                .map(f -> Columns.restore(cell.apply(f.column()), f).as(f.column()))
                .toList();
    }
}
