package io.cvaespark.model;

import java.io.Serializable;
import java.util.Locale;

/**
 * What training minimises, as data.
 *
 * @param type the bound: {@code elbo}, or {@code iwae} with its importance-weighted draws
 * @param draws of z per row: averaged by the ELBO (L of Kingma and Welling 2014), weighted by IWAE (K of Burda et al. 2016)
 * @param alpha of cvae-3, share of the ELBO in the hybrid objective; of m2, weight of −log q(c|x) of the labelled rows
 */
public record ObjectiveSpec(Type type, int draws, double alpha) implements Serializable {
    /** The ELBO with one draw. */
    public static final ObjectiveSpec ELBO = new ObjectiveSpec(Type.ELBO, 1, 1);

    /** A bound on log p(x|c). */
    public enum Type {
        ELBO,
        /** The ELBO with its KL estimated by the draws. */
        ELBO_MONTE_CARLO,
        IWAE;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    public ObjectiveSpec {
        if (draws < 1) {
            throw new IllegalArgumentException("samplesPerRow must be at least 1, found " + draws);
        }
        if (!(alpha >= 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha must be a number of at least 0, found " + alpha);
        }
    }
}
