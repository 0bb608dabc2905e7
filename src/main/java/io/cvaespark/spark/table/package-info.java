/** Cells of a DataFrame as floats, and back: the types of columns, the pass that fits the codecs, encoding and decoding. */
@NullMarked
package io.cvaespark.spark.table;

import org.jspecify.annotations.NullMarked;
