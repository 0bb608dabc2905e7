/**
 * Spark: the estimator {@link io.cvaespark.spark.Cvae} and its {@link io.cvaespark.spark.CvaeModel}, sharding, distributed
 * steps, sampling, evaluation.
 *
 * <p>The way of the data: {@code TableFitter} learns the schema in one pass, {@code ShardedTable} encodes the rows once,
 * puts them into their canonical order and deals them to shards, {@code WorkerBlocks} lays the shards out for the workers,
 * {@code AllReduceExchange} (or {@code DriverExchange}) runs the steps over them, {@code Training} ties these together,
 * {@code RowInference} computes with a finished model row by row.
 *
 * <p>In an executor, {@code RoundTask} is one worker's part of a round; the tasks of a process meet in its {@code Station},
 * which holds what they share: the node with the parameters, and the links to the other processes.
 */
@NullMarked
package io.cvaespark.spark;

import org.jspecify.annotations.NullMarked;
