/** Job files as records: YAML in, YAML out, with messages that name the key. */
@NullMarked
package io.cvaespark.spark.job;

import org.jspecify.annotations.NullMarked;
