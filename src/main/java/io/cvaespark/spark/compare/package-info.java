/**
 * How alike a real and a synthetic table are: the shapes of columns, the trends of pairs, detection, utility, pairs of values
 * that never occur together in the real rows, and copies.
 *
 * <p>Everything is computed by Spark on all rows; the driver sees aggregates only. {@code Comparer} is the way in, {@code
 * Comparison} the result. In the code n₀, n₁ and n₂ are counts in the real, the synthetic and the held-out rows.
 */
@NullMarked
package io.cvaespark.spark.compare;

import org.jspecify.annotations.NullMarked;
