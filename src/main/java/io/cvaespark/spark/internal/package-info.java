/** What Spark keeps private to itself, in one place: another Spark version costs this package. */
@NullMarked
package io.cvaespark.spark.internal;

import org.jspecify.annotations.NullMarked;
