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
     * @param parts P, of its bins; the part is the second of its floats, and its parameters are the last of η; 0 if it has no bins
     * @param etaWidth its parameters in η
     * @param ranks the place of each code among the numbers that codes stand for; empty if they have no order
     */
    public record Site(int width, int codes, int parts, int etaWidth, List<Integer> ranks) {}

    /**
     * The columns in the order in which they are generated; then the parts of their bins, in the same order.
     *
     * <p>The part of a bin says little of other columns, but is told by the values of all of them: so it comes last.
     *
     * @param sites in the order of x and η
     */
    List<Autoregressive.Column> columns(List<Site> sites) {
        Autoregressive.Column[] inPlace = new Autoregressive.Column[sites.size()];
        Autoregressive.Column[] parts = new Autoregressive.Column[sites.size()];
        int at = 0;
        int etaAt = 0;
        for (int i = 0; i < inPlace.length; i++) {
            Site site = sites.get(i);
            int own = site.etaWidth() - site.parts();
            inPlace[i] = column(at, site.width(), site.codes(), etaAt, own, site.ranks(), false);
            if (site.parts() > 0) {
                parts[i] = column(at + 1, 1, site.parts(), etaAt + own, site.parts(), indices(site.parts()), true);
            }
            at += site.width();
            etaAt += site.etaWidth();
        }
        List<Autoregressive.Column> columns = new ArrayList<>();
        order.forEach(i -> columns.add(inPlace[i]));
        order.stream().filter(i -> sites.get(i).parts() > 0).forEach(i -> columns.add(parts[i]));
        if (!anyOrder) {
            columns.set(columns.size() - 1, columns.get(columns.size() - 1).unseen());
        }
        return columns;
    }

    private Autoregressive.Column column(
            int at, int width, int codes, int etaAt, int etaWidth, List<Integer> ranks, boolean late) {
        int vector = codes > 0 ? Math.min(embedding, codes + 1) : 0;
        int hidden = headWidth * (int) Math.max(1, Math.round(StrictMath.log(Math.max(codes, AT_LEAST))));
        return new Autoregressive.Column(at, width, codes, vector, etaAt, etaWidth, hidden, ranks, late);
    }
}
