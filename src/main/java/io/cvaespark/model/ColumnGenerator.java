package io.cvaespark.model;

import io.cvaespark.data.AllowedCodes;
import io.cvaespark.dist.Likelihood;
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
import org.jspecify.annotations.Nullable;

/**
 * Generates x column by column with an autoregressive decoder.
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
            Autoregressive.Column column = layer.columns().get(j);
            Matrix own = x.columns(column.at(), column.at() + column.width());
            AllowedCodes some = allowed.get(field);
            if (some != null && some.isOneValue()) {
                fill(own, some);
            } else {
                Matrix eta = generation.eta(j);
                if (some != null) {
                    restrict(eta, some);
                }
                if (keys == null) {
                    likelihoods.get(field).mean(eta, own, workspace);
                } else {
                    for (int r = 0; r < ofColumn.length; r++) {
                        ofColumn[r] = Noise.mix(keys[r] ^ field);
                    }
                    likelihoods.get(field).draw(eta, ofColumn, own, workspace);
                }
                if (some != null && own.cols() > 1) {
                    place(own, some);
                }
            }
            generation.see(j, x);
        }
        return x;
    }

    /** The columns in the order in which they are generated: with any order, what is given comes first, then what is restricted. */
    private List<Integer> sequence(Map<Integer, AllowedCodes> allowed) {
        List<Integer> sequence = new ArrayList<>();
        for (int j = 0; j < order.size(); j++) {
            sequence.add(j);
        }
        if (layer.anyOrder()) {
            sequence.sort(Comparator.comparingInt(j -> {
                AllowedCodes some = allowed.get(order.get(j));
                return some == null || !some.given() ? 2 : some.isOneValue() ? 0 : 1;
            }));
        }
        return sequence;
    }

    private static void fill(Matrix own, AllowedCodes one) {
        int code = one.only();
        for (int r = 0; r < own.rows(); r++) {
            own.set(r, 0, code);
            if (own.cols() > 1) {
                own.set(r, 1, one.from()[code]);
            }
        }
    }

    /** Takes away what is not allowed of p(x_j | …). */
    private static void restrict(Matrix eta, AllowedCodes some) {
        for (int r = 0; r < eta.rows(); r++) {
            for (int k = 0; k < eta.cols(); k++) {
                eta.set(r, k, eta.get(r, k) + some.logShares()[k]);
            }
        }
    }

    /** Moves the positions into the allowed part of their codes. */
    private static void place(Matrix own, AllowedCodes some) {
        for (int r = 0; r < own.rows(); r++) {
            int code = Math.round(own.get(r, 0));
            float from = some.from()[code];
            own.set(r, 1, from + own.get(r, 1) * (some.to()[code] - from));
        }
    }
}
