package io.cvaespark.spark.table;

import io.cvaespark.data.ColumnSummary;
import io.cvaespark.linalg.Noise;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;

/** What one pass over the normalised table learns; merging is exact. */
final class TablePass implements Serializable {
    final List<ColumnSummary> columns;
    long trainingRows;
    long labelledRows;
    long validationRows;
    long badWeights;
    long fingerprint;

    TablePass(List<ColumnSummary> columns) {
        this.columns = columns;
    }

    TablePass fresh() {
        return new TablePass(columns.stream().map(ColumnSummary::empty).toList());
    }

    TablePass scan(Iterator<InternalRow> rows, double fraction, List<Boolean> arrays, int targets) {
        double[] buffer = new double[1];
        while (rows.hasNext()) {
            InternalRow row = rows.next();
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
                int ordinal = TableFitter.FIRST_CELL + i;
                ColumnSummary column = columns.get(i);
                if (row.isNullAt(ordinal)) {
                    column.addNull(hash, text(row, arrays));
                } else if (column.hasLevels()) {
                    column.addLevel(row.getUTF8String(ordinal).toString());
                } else {
                    int length = 1;
                    if (arrays.get(i)) {
                        length = new Cells.Internal(row).array(ordinal, buffer);
                        if (length > buffer.length) {
                            buffer = new double[length];
                            new Cells.Internal(row).array(ordinal, buffer);
                        }
                    } else {
                        buffer[0] = row.getDouble(ordinal);
                    }
                    column.addNumbers(buffer, length, !validation, hash, () -> text(row, arrays));
                }
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

    private String text(InternalRow row, List<Boolean> arrays) {
        StringBuilder text = new StringBuilder("(");
        for (int i = 0; i < columns.size(); i++) {
            int ordinal = TableFitter.FIRST_CELL + i;
            text.append(i == 0 ? "" : ", ");
            if (row.isNullAt(ordinal)) {
                text.append("null");
            } else if (columns.get(i).hasLevels()) {
                text.append(row.getUTF8String(ordinal));
            } else if (arrays.get(i)) {
                text.append("[").append(row.getArray(ordinal).numElements()).append(" values]");
            } else {
                text.append(row.getDouble(ordinal));
            }
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
