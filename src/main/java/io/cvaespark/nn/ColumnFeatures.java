package io.cvaespark.nn;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
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
    private static final double HALF = 0.5;

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

    /**
     * Embeddings are uniform in ±1/√K: those of N(0, 1) fit the training rows too closely sooner. Those of numbers begin as cosines of
     * their rank, e_ki = cos(π·i·(rank_k + ½)/K)/2i for i = 1, 2, …: numbers near each other begin as alike, and need not be learned
     * one by one.
     */
    void initialize(long seed, float[] parameters) {
        for (int j = 0; j < columns.size(); j++) {
            Autoregressive.Column column = columns.get(j);
            int at = tables[j];
            long key = Noise.key(seed, Noise.Purpose.INITIALIZATION, 0, at, 0);
            double bound = column.codes() == 0 ? 0 : 1 / Math.sqrt(column.codes());
            for (int i = 0; i < column.tableSize(); i++) {
                parameters[at + i] = (float) (bound * (2.0 * Noise.uniform(key, i) - 1));
            }
            for (int code = 0; code < column.ranks().size(); code++) {
                for (int i = 1; i <= column.embedding(); i++) {
                    double angle = Math.PI
                            * i
                            * (column.ranks().get(code) + HALF)
                            / column.ranks().size();
                    parameters[at + code * column.embedding() + i - 1] = (float) (StrictMath.cos(angle) * HALF / i);
                }
            }
        }
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

    /**
     * The features without those of the columns that come after column {@code j}, and without its own.
     *
     * @param places of each column in the order of each row, [B][J]
     */
    Matrix before(int j, int[][] places, Matrix features, Workspace workspace) {
        Matrix seen = workspace.matrix(features.rows(), features.cols());
        seen.copyFrom(features);
        for (int r = 0; r < seen.rows(); r++) {
            for (int i = 0; i < columns.size(); i++) {
                if (places[r][i] >= places[r][j]) {
                    clear(i, seen, r);
                }
            }
        }
        return seen;
    }

    /** Makes the gradient of the features of columns that a head did not see 0. */
    void hideUnknown(Matrix seen, Matrix gradient) {
        int firstBit = at(columns.size());
        for (int r = 0; r < seen.rows(); r++) {
            for (int i = 0; i < columns.size(); i++) {
                if (seen.get(r, firstBit + i) == 0f) {
                    clear(i, gradient, r);
                }
            }
        }
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
