/** Data sets that the program reads or makes itself, without Spark: IDX files (MNIST) and drawn digits. */
@NullMarked
package io.cvaespark.datasets;

import org.jspecify.annotations.NullMarked;
