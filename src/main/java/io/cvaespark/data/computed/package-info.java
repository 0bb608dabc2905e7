/** Columns that are not modelled: what sampled rows get in them is computed. */
@NullMarked
package io.cvaespark.data.computed;

import org.jspecify.annotations.NullMarked;
