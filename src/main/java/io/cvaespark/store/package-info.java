/**
 * Checkpoints and {@code schema.json} on Hadoop file systems. The packages below {@code spark} write the Parquet files
 * and Spark ML metadata.
 */
@NullMarked
package io.cvaespark.store;

import org.jspecify.annotations.NullMarked;
