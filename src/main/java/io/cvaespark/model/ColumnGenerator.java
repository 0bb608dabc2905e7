package io.cvaespark.model;

import io.cvaespark.data.AllowedCodes;
import io.cvaespark.dist.Likelihood;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Autoregressive;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.Network;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Generates x column by column with an autoregressive decoder.
 *
 * <p>The parts of bins are generated after all columns, each from all codes and from the parts before it.
 *
 * <p>Some columns may be given, or restricted to some of their values. With any order the given columns come first, then those that
 * are restricted, and the others are generated from them: x_j ~ p(x_j | z, c, columns before). With a fixed order the given and the
 * restricted columns must be the first of this order, since p(x_j | later columns) is not what was learned. So rows follow p(x | what
 * is given) without any rejection, as long as at most one column is restricted.
 */
final class ColumnGenerator {
    private final Autoregressive layer;
    private final int offset;
    private final List<Integer> order;
    /** The columns of the order that have bins. */
    private final List<Integer> binned;

    private final List<Likelihood> likelihoods;
    private final int width;

    /** @param decoder a network of one autoregressive layer */
    ColumnGenerator(Architecture architecture, Network decoder) {
        AutoregressiveSpec spec = architecture.autoregressive();
        if (spec == null) {
            throw new IllegalArgumentException("This decoder generates all columns at once");
        }
        this.layer = (Autoregressive) decoder.layers().get(0);
        this.offset = decoder.offset();
        this.order = spec.order();
        List<LikelihoodSpec> fields = architecture.fields();
        this.binned = IntStream.range(0, order.size())
                .filter(j -> fields.get(order.get(j)).partCount() > 0)
                .boxed()
                .toList();
        this.likelihoods = architecture.fields().stream().map(Likelihoods::of).toList();
        this.width = architecture.targetWidth();
    }

    /**
     * Generates rows.
     *
     * @param input [z | c], [B×G] or wider
     * @param allowed what may be generated, by the index of a column; nothing for a column of which all is allowed
     * @param keys noise of each row; null: each column gets its likelihood's mean, or its most probable level
     * @return x, [B×X]
     */
    Matrix generate(
            float[] parameters,
            Matrix input,
            Map<Integer, AllowedCodes> allowed,
            long @Nullable [] keys,
            Workspace workspace) {
        Matrix x = workspace.matrix(input.rows(), width);
        Autoregressive.Generation generation = layer.new Generation(parameters, offset, input, workspace);
        long[] ofColumn = new long[input.rows()];
        int mark = workspace.mark();
        for (int j : sequence(allowed)) {
            workspace.release(mark);
            int field = order.get(j);
            Matrix own = floatsOf(x, j);
            AllowedCodes some = allowed.get(field);
            if (some != null && some.isOneValue()) {
                fill(own, some);
            } else {
                Matrix eta = generation.eta(j);
                if (some != null) {
                    restrict(eta, some.logShares());
                }
                if (keys == null) {
                    likelihoods.get(field).mean(eta, own, workspace);
                } else {
                    mix(keys, field, ofColumn);
                    likelihoods.get(field).draw(eta, ofColumn, own, workspace);
                }
            }
            generation.see(j, x);
        }
        if (keys != null) {
            parts(generation, x, allowed, keys, workspace);
        }
        return x;
    }

    /** Generates the parts of bins: a part that is given stays. */
    private void parts(
            Autoregressive.Generation generation,
            Matrix x,
            Map<Integer, AllowedCodes> allowed,
            long[] keys,
            Workspace workspace) {
        long[] ofColumn = new long[x.rows()];
        int mark = workspace.mark();
        for (int i : partSequence(allowed)) {
            workspace.release(mark);
            int j = binned.get(i);
            int field = order.get(j);
            AllowedCodes some = allowed.get(field);
            if (some == null || !some.isOneValue()) {
                Matrix own = floatsOf(x, j);
                Matrix eta = generation.eta(order.size() + i);
                if (some != null) {
                    restrictParts(own, eta, some);
                }
                mix(keys, field, ofColumn);
                likelihoods.get(field).drawPart(eta, ofColumn, own, workspace);
                if (some != null) {
                    place(own, eta.cols(), some);
                }
            }
            generation.see(order.size() + i, x);
        }
    }

    private Matrix floatsOf(Matrix x, int j) {
        Autoregressive.Column column = layer.columns().get(j);
        return x.columns(column.at(), column.at() + column.width());
    }

    private static void mix(long[] keys, int field, long[] ofColumn) {
        for (int r = 0; r < ofColumn.length; r++) {
            ofColumn[r] = Noise.mix(keys[r] ^ field);
        }
    }

    /** The columns in the order in which they are generated: with any order, what is given comes first, then what is restricted. */
    private List<Integer> sequence(Map<Integer, AllowedCodes> allowed) {
        return sequence(order.size(), allowed, order::get);
    }

    /** The same for the parts: indices of {@link #binned}. */
    private List<Integer> partSequence(Map<Integer, AllowedCodes> allowed) {
        return sequence(binned.size(), allowed, i -> order.get(binned.get(i)));
    }

    private List<Integer> sequence(int n, Map<Integer, AllowedCodes> allowed, IntUnaryOperator field) {
        List<Integer> sequence = new ArrayList<>();
        for (int j = 0; j < n; j++) {
            sequence.add(j);
        }
        if (layer.anyOrder()) {
            sequence.sort(Comparator.comparingInt(j -> {
                AllowedCodes some = allowed.get(field.applyAsInt(j));
                return some == null || !some.given() ? 2 : some.isOneValue() ? 0 : 1;
            }));
        }
        return sequence;
    }

    private static void fill(Matrix own, AllowedCodes one) {
        float[] value = Objects.requireNonNull(one.value());
        for (int r = 0; r < own.rows(); r++) {
            for (int i = 0; i < own.cols(); i++) {
                own.set(r, i, value[i]);
            }
        }
    }

    /** Takes away what is not allowed of p(x_j | …). */
    private static void restrict(Matrix eta, float[] logShares) {
        for (int r = 0; r < eta.rows(); r++) {
            for (int k = 0; k < eta.cols(); k++) {
                eta.set(r, k, eta.get(r, k) + logShares[k]);
            }
        }
    }

    /** Takes away the parts that lie outside what is allowed of each row's bin, and the outer shares of the others. */
    private static void restrictParts(Matrix own, Matrix eta, AllowedCodes some) {
        int parts = eta.cols();
        for (int r = 0; r < eta.rows(); r++) {
            int code = Math.round(own.get(r, 0));
            for (int p = 0; own.get(r, 1) >= 0 && p < parts; p++) {
                double share = Math.min(some.to()[code] * (double) parts, p + 1)
                        - Math.max(some.from()[code] * (double) parts, p);
                eta.set(r, p, eta.get(r, p) + (share > 0 ? (float) StrictMath.log(share) : Float.NEGATIVE_INFINITY));
            }
        }
    }

    /** Moves the positions into what is allowed of their parts. */
    private static void place(Matrix own, int parts, AllowedCodes some) {
        for (int r = 0; r < own.rows(); r++) {
            if (own.get(r, 1) >= 0) {
                int code = Math.round(own.get(r, 0));
                float from = Math.max(some.from()[code] * parts - own.get(r, 1), 0f);
                float to = Math.min(some.to()[code] * parts - own.get(r, 1), 1f);
                own.set(r, 2, from + own.get(r, 2) * (to - from));
            }
        }
    }
}
