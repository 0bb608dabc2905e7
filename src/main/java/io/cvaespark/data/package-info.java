/**
 * The dataset as the model sees it: table schema, fitted codecs, blocks and batches, the order of an epoch; and the
 * built-in data. No Spark here.
 *
 * <p>The side that turns cells into floats is called Codec; "encoder" is the network q(z|x,c).
 */
@NullMarked
package io.cvaespark.data;

import org.jspecify.annotations.NullMarked;
