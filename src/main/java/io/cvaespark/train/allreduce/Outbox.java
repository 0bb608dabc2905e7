package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The buffer of one kind of message. Each worker of the node writes its share, and the buffer is used again in the next
 * step.
 *
 * <p>The worker that writes the last share sends the message. No share may be written before the earlier sends are
 * complete.
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

    /** Waits until all earlier sends are complete, so that the buffer may be written. */
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

    /** Marks a share as written. Returns true for the last share; its caller must send the message. */
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
