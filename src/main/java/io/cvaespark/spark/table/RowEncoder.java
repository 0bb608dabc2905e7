package io.cvaespark.spark.table;

import io.cvaespark.data.TableSchema;
import org.apache.spark.sql.catalyst.InternalRow;

/** Encodes the rows of {@link TableRows} into [targets | conditions]. Not safe for use by several threads. */
public final class RowEncoder {
    private final Cells targets;
    private final Cells conditions;
    private final int targetWidth;

    /**
     * @param unknownConditions whether a condition may be null: it becomes zeros
     */
    public RowEncoder(TableSchema schema, boolean unknownConditions) {
        this.targets = Cells.ofTargets(schema.targets(), TableFitter.FIRST_CELL);
        this.conditions = Cells.ofConditions(
                schema.conditions(), TableFitter.FIRST_CELL + schema.targets().size(), unknownConditions);
        this.targetWidth = schema.targetWidth();
    }

    /** Writes the row's floats to {@code out} from {@code offset} on. */
    public void encode(InternalRow row, float[] out, int offset) {
        Cells.CellReader cells = new Cells.Internal(row);
        targets.encode(cells, out, offset);
        conditions.encode(cells, out, offset + targetWidth);
    }

    /** The row's hash, which keys its noise where it is not trained on. */
    public static long hash(InternalRow row) {
        return row.getLong(TableFitter.HASH);
    }

    public static float weight(InternalRow row) {
        return (float) row.getDouble(TableFitter.WEIGHT);
    }
}
