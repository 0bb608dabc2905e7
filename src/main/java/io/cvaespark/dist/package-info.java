/**
 * Likelihoods p(x|η) with loss, gradient, mean and draw, and the diagonal Gaussian of the latent with its
 * reparameterisation and KL divergence. Losses are one double per row; gradients are float32.
 */
@NullMarked
package io.cvaespark.dist;

import org.jspecify.annotations.NullMarked;
