/** Optimisers and schedules. They read and write arrays, and know neither networks nor Spark. */
@NullMarked
package io.cvaespark.optim;

import org.jspecify.annotations.NullMarked;
