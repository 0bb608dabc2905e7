/**
 * What a program calls: the estimator {@link io.cvaespark.spark.Cvae}, its {@link io.cvaespark.spark.CvaeModel}, their params,
 * which follow from the keys of the job file, an evaluator and the summary of a training.
 *
 * <p>The packages below do the work, each with one responsibility: {@code table} (cells to floats and back), {@code shards}
 * (which worker holds which rows), {@code exchange} (how gradients are added up), {@code inference} (a trained model over rows),
 * {@code training} (the way from a DataFrame to a trained model), {@code bench}, {@code datasets}, and {@code internal} (what
 * Spark keeps to itself).
 */
@NullMarked
package io.cvaespark.spark;

import org.jspecify.annotations.NullMarked;
