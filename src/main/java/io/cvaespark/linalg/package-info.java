/**
 * Float32 row-major matrices, native BLAS, vectorised elementwise math, counter-based noise and exact sums: the arithmetic of
 * layers, likelihoods and optimisers. This is the only package that sees netlib and OpenBLAS.
 *
 * <p>Two rules keep results the same to the bit: only level-3 BLAS is called, and every other operation is made of IEEE
 * basic operations in one fixed order, whatever the width of the processor's vectors.
 */
@NullMarked
package io.cvaespark.linalg;

import org.jspecify.annotations.NullMarked;
