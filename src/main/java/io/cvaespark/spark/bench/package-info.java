/** Benchmarks that run on Spark: the rate of training steps, and the time of the exchange alone. */
@NullMarked
package io.cvaespark.spark.bench;

import org.jspecify.annotations.NullMarked;
