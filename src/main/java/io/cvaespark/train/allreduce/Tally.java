package io.cvaespark.train.allreduce;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntFunction;

/**
 * How often each of some sources has done something, once a step: arrive, send, update.
 *
 * <p>No source is ever two ahead of another, because each step waits for all of them; so the total tells whether all are
 * done.
 */
final class Tally {
    private final Signals signals;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLongArray counts;
    private final int expected;
    private final String what;
    private final IntFunction<String> name;

    /**
     * @param sources number of them
     * @param expected how many of them count: all, or all but oneself
     * @param what what they do, for messages
     * @param name names a source, for messages
     */
    Tally(Signals signals, int sources, int expected, String what, IntFunction<String> name) {
        this.signals = signals;
        this.counts = new AtomicLongArray(sources);
        this.expected = expected;
        this.what = what;
        this.name = name;
    }

    void add(int source) {
        counts.incrementAndGet(source);
        total.incrementAndGet();
        signals.changed();
    }

    /** Steps that {@code source} has done. */
    long of(int source) {
        return counts.get(source);
    }

    /** Waits until all have done {@code steps} steps. */
    void await(long steps, int self) {
        long target = steps * expected;
        if (total.get() < target) {
            signals.await(() -> total.get() >= target, () -> "Waiting for " + missing(steps, self));
        }
    }

    private String missing(long steps, int self) {
        List<String> names = new ArrayList<>();
        for (int source = 0; source < counts.length(); source++) {
            if (source != self && counts.get(source) < steps) {
                names.add(name.apply(source));
            }
        }
        return "%s from %s (step %s of the round)".formatted(what, String.join(", ", names), steps);
    }
}
