/**
 * Rows as floats, from storage to a training step: blocks, the dealing of rows to shards, the order of an epoch, the
 * batch of a step, and the random changes at each visit (binarisation, augmentation).
 */
@NullMarked
package io.cvaespark.batch;

import org.jspecify.annotations.NullMarked;
