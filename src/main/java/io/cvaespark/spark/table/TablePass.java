package io.cvaespark.spark.table;

import io.cvaespark.data.CellForm;
import io.cvaespark.data.ColumnSummary;
import io.cvaespark.linalg.Noise;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** What one pass over the normalised table learns; merging is exact. */
final class TablePass implements Serializable {
    final List<ColumnSummary> columns;
    private final List<CellForm> forms;
    long trainingRows;
    long labelledRows;
    long validationRows;
    long badWeights;
    long fingerprint;

    /** @param forms of the cells of the columns */
    TablePass(List<ColumnSummary> columns, List<CellForm> forms) {
        this.columns = columns;
        this.forms = forms;
    }

    TablePass fresh() {
        return new TablePass(columns.stream().map(ColumnSummary::empty).toList(), forms);
    }

    TablePass scan(Iterator<InternalRow> rows, double fraction, int targets) {
        while (rows.hasNext()) {
            InternalRow row = rows.next();
            Cells.CellReader cells = new Cells.Internal(row);
            long hash = row.getLong(TableFitter.HASH);
            boolean validation = (!row.isNullAt(TableFitter.VALIDATION) && row.getBoolean(TableFitter.VALIDATION))
                    || TableFitter.heldOut(hash, fraction);
            if (validation) {
                validationRows++;
            } else {
                trainingRows++;
                labelledRows += hasNullFrom(row, TableFitter.FIRST_CELL + targets) ? 0 : 1;
            }
            double weight = row.isNullAt(TableFitter.WEIGHT) ? Double.NaN : row.getDouble(TableFitter.WEIGHT);
            if (!(weight >= 0 && Double.isFinite(weight))) {
                badWeights++;
            }
            fingerprint += Noise.mix(hash ^ (validation ? 1 : 0)) ^ Double.doubleToLongBits(weight);
            for (int i = 0; i < columns.size(); i++) {
                Object cell = cells.cell(TableFitter.FIRST_CELL + i, forms.get(i));
                columns.get(i).add(cell, !validation, hash, () -> text(cells));
            }
        }
        return this;
    }

    private static boolean hasNullFrom(InternalRow row, int ordinal) {
        for (int i = ordinal; i < row.numFields(); i++) {
            if (row.isNullAt(i)) {
                return true;
            }
        }
        return false;
    }

    private String text(Cells.CellReader row) {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < forms.size(); i++) {
            Object cell = row.cell(TableFitter.FIRST_CELL + i, forms.get(i));
            text.append(i == 0 ? "" : ", ");
            text.append(cell instanceof double[] vector ? "[" + vector.length + " values]" : cell);
        }
        return text.append(")").toString();
    }

    TablePass merge(TablePass other) {
        for (int i = 0; i < columns.size(); i++) {
            columns.get(i).merge(other.columns.get(i));
        }
        trainingRows += other.trainingRows;
        labelledRows += other.labelledRows;
        validationRows += other.validationRows;
        badWeights += other.badWeights;
        fingerprint += other.fingerprint;
        return this;
    }
}
