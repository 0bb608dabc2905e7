/** Gradient-boosted trees over the rows of a comparison: which table is a row of, and what is its class? */
@NullMarked
package io.cvaespark.spark.compare.trees;

import org.jspecify.annotations.NullMarked;
