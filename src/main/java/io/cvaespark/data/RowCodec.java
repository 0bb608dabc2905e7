package io.cvaespark.data;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Encodes rows of plain Java values ({@link CellForm}) into the floats of some columns, one after the other, and decodes them.
 *
 * <p>All that depends on the columns alone is prepared once. Not safe for use by several threads.
 */
public final class RowCodec {
    /** What a missing cell becomes: NaN, 0, or an error. */
    private enum Missing {
        NAN,
        ZERO,
        REFUSED
    }

    private final List<Field> fields;
    private final Missing missing;
    private final CellForm[] forms;
    private final int[] widths;
    /** The code of an empty cell; −1 where there is none. */
    private final int[] missingCodes;

    private final ColumnKind.CellEncoder[] encoders;
    private final ColumnKind.CellDecoder[] decoders;

    /** A row's cells by the place of their column. */
    public interface Cells {
        /** The plain value of the form that the column has; null where it is not known. */
        @Nullable
        Object cell(int place, CellForm form);
    }

    private RowCodec(List<Field> fields, Missing missing) {
        this.fields = List.copyOf(fields);
        this.missing = missing;
        this.forms = new CellForm[fields.size()];
        this.widths = new int[fields.size()];
        this.missingCodes = new int[fields.size()];
        this.encoders = new ColumnKind.CellEncoder[fields.size()];
        this.decoders = new ColumnKind.CellDecoder[fields.size()];
        for (int f = 0; f < forms.length; f++) {
            Field field = fields.get(f).ofPresentCells();
            forms[f] = field.form();
            widths[f] = field.codec().width();
            missingCodes[f] = fields.get(f).missingCode();
            encoders[f] = field.type().kind().encoder(field);
            decoders[f] = field.type().kind().decoder(field);
        }
    }

    /** Targets: a null cell, or an unknown number in a vector, becomes NaN. */
    public static RowCodec ofTargets(List<Field> fields) {
        return new RowCodec(fields, Missing.NAN);
    }

    /**
     * Conditions: none may be null.
     *
     * @param mayBeUnknown but in semi-supervised learning, where a null class becomes zeros
     */
    public static RowCodec ofConditions(List<Field> fields, boolean mayBeUnknown) {
        return new RowCodec(fields, mayBeUnknown ? Missing.ZERO : Missing.REFUSED);
    }

    /** Number of columns. */
    public int size() {
        return forms.length;
    }

    /** Writes the row's floats to {@code out}; throws naming the column for what cannot be. */
    public void encode(Cells row, float[] out, int offset) {
        int at = offset;
        for (int f = 0; f < forms.length; f++) {
            Object cell = row.cell(f, forms[f]);
            if (cell == null && missingCodes[f] >= 0) {
                Arrays.fill(out, at, at + widths[f], 0f);
                out[at] = missingCodes[f];
            } else if (cell == null) {
                Arrays.fill(out, at, at + widths[f], Float.NaN);
                replaceMissing(f, out, at);
            } else if (!encoders[f].encode(cell, out, at)) {
                replaceMissing(f, out, at);
            }
            at += widths[f];
        }
    }

    private void replaceMissing(int f, float[] out, int at) {
        if (missing == Missing.REFUSED) {
            throw new ColumnKind.InvalidCellException(
                    "Condition column '%s' has a null. Filter these rows out or fill them in"
                            .formatted(fields.get(f).column()));
        }
        for (int j = at; missing == Missing.ZERO && j < at + widths[f]; j++) {
            out[j] = Float.isNaN(out[j]) ? 0f : out[j];
        }
    }

    /** Writes the plain values of a row's floats to {@code out[at .. at + size)}. */
    public void decode(float[] values, int offset, @Nullable Object[] out, int at) {
        int from = offset;
        for (int f = 0; f < forms.length; f++) {
            boolean empty = missingCodes[f] >= 0 && Math.round(values[from]) == missingCodes[f];
            out[at + f] = empty ? null : decoders[f].decode(values, from);
            from += widths[f];
        }
    }
}
