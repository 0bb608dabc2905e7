package io.cvaespark.optim;

/**
 * The global L2 norm of a gradient, summed so that it can be computed in slices: squared norms of fixed blocks of
 * {@value #BLOCK} values, added in index order.
 */
public final class GradientNorm {
    public static final int BLOCK = 4096;

    private GradientNorm() {}

    /** √Σ g². */
    public static double of(float[] gradient) {
        double sum = 0;
        for (int from = 0; from < gradient.length; from += BLOCK) {
            sum += squaredNorm(gradient, from, Math.min(from + BLOCK, gradient.length));
        }
        return Math.sqrt(sum);
    }

    /** Σ g² over one block. */
    public static double squaredNorm(float[] gradient, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) gradient[i] * gradient[i];
        }
        return sum;
    }
}
