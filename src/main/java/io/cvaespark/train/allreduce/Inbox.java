package io.cvaespark.train.allreduce;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Where the content of a message goes, piece by piece: numbers of {@code width} bytes, which pieces may cut anywhere. */
abstract class Inbox implements Links.Inbound {
    private final String what;
    private final int width;
    private final int expected;
    private final Runnable done;
    private final ByteBuffer cut;
    private int received;

    /**
     * @param what names the message
     * @param expected how many numbers it has
     * @param done run when all are there
     */
    Inbox(String what, int width, int expected, Runnable done) {
        this.what = what;
        this.width = width;
        this.expected = expected;
        this.done = done;
        this.cut = ByteBuffer.allocate(width).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Takes {@code n} numbers from {@code piece}; {@code at} of the message came before. */
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

    /** PackedFloats into {@code to} from {@code start}. */
    static Inbox floats(String what, float[] to, int start, int n, Runnable done) {
        return new Inbox(what, Float.BYTES, n, done) {
            @Override
            void take(ByteBuffer piece, int at, int count) {
                piece.asFloatBuffer().get(to, start + at, count);
            }
        };
    }

    /** Doubles into {@code to} from {@code start}. */
    static Inbox doubles(String what, double[] to, int start, int n, Runnable done) {
        return new Inbox(what, Double.BYTES, n, done) {
            @Override
            void take(ByteBuffer piece, int at, int count) {
                piece.asDoubleBuffer().get(to, start + at, count);
            }
        };
    }
}
