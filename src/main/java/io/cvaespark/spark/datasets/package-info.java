/** Data sets as DataFrames: drawn digits, IDX files, bags of words. */
@NullMarked
package io.cvaespark.spark.datasets;

import org.jspecify.annotations.NullMarked;
