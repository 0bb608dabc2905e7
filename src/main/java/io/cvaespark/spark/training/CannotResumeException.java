package io.cvaespark.spark.training;

/** A training that cannot go on from its checkpoint, because the job or the data has changed since. */
public final class CannotResumeException extends IllegalArgumentException {

    /** @param reason what has changed, and what to do */
    CannotResumeException(String checkpoint, String reason) {
        super("Cannot resume from %s: %s".formatted(checkpoint, reason));
    }
}
