/**
 * Training without Spark: configuration, state, plan, the loop, one shard's part of a step, the gradient tree, and the
 * contracts for what Spark and storage bring ({@link io.cvaespark.train.Exchange}, {@link
 * io.cvaespark.train.Checkpoints}).
 */
@NullMarked
package io.cvaespark.train;

import org.jspecify.annotations.NullMarked;
