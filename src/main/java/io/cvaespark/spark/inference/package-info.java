/** A trained model over DataFrames: sampling, added columns, the latent space, metrics; and its files on disk. */
@NullMarked
package io.cvaespark.spark.inference;

import org.jspecify.annotations.NullMarked;
