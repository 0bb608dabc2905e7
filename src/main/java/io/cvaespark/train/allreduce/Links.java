package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;

/** A node's way to the other nodes. */
public interface Links {

    /** What a message brings. */
    enum Kind {
        /** Sums of the node's gradients over the receiver's slice, one after the other subtree. */
        SUMS,
        /** Squared norms of the blocks of the sender's slice of the summed gradient, as doubles. */
        NORMS,
        /** The sender's slice of the new parameters. */
        PARAMETERS,
        /** Why the sender gives up, in UTF-8. */
        FAILURE
    }

    /**
     * Sends little-endian {@code content} to node {@code peer}, without waiting.
     *
     * @param sent run once the content may be overwritten; a message that cannot be sent fails the node instead
     */
    void send(int peer, Kind kind, long step, ByteBuffer content, Runnable sent);

    /** Receives one message's content, in as many pieces as it comes; throws when it is not what was expected. */
    interface Inbound {
        void accept(ByteBuffer piece);

        void complete();
    }
}
