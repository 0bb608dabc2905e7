package io.cvaespark.train;

import java.io.IOException;

/** The place where training saves its state, so that it can continue after the driver is lost. */
public interface Checkpoints {

    /** Writes {@code state}; a checkpoint that is not complete must not count as one. */
    void save(TrainingState state) throws IOException;

    /** Returns checkpoints that save nothing. */
    static Checkpoints none() {
        return state -> {};
    }
}
