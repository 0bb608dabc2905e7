/**
 * The table as the model sees it: column specifications, fitted codecs, the schema. There is no Spark here.
 *
 * <p>The side that turns cells into floats is called Codec; "encoder" is the network q(z|x,c).
 */
@NullMarked
package io.cvaespark.data;

import org.jspecify.annotations.NullMarked;
