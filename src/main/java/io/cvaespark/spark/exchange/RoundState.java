package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.train.TrainingState;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The parameters and moments at the beginning of a round.
 *
 * @param parameters θ [P]
 * @param moments the optimiser's moments, each [P]
 */
public record RoundState(PackedFloats parameters, List<PackedFloats> moments) implements Serializable {

    public static RoundState of(TrainingState state) {
        return new RoundState(
                new PackedFloats(state.parameters()),
                Arrays.stream(state.moments()).map(PackedFloats::new).toList());
    }
}
