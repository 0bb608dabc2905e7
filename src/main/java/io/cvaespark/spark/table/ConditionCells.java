package io.cvaespark.spark.table;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/** Reads the conditions of the rows of {@link TableRows} as plain values ({@link CellForm}). */
public final class ConditionCells {
    private final List<CellForm> forms;
    private final int firstOrdinal;

    public ConditionCells(TableSchema schema) {
        this.forms = schema.conditions().stream().map(Field::form).toList();
        this.firstOrdinal = TableFitter.FIRST_CELL + schema.targets().size();
    }

    /** The cells of a row's conditions. */
    public @Nullable Object[] of(InternalRow row) {
        Cells.CellReader cells = new Cells.Internal(row);
        @Nullable Object[] values = new Object[forms.size()];
        for (int c = 0; c < values.length; c++) {
            values[c] = cells.cell(firstOrdinal + c, forms.get(c));
        }
        return values;
    }

    /** The row's hash. */
    public static long hash(InternalRow row) {
        return row.getLong(TableFitter.HASH);
    }
}
