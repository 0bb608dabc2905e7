package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;

/** The connections of a node to the other nodes. */
public interface Links {

    /** The kinds of message. */
    enum Kind {
        /** The sums of the sender's gradients over the receiver's slice, one sum for each subtree. */
        SUMS,
        /** The squared norms of the blocks in the sender's slice of the summed gradient, as doubles. */
        NORMS,
        /** The new parameters of the sender's slice. */
        PARAMETERS,
        /** The reason why the sender has failed, in UTF-8. */
        FAILURE
    }

    /**
     * Sends little-endian {@code content} to node {@code peer} and does not wait.
     *
     * @param sent called when the content may be overwritten. It is not called if the message cannot be sent; the node
     *     fails then
     */
    void send(int peer, Kind kind, long step, ByteBuffer content, Runnable sent);

    /**
     * Receives the content of one message in any number of pieces; throws {@link ExchangeException} if it is not as
     * expected.
     */
    interface Inbound {
        void accept(ByteBuffer piece);

        void complete();
    }
}
