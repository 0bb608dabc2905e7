package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.model.LossSums;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The result of one worker's task in a round.
 *
 * @param rank the rank of the worker
 * @param slice the executor's slice of the new state; null if another worker of this executor returns it
 * @param losses the losses of the worker's shards, one list for each step
 * @param computeSeconds the time of the arithmetic in each step
 * @param stepSeconds the wall time of each step
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record RoundPart(
        int rank, @Nullable Slice slice, List<List<LossSums>> losses, double[] computeSeconds, double[] stepSeconds)
        implements Serializable {

    /** The parameters and moments from index {@code start} on. */
    record Slice(int start, PackedFloats parameters, List<PackedFloats> moments) implements Serializable {}
}
