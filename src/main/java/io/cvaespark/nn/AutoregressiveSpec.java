package io.cvaespark.nn;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;

/**
 * A description of an {@link Autoregressive} decoder.
 *
 * @param embedding the widest vector of a code; a column of fewer codes has one more than it has codes
 * @param headWidth the hidden units of a head are this times ln K, rounded, at least this
 * @param order the indices of the columns in the order in which they are generated
 * @param anyOrder true if any columns may be given, and the others are generated from them
 */
public record AutoregressiveSpec(int embedding, int headWidth, List<Integer> order, boolean anyOrder)
        implements Serializable {
    private static final double AT_LEAST = Math.E;

    public AutoregressiveSpec {
        order = List.copyOf(order);
        if (embedding < 1 || headWidth < 1) {
            throw new IllegalArgumentException("model.embedding and model.headWidth must be at least 1, found %s and %s"
                    .formatted(embedding, headWidth));
        }
        if (!order.stream().sorted().toList().equals(indices(order.size()))) {
            throw new IllegalArgumentException("An order names each column once, found " + order);
        }
    }

    private static List<Integer> indices(int n) {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            indices.add(i);
        }
        return indices;
    }

    /**
     * A column of a row.
     *
     * @param width its floats in x
     * @param codes K; 0 if it has no codes
     * @param etaWidth its parameters in η
     */
    public record Site(int width, int codes, int etaWidth) {}

    /**
     * The columns in the order in which they are generated.
     *
     * @param sites in the order of x and η
     */
    List<Autoregressive.Column> columns(List<Site> sites) {
        List<Autoregressive.Column> inPlace = new ArrayList<>();
        int at = 0;
        int etaAt = 0;
        for (Site site : sites) {
            int width = site.codes() > 0 ? Math.min(embedding, site.codes() + 1) : 0;
            double choices = Math.max(site.codes(), AT_LEAST);
            int hidden = headWidth * (int) Math.max(1, Math.round(StrictMath.log(choices)));
            inPlace.add(
                    new Autoregressive.Column(at, site.width(), site.codes(), width, etaAt, site.etaWidth(), hidden));
            at += site.width();
            etaAt += site.etaWidth();
        }
        return order.stream().map(inPlace::get).toList();
    }
}
