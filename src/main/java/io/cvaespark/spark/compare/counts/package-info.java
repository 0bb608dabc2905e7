/**
 * The tables of a comparison in one form, how often each value and each pair of values occurs in them, and the distances that
 * follow from the counts.
 */
@NullMarked
package io.cvaespark.spark.compare.counts;

import org.jspecify.annotations.NullMarked;
