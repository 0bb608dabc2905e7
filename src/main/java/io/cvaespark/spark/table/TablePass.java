package io.cvaespark.spark.table;

import io.cvaespark.data.CellForm;
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
    /** Products of larger weights with gradients are no floats. */
    static final double LARGEST_WEIGHT = 1e12;

    final List<ColumnSummary> columns;
    private final List<CellForm> forms;
    /** The number of rows of each bin that has any, and the sums of their mixed hashes. */
    private final Map<Integer, Long> counts = new HashMap<>();

    private final Map<Integer, Long> sums = new HashMap<>();

    long badWeights;
    /** True if a training row, or a held-out one, has a weight above 0. */
    boolean trainingWithWeight;

    boolean heldOutWithWeight;
    long fingerprint;

    /** @param forms of the cells of the columns */
    TablePass(List<ColumnSummary> columns, List<CellForm> forms) {
        this.columns = columns;
        this.forms = forms;
    }

    TablePass fresh() {
        return new TablePass(columns.stream().map(ColumnSummary::empty).toList(), forms);
    }

    /** Learns from a bin of training rows or of held-out ones. */
    TablePass scan(int bin, Iterator<InternalRow> rows, boolean validation) {
        long count = 0;
        long sum = 0;
        while (rows.hasNext()) {
            InternalRow row = rows.next();
            Cells.CellReader cells = new Cells.Internal(row);
            long hash = row.getLong(TableFitter.HASH);
            count++;
            sum += RowCounts.mixed(hash);
            double weight = row.isNullAt(TableFitter.WEIGHT) ? Double.NaN : row.getDouble(TableFitter.WEIGHT);
            if (!(weight >= 0 && weight <= LARGEST_WEIGHT)) {
                badWeights++;
            }
            if (weight > 0) {
                heldOutWithWeight |= validation;
                trainingWithWeight |= !validation;
            }
            fingerprint += Noise.mix(hash ^ (validation ? 1 : 0)) ^ Double.doubleToLongBits(weight);
            for (int i = 0; i < columns.size(); i++) {
                Object cell = cells.cell(TableFitter.FIRST_CELL + i, forms.get(i));
                columns.get(i).add(cell, !validation && weight > 0, hash, () -> text(cells));
            }
        }
        if (count > 0) {
            counts.merge(bin, count, Long::sum);
            sums.merge(bin, sum, Long::sum);
        }
        return this;
    }

    /** Counts a bin of rows of which nothing is learnt. */
    void count(int bin, Iterator<InternalRow> rows) {
        long count = 0;
        for (; rows.hasNext(); count++) {
            rows.next();
        }
        if (count > 0) {
            counts.merge(bin, count, Long::sum);
        }
    }

    /** The number of rows of every bin. */
    RowCounts rowCounts(int ranges) {
        long[] all = new long[ranges * TableRows.Kind.values().length];
        long[] allSums = new long[all.length];
        counts.forEach((bin, count) -> all[bin] = count);
        sums.forEach((bin, sum) -> allSums[bin] = sum);
        return new RowCounts(all, allSums);
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
        other.counts.forEach((bin, count) -> counts.merge(bin, count, Long::sum));
        other.sums.forEach((bin, sum) -> sums.merge(bin, sum, Long::sum));
        badWeights += other.badWeights;
        trainingWithWeight |= other.trainingWithWeight;
        heldOutWithWeight |= other.heldOutWithWeight;
        fingerprint += other.fingerprint;
        return this;
    }
}
