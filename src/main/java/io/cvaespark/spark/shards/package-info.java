/**
 * The rows of a training on the cluster: their canonical order, the shards that they are dealt to, and the blocks that each
 * worker keeps.
 */
@NullMarked
package io.cvaespark.spark.shards;

import org.jspecify.annotations.NullMarked;
