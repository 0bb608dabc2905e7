package io.cvaespark.dist;

/** Parameters that are exponentiated are held within ± a bound, with a gradient that lets them come back. */
final class Bounded {
    private Bounded() {}

    /** v within ±{@code bound}. */
    static double value(double v, double bound) {
        return Math.min(Math.max(v, -bound), bound);
    }

    /** ∂L/∂v: zero beyond the bound where a step against it would lead further out. */
    static double gradient(double v, double bound, double gradient) {
        boolean outwards = (v > bound && gradient < 0) || (v < -bound && gradient > 0);
        return outwards ? 0 : gradient;
    }
}
