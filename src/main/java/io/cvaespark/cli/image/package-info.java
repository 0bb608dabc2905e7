/** Rows of images as PNG files. */
@NullMarked
package io.cvaespark.cli.image;

import org.jspecify.annotations.NullMarked;
