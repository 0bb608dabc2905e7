/**
 * The training of a model from a DataFrame: {@code Training} fits the schema, shards the rows and runs the training
 * loop.
 */
@NullMarked
package io.cvaespark.spark.training;

import org.jspecify.annotations.NullMarked;
