/** Distributions p(z|c): what a {@link io.cvaespark.model.prior.PriorSpec} describes, and a class for each kind that is learned. */
@NullMarked
package io.cvaespark.model.prior;

import org.jspecify.annotations.NullMarked;
