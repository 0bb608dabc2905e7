package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.List;

/**
 * What the heads of an {@link Autoregressive} layer see of the columns: [first | e_1 | … | e_J], and with any order J bits more,
 * which say of each column whether it is known.
 *
 * @param columns in the order in which they are generated
 * @param starts the place of each column's features, and at the end that of the bits
 * @param tables the place of each column's embedding in the parameters
 * @param bits true if there are bits
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ColumnFeatures(List<Autoregressive.Column> columns, int[] starts, int[] tables, boolean bits) {

    /** The features of {@code columns} behind {@code first} floats. */
    static ColumnFeatures behind(int first, List<Autoregressive.Column> columns, int[] tables, boolean bits) {
        int[] starts = new int[columns.size() + 1];
        starts[0] = first;
        for (int j = 0; j < columns.size(); j++) {
            starts[j + 1] = starts[j] + columns.get(j).features();
        }
        return new ColumnFeatures(columns, starts, tables, bits);
    }

    /** The place of column {@code j}'s features; of {@code J}, the end of all. */
    int at(int j) {
        return starts[j];
    }

    /** The width of all features. */
    int width() {
        return at(columns.size()) + (bits ? columns.size() : 0);
    }

    /** What head {@code j} sees: the columns before it, or with bits all of them. */
    int widthOf(int j) {
        return bits ? width() : at(j);
    }

    /** Puts column {@code j} of row {@code r} of x into the features of row {@code r}; a column that is not known is 0. */
    void put(float[] parameters, int j, Matrix x, int r, Matrix features) {
        Autoregressive.Column column = columns.get(j);
        int from = x.row(r) + column.at();
        int to = features.row(r) + at(j);
        int code = column.codes() > 0 ? Math.round(x.data()[from]) : 0;
        if (code < 0) {
            clear(j, features, r);
            return;
        }
        if (column.codes() == 0) {
            System.arraycopy(x.data(), from, features.data(), to, column.width());
        } else {
            int row = tables[j] + Math.min(code, column.codes() - 1) * column.embedding();
            System.arraycopy(parameters, row, features.data(), to, column.embedding());
        }
        setBit(j, features, r, 1f);
    }

    /** Makes column {@code j} one that is not known. */
    void clear(int j, Matrix features, int r) {
        int to = features.row(r) + at(j);
        Arrays.fill(features.data(), to, to + columns.get(j).features(), 0f);
        setBit(j, features, r, 0f);
    }

    private void setBit(int j, Matrix features, int r, float value) {
        if (bits) {
            features.set(r, at(columns.size()) + j, value);
        }
    }

    /** Adds the gradient of the features of column {@code j} to that of its embedding, in the rows in which it is known. */
    void addToEmbedding(int j, Matrix x, Matrix features, Matrix featureGradient, float[] gradient) {
        Autoregressive.Column column = columns.get(j);
        int at = at(j);
        for (int r = 0; r < x.rows(); r++) {
            int code = Math.round(x.get(r, column.at()));
            if (code < 0 || (bits && features.get(r, at(columns.size()) + j) == 0f)) {
                continue;
            }
            int from = featureGradient.row(r) + at;
            int to = tables[j] + code * column.embedding();
            for (int i = 0; i < column.embedding(); i++) {
                gradient[to + i] += featureGradient.data()[from + i];
            }
        }
    }

    /**
     * The place of each column in an order that is drawn for a row, all orders equally likely in which the {@code late} last columns
     * come last.
     */
    static void drawPlaces(long key, int late, int[] places) {
        int first = places.length - late;
        for (int i = 0; i < places.length; i++) {
            int from = i < first ? 0 : first;
            int j = from + Noise.below(Noise.mix(key), i, i + 1 - from);
            places[i] = places[j];
            places[j] = i;
        }
    }
}
