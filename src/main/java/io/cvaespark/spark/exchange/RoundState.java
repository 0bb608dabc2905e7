package io.cvaespark.spark.exchange;

import io.cvaespark.linalg.PackedFloats;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.Serializable;
import java.util.Arrays;
import java.util.List;

/**
 * The parameters and moments at the beginning of a round.
 *
 * @param parameters θ [P]
 * @param moments those of the training's state, each [P]
 * @param rateFactor {@link TrainingPlan#rateFactor} of the state
 */
public record RoundState(PackedFloats parameters, List<PackedFloats> moments, double rateFactor)
        implements Serializable {

    public static RoundState of(TrainingPlan plan, TrainingState state) {
        return new RoundState(
                new PackedFloats(state.parameters()),
                Arrays.stream(state.moments()).map(PackedFloats::new).toList(),
                plan.rateFactor(state));
    }
}
