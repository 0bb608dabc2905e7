/**
 * Variants, their networks and objectives, and the importance-weighted likelihood.
 *
 * <p>Symbols: x targets, c conditions, z latent; q(z|x,c) the encoder, p(z|c) the prior, p(x|z,c) the decoder with its
 * likelihood's parameters η. The generative process is z ~ p(z|c), x ~ p(x|η(z,c)); training maximises E_q[log p(x|z,c)] −
 * β·KL(q‖p) ({@link io.cvaespark.model.Elbo}).
 */
@NullMarked
package io.cvaespark.model;

import org.jspecify.annotations.NullMarked;
