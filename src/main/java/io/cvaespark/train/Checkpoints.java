package io.cvaespark.train;

import java.io.IOException;

/** Where training keeps its state, so that it can go on after the driver is lost. */
public interface Checkpoints {

    /** Writes {@code state}, complete or not at all. */
    void save(TrainingState state) throws IOException;

    /** Keeps nothing. */
    static Checkpoints none() {
        return state -> {};
    }
}
