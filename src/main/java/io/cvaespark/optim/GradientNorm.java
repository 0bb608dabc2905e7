package io.cvaespark.optim;

/**
 * The global L2 norm of a gradient, which can be computed in slices: the squared norms of fixed blocks of {@value
 * #BLOCK} values are added in the order of their index.
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

    /** Returns the norm from the squared norms of all blocks in the order of their index. */
    public static double ofBlocks(double[] squaredNorms) {
        double sum = 0;
        for (double block : squaredNorms) {
            sum += block;
        }
        return Math.sqrt(sum);
    }

    /** The number of blocks in {@code length} values; the last block may be shorter. */
    public static int blocks(int length) {
        return length / BLOCK + (length % BLOCK == 0 ? 0 : 1);
    }

    /** Returns Σ g² of one block. */
    public static double squaredNorm(float[] gradient, int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += (double) gradient[i] * gradient[i];
        }
        return sum;
    }
}
