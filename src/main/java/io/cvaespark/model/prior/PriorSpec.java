package io.cvaespark.model.prior;

import java.io.Serializable;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The distribution p(z|c), as data.
 *
 * @param type which
 * @param components K, the number of components of a mixture or of pseudo-inputs; 0 for the other types
 * @param weightsFromCondition true if a network of c gives a mixture's weights
 */
public record PriorSpec(Type type, int components, boolean weightsFromCondition) implements Serializable {

    /** The kinds of prior. */
    public enum Type {
        /** There is no distribution over z. */
        NONE(null, true, false),
        /** N(0, I). */
        STANDARD(GaussianPrior::new, true, false),
        /** N(μ(c), σ²(c)) by a network. */
        LEARNED(GaussianPrior::new, true, true),
        /** Σ_k π_k N(μ_k, σ_k²), learned; π is fixed, learned, or a network of c. */
        MIXTURE(MixturePrior::new, false, false),
        /** 1/K Σ_k q(z|u_k) with learned pseudo-inputs u_k (Tomczak and Welling 2018). */
        VAMP(MixturePrior::new, false, false);

        private final Prior.@Nullable Factory factory;
        private final boolean gaussian;
        private final boolean seesCondition;

        Type(Prior.@Nullable Factory factory, boolean gaussian, boolean seesCondition) {
            this.factory = factory;
            this.gaussian = gaussian;
            this.seesCondition = seesCondition;
        }

        /** The types that a model with a distribution over z can have. */
        public static List<Type> ofModels() {
            return List.of(STANDARD, LEARNED, MIXTURE, VAMP);
        }

        /** True if the prior is a mixture of K components, K being a setting. */
        public boolean mixes() {
            return !gaussian;
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PriorSpec {
        if (type.mixes() ? components < 1 : components != 0) {
            throw new IllegalArgumentException("A %s prior has %s components, found %s"
                    .formatted(type, type.mixes() ? "at least 1" : "no", components));
        }
        if (weightsFromCondition && type != Type.MIXTURE) {
            throw new IllegalArgumentException("Weights from the condition belong to a mixture, not to a " + type);
        }
    }

    /** A prior without components. */
    public static PriorSpec of(Type type) {
        return new PriorSpec(type, 0, false);
    }

    /** True if p(z|c) is a Gaussian for each c, so that its KL divergence from another Gaussian has a closed form. */
    public boolean hasClosedFormKl() {
        return type.gaussian;
    }

    /** True if p(z|c) depends on c. */
    public boolean seesCondition() {
        return type.seesCondition || weightsFromCondition;
    }

    /** The prior for a model; null for {@link Type#NONE}. */
    public @Nullable Prior create(Prior.Site site) {
        return type.factory == null ? null : type.factory.create(this, site);
    }
}
