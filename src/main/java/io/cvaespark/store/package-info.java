/**
 * Checkpoints and {@code schema.json} on Hadoop file systems. Their Parquet and Spark ML companions are written in {@code
 * spark}.
 */
@NullMarked
package io.cvaespark.store;

import org.jspecify.annotations.NullMarked;
