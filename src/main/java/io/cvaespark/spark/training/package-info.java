/** The way from a DataFrame to a trained model: {@code Training} fits the schema, shards the rows and runs the loop. */
@NullMarked
package io.cvaespark.spark.training;

import org.jspecify.annotations.NullMarked;
