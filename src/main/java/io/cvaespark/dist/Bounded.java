package io.cvaespark.dist;

/** Limits parameters before they are exponentiated to ± a bound, with a gradient that still allows them to return. */
final class Bounded {
    private Bounded() {}

    /** v, limited to ±{@code bound}. */
    static double value(double v, double bound) {
        return Math.min(Math.max(v, -bound), bound);
    }

    /** ∂L/∂v: 0 if v is beyond the bound and a descent step would move it further out, else {@code gradient}. */
    static double gradient(double v, double bound, double gradient) {
        boolean outwards = (v > bound && gradient < 0) || (v < -bound && gradient > 0);
        return outwards ? 0 : gradient;
    }
}
