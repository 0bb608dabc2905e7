package io.cvaespark.train.allreduce;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of a node wait with: for a condition, until it holds, the node fails, the task is killed, or time is up.
 *
 * <p>A wait spins for some microseconds, since a step's waits are often that short, and then parks.
 */
final class Signals {
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 2_000 : 0;
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger parked = new AtomicInteger();
    private final AtomicReference<@Nullable ExchangeException> failure = new AtomicReference<>();
    private final BooleanSupplier killed;
    private final long timeoutNanos;

    /**
     * @param killed whether the calling thread's task is to end
     * @param timeoutNanos longest wait
     */
    Signals(BooleanSupplier killed, long timeoutNanos) {
        this.killed = killed;
        this.timeoutNanos = timeoutNanos;
    }

    /** Wakes those who wait, to look again. */
    void changed() {
        if (parked.get() > 0) {
            lock.lock();
            try {
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /** Makes every wait, now and later, end in {@code reason}; the first reason counts. Whether this was the first. */
    boolean fail(ExchangeException reason) {
        boolean first = failure.compareAndSet(null, reason);
        changed();
        return first;
    }

    /** Throws when the node has failed, or the calling task is to end. */
    void check() {
        ExchangeException reason = failure.get();
        if (reason != null) {
            throw new ExchangeException(reason.getMessage(), reason);
        }
        if (killed.getAsBoolean()) {
            throw new ExchangeException("The worker was told to stop", null);
        }
    }

    /**
     * Returns once {@code ready} holds.
     *
     * @param what describes what is waited for, for the message when time is up
     * @throws ExchangeException when the node has failed, the task is killed or interrupted, or time is up
     */
    void await(BooleanSupplier ready, Supplier<String> what) {
        for (int i = 0; i < SPINS; i++) {
            if (ready.getAsBoolean()) {
                return;
            }
            Thread.onSpinWait();
        }
        if (ready.getAsBoolean()) {
            return;
        }
        long deadline = System.nanoTime() + timeoutNanos;
        lock.lock();
        parked.incrementAndGet();
        try {
            while (!ready.getAsBoolean()) {
                check();
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new ExchangeException(
                            "%s: nothing for %s s. What to do: look at the log of what is named, or raise spark.cvae.exchange.timeout"
                                    .formatted(what.get(), TimeUnit.NANOSECONDS.toSeconds(timeoutNanos)),
                            null);
                }
                long unused = changed.awaitNanos(Math.min(left, LOOK_EVERY_NANOS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExchangeException("The worker was interrupted", e);
        } finally {
            parked.decrementAndGet();
            lock.unlock();
        }
    }
}
