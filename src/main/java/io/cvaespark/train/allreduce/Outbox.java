package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bytes of one kind of message, written by all workers of the node, each its share, and used again in the next step.
 *
 * <p>The last share to be written sends; nothing is written before all earlier sends are known to be complete.
 */
final class Outbox {
    private final Signals signals;
    private final ByteBuffer bytes;
    private final FloatBuffer floats;
    private final int shares;
    private final AtomicInteger toWrite;
    private final AtomicInteger unsent = new AtomicInteger();
    private final Runnable sent;

    Outbox(Signals signals, long length, int shares) {
        if (length > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "A message of %s bytes is longer than %s: use more executors, or exchange: driver"
                            .formatted(length, Integer.MAX_VALUE));
        }
        this.signals = signals;
        this.bytes = ByteBuffer.allocateDirect((int) length).order(ByteOrder.LITTLE_ENDIAN);
        this.floats = bytes.asFloatBuffer();
        this.shares = shares;
        this.toWrite = new AtomicInteger(shares);
        this.sent = () -> {
            unsent.decrementAndGet();
            signals.changed();
        };
    }

    /** Waits until the buffer may be written. */
    void awaitSent() {
        if (unsent.get() > 0) {
            signals.await(() -> unsent.get() == 0, () -> "Waiting for a message of the last step to be sent");
        }
    }

    void put(int at, float[] values, int from, int n) {
        floats.put(at, values, from, n);
    }

    void put(int at, double value) {
        bytes.putDouble(8 * at, value);
    }

    /** Marks a share as written; true for the last one, whose caller sends. */
    boolean written() {
        if (toWrite.decrementAndGet() > 0) {
            return false;
        }
        toWrite.set(shares);
        return true;
    }

    void send(Links links, int peer, Links.Kind kind, long step) {
        unsent.incrementAndGet();
        links.send(peer, kind, step, bytes.duplicate().clear(), sent);
    }
}
