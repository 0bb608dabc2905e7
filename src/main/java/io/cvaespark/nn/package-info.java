/**
 * Stateless layers and networks with their forward and backward passes. A network is a list of layers plus an offset
 * into the model's one flat parameter array; a new layer is one class that implements {@link io.cvaespark.nn.Layer}.
 */
@NullMarked
package io.cvaespark.nn;

import org.jspecify.annotations.NullMarked;
