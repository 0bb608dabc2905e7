/** Optimisers and schedules: arrays in, arrays out. Nothing here knows networks or Spark. */
@NullMarked
package io.cvaespark.optim;

import org.jspecify.annotations.NullMarked;
