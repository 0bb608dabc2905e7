package io.cvaespark.train.allreduce;

import org.jspecify.annotations.Nullable;

/**
 * A step could not be completed because a peer is gone, is late, or sent an unexpected message. The round must start
 * again.
 */
public final class ExchangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ExchangeException(@Nullable String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
