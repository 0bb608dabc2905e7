/**
 * Rows as floats on their way into a step: blocks, the dealing of rows to shards, the order of an epoch, the batch that a
 * step takes, and what changes it at each visit (binarisation, augmentation).
 */
@NullMarked
package io.cvaespark.batch;

import org.jspecify.annotations.NullMarked;
