/**
 * Training without Spark: its configuration, state, plan and loop, one shard's part of a step, the gradient tree, and
 * the interfaces that Spark and storage implement ({@link io.cvaespark.train.Exchange}, {@link
 * io.cvaespark.train.Checkpoints}).
 */
@NullMarked
package io.cvaespark.train;

import org.jspecify.annotations.NullMarked;
