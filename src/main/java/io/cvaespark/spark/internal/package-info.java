/** All uses of Spark's private classes. A new Spark version may need changes in this package, but in no other. */
@NullMarked
package io.cvaespark.spark.internal;

import org.jspecify.annotations.NullMarked;
