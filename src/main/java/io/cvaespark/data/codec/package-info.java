/** Codecs: how the cells of a column become floats and come back, and the distribution of numbers from which some are fitted. */
@NullMarked
package io.cvaespark.data.codec;

import org.jspecify.annotations.NullMarked;
