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
        double[] blocks = new double[blocks(gradient.length)];
        for (int b = 0; b < blocks.length; b++) {
            blocks[b] = squaredNorm(gradient, b * BLOCK, Math.min((b + 1) * BLOCK, gradient.length));
        }
        return ofBlocks(blocks);
    }

    /** The norm from the squared norms of all blocks, in index order. */
    public static double ofBlocks(double[] squaredNorms) {
        double sum = 0;
        for (double block : squaredNorms) {
            sum += block;
        }
        return Math.sqrt(sum);
    }

    /** How many blocks {@code length} values make, the last perhaps shorter. */
    public static int blocks(int length) {
        return length / BLOCK + (length % BLOCK == 0 ? 0 : 1);
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
