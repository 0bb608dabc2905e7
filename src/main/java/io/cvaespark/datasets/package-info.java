/** Data sets without Spark: a reader of IDX files (MNIST) and a generator of drawn digits. */
@NullMarked
package io.cvaespark.datasets;

import org.jspecify.annotations.NullMarked;
