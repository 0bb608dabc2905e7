package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A receiver for a message of numbers of {@code width} bytes. The content arrives in pieces, whose borders may lie
 * within a number.
 */
abstract class Inbox implements Links.Inbound {
    private final String what;
    private final int width;
    private final int expected;
    private final Runnable done;
    private final ByteBuffer cut;
    private int received;

    /**
     * @param what the name of the message, for errors
     * @param expected the number of values in the message
     * @param done called when all values have arrived
     */
    Inbox(String what, int width, int expected, Runnable done) {
        this.what = what;
        this.width = width;
        this.expected = expected;
        this.done = done;
        this.cut = ByteBuffer.allocate(width).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes {@code n} numbers from {@code piece}; they are the message's numbers from index {@code at} on. */
    abstract void take(ByteBuffer piece, int at, int n);

    @Override
    public final void accept(ByteBuffer content) {
        ByteBuffer piece = content.order(ByteOrder.LITTLE_ENDIAN);
        while (cut.position() > 0 && piece.hasRemaining()) {
            cut.put(piece.get());
            if (!cut.hasRemaining()) {
                takeChecked(cut.flip(), 1);
                cut.clear();
            }
        }
        int n = piece.remaining() / width;
        int end = piece.position() + n * width;
        if (n > 0) {
            takeChecked(piece, n);
        }
        piece.position(end);
        cut.put(piece);
    }

    private void takeChecked(ByteBuffer piece, int n) {
        if (n > expected - received) {
            throw new ExchangeException("%s is longer than the %s values expected".formatted(what, expected), null);
        }
        take(piece, received, n);
        received += n;
    }

    @Override
    public final void complete() {
        if (received != expected || cut.position() > 0) {
            throw new ExchangeException("%s ended after %s of %s values".formatted(what, received, expected), null);
        }
        done.run();
    }

    /** Returns a receiver that writes floats to {@code to} from index {@code start} on. */
    static Inbox floats(String what, float[] to, int start, int n, Runnable done) {
        return new Inbox(what, Float.BYTES, n, done) {
            @Override
            void take(ByteBuffer piece, int at, int count) {
                piece.asFloatBuffer().get(to, start + at, count);
            }
        };
    }

    /** Returns a receiver that writes doubles to {@code to} from index {@code start} on. */
    static Inbox doubles(String what, double[] to, int start, int n, Runnable done) {
        return new Inbox(what, Double.BYTES, n, done) {
            @Override
            void take(ByteBuffer piece, int at, int count) {
                piece.asDoubleBuffer().get(to, start + at, count);
            }
        };
    }
}
