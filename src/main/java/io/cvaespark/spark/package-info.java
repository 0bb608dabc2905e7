/**
 * Spark: the estimator {@link io.cvaespark.spark.Cvae} and its {@link io.cvaespark.spark.CvaeModel}, sharding, distributed
 * steps, sampling, evaluation.
 *
 * <p>The way of the data: {@code TableFitter} learns the schema in one pass, {@code ShardedTable} encodes the rows once,
 * puts them into their canonical order and deals them to shards, {@code DriverExchange} runs the steps over them, {@code
 * Training} ties these together, {@code RowInference} computes with a finished model row by row.
 */
@NullMarked
package io.cvaespark.spark;

import org.jspecify.annotations.NullMarked;
