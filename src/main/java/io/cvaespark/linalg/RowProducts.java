package io.cvaespark.linalg;

import java.util.Arrays;

/**
 * C ← A·Bᵀ, in which the bits of a row of C depend on the same row of A and on B alone: neither on the row's place nor on how many
 * rows there are.
 *
 * <p>The rows lie along the lanes of the vectors, and each element of C is one sum in the order of the columns. That reaches half of
 * what a library reaches in large products, and several times what it reaches in calls of few rows.
 */
record RowProducts(Elementwise math) {
    /** Rows that are turned at once; a multiple of two vectors of any processor. */
    private static final int BLOCK = 64;

    /** C ← A·Bᵀ for A [m×k], B [n×k], C [m×n]. */
    void multiplyTransposed(Matrix a, Matrix b, Matrix c) {
        int inputs = a.cols();
        int outputs = b.rows();
        float[] turned = new float[BLOCK * inputs];
        float[] products = new float[BLOCK * outputs];
        for (int from = 0; from < a.rows(); from += BLOCK) {
            int rows = Math.min(BLOCK, a.rows() - from);
            if (rows < BLOCK) {
                Arrays.fill(turned, 0f);
            }
            for (int r = 0; r < rows; r++) {
                int at = a.row(from + r);
                for (int i = 0; i < inputs; i++) {
                    turned[i * BLOCK + r] = a.data()[at + i];
                }
            }
            math.products(turned, BLOCK, inputs, b.data(), b.offset(), b.stride(), outputs, products);
            for (int r = 0; r < rows; r++) {
                int at = c.row(from + r);
                for (int o = 0; o < outputs; o++) {
                    c.data()[at + o] = products[o * BLOCK + r];
                }
            }
        }
    }
}
