package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.model.LossSums;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one worker brings back from a round.
 *
 * @param rank the worker
 * @param slice its executor's slice of the new state; null where another worker of the executor brings it
 * @param losses of its shards, one list for each step
 * @param computeSeconds of each step
 * @param stepSeconds wall time of each step
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RoundPart(
        int rank, @Nullable Slice slice, List<List<LossSums>> losses, double[] computeSeconds, double[] stepSeconds)
        implements Serializable {

    /** Parameters and moments from {@code start}. */
    record Slice(int start, PackedFloats parameters, List<PackedFloats> moments) implements Serializable {}
}
