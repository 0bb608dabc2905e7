package io.cvaespark.spark;

import io.cvaespark.train.TrainingState;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * What a round begins with.
 *
 * @param parameters θ [P]
 * @param moments each [P]
 */
record RoundState(Floats parameters, List<Floats> moments) implements Serializable {

    static RoundState of(TrainingState state) {
        return new RoundState(
                new Floats(state.parameters()),
                Arrays.stream(state.moments()).map(Floats::new).toList());
    }
}
