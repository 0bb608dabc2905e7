/**
 * The table as the model sees it: column specifications, the kinds of columns, fitted codecs, the schema. There is no Spark
 * here; cells are plain Java values. {@link io.cvaespark.data.ColumnKind} says how to add a kind.
 *
 * <p>The side that turns cells into floats is called Codec; "encoder" is the network q(z|x,c).
 */
@NullMarked
package io.cvaespark.data;

import org.jspecify.annotations.NullMarked;
