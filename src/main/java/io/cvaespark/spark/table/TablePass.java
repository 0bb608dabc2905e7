package io.cvaespark.spark.table;

import io.cvaespark.data.ColumnSummary;
import io.cvaespark.linalg.Noise;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.catalyst.InternalRow;

/** What is learnt of the table's rows in one pass; merging is exact. */
final class TablePass implements Serializable {
    final List<ColumnSummary> columns;
    /** Rows of each bin that has any. */
    final Map<Integer, Long> counts = new HashMap<>();

    long badWeights;
    long fingerprint;

    TablePass(List<ColumnSummary> columns) {
        this.columns = columns;
    }

    TablePass fresh() {
        return new TablePass(columns.stream().map(ColumnSummary::empty).toList());
    }

    /** Learns from a bin of training rows or of held-out ones. */
    TablePass scan(int bin, Iterator<InternalRow> rows, boolean validation, List<Boolean> arrays) {
        double[] buffer = new double[1];
        long count = 0;
        while (rows.hasNext()) {
            InternalRow row = rows.next();
            long hash = row.getLong(TableFitter.HASH);
            count++;
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
        if (count > 0) {
            counts.merge(bin, count, Long::sum);
        }
        return this;
    }

    /** The number of rows of every bin. */
    RowCounts rowCounts(int ranges) {
        long[] all = new long[ranges * TableRows.Kind.values().length];
        counts.forEach((bin, count) -> all[bin] = count);
        return new RowCounts(all);
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
        other.counts.forEach((bin, count) -> counts.merge(bin, count, Long::sum));
        badWeights += other.badWeights;
        fingerprint += other.fingerprint;
        return this;
    }
}
