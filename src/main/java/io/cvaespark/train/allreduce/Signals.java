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
 * Lets the threads of a node wait for a condition. A wait ends when the condition holds, the node fails, the task is
 * killed, or the time is up.
 *
 * <p>A wait first spins for some microseconds, because the waits of a step are often that short, and then parks the
 * thread.
 */
final class Signals {
    private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 2_000 : 0;
    private static final long CHECK_INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final AtomicInteger parked = new AtomicInteger();
    private final AtomicReference<@Nullable ExchangeException> failure = new AtomicReference<>();
    private final BooleanSupplier killed;
    private final long timeoutNanos;

    /**
     * @param killed true if the task of the calling thread must stop
     * @param timeoutNanos the longest wait
     */
    Signals(BooleanSupplier killed, long timeoutNanos) {
        this.killed = killed;
        this.timeoutNanos = timeoutNanos;
    }

    /** Wakes all waiting threads, so that they check their conditions again. */
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

    /**
     * Makes every current and later wait throw {@code reason}. Only the first call counts, and only it returns true.
     */
    boolean fail(ExchangeException reason) {
        boolean first = failure.compareAndSet(null, reason);
        changed();
        return first;
    }

    /** Throws if the node has failed or the calling task must stop. */
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
     * Returns when {@code ready} holds.
     *
     * @param what describes the wait, for the message when the time is up
     * @throws ExchangeException if the node has failed, the task is killed or interrupted, or the time is up
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
                            "%s: nothing for %s s. What to do: look at the log of the executor or worker that is named, or raise spark.cvae.exchange.timeout"
                                    .formatted(what.get(), TimeUnit.NANOSECONDS.toSeconds(timeoutNanos)),
                            null);
                }
                long unused = changed.awaitNanos(Math.min(left, CHECK_INTERVAL_NANOS));
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
