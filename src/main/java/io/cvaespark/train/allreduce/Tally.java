package io.cvaespark.train.allreduce;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntFunction;

/**
 * Counts how many steps each of several sources has done, where a source is a worker or a node.
 *
 * <p>Because each step waits for all sources, no source can be two steps ahead of another. So the total alone shows if
 * all of them have done a step.
 */
final class Tally {
    private final Signals signals;
    private final AtomicLong total = new AtomicLong();
    private final AtomicLongArray counts;
    private final int expected;
    private final String what;
    private final IntFunction<String> name;

    /**
     * @param sources the number of sources
     * @param expected the number of sources that are waited for: all of them, or all but the own node
     * @param what what a source provides in a step, for messages
     * @param name the name of a source, for messages
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

    /** The number of steps that {@code source} has done. */
    long steps(int source) {
        return counts.get(source);
    }

    /** Waits until all sources have done {@code steps} steps. */
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
