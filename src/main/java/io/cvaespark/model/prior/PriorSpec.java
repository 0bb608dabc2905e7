package io.cvaespark.model.prior;

import java.io.Serializable;
import java.util.Locale;

/**
 * The distribution p(z|c), as data.
 *
 * @param type which
 * @param components K of a mixture or of pseudo-inputs; 0 elsewhere
 * @param weightsFromCondition whether a mixture's weights are a network of c
 */
public record PriorSpec(Type type, int components, boolean weightsFromCondition) implements Serializable {

    /** The kinds of prior. */
    public enum Type {
        /** There is no distribution over z. */
        NONE,
        /** N(0, I). */
        STANDARD,
        /** N(μ(c), σ²(c)) by a network. */
        LEARNED,
        /** Σ_k π_k N(μ_k, σ_k²), learned; π is fixed, learned, or a network of c. */
        MIXTURE,
        /** 1/K Σ_k q(z|u_k) with learned pseudo-inputs u_k (Tomczak and Welling 2018). */
        VAMP;

        /** The type called {@code name} in job files; throws naming the known ones. */
        public static Type of(String name) {
            for (Type type : values()) {
                if (type != NONE && type.toString().equals(name)) {
                    return type;
                }
            }
            throw new IllegalArgumentException(
                    "Unknown prior '%s'; known: standard, learned, mixture, vamp".formatted(name));
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PriorSpec {
        boolean mixes = type == Type.MIXTURE || type == Type.VAMP;
        if (mixes ? components < 1 : components != 0) {
            throw new IllegalArgumentException(
                    "A %s prior has %s components, found %s".formatted(type, mixes ? "at least 1" : "no", components));
        }
        if (weightsFromCondition && type != Type.MIXTURE) {
            throw new IllegalArgumentException("Weights from the condition belong to a mixture, not to a " + type);
        }
    }

    /** A prior without components. */
    public static PriorSpec of(Type type) {
        return new PriorSpec(type, 0, false);
    }
}
