package io.cvaespark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Only one training at a time writes to a directory. */
class RunLockTest {
    private static final RunLock.Timing QUICK = new RunLock.Timing(20, 60_000, 50);

    private final Configuration conf = new Configuration();

    @TempDir
    private Path folder = Path.of("");

    private Path run() {
        return folder.resolve("run");
    }

    private Path file() {
        return run().resolve(".lock");
    }

    private RunLock take(String application, @Nullable String attempt) throws IOException {
        return take(LockHolder.ofThisProcess(application, attempt), QUICK);
    }

    private RunLock take(LockHolder self, RunLock.Timing timing) throws IOException {
        return RunLock.take(conf, new org.apache.hadoop.fs.Path(run().toUri()), self, timing);
    }

    /** A holder on another machine, whose file was last written {@code age} ago. */
    private void leave(Duration age, LockHolder holder) throws IOException {
        Files.createDirectories(run());
        Files.write(file(), holder.renewed(Instant.now().minus(age)).toJson());
        Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minus(age)));
    }

    private static LockHolder elsewhere(@Nullable String attempt) {
        return new LockHolder("ann", "node-7", "app-1", attempt, "another machine", 77, 5, "abc", "");
    }

    @Test
    void aSecondTrainingIsToldWhoTrains() throws IOException {
        try (RunLock first = take("app-1", null)) {
            first.requireHeld();
            ExpectedError.of(
                    IllegalStateException.class,
                    () -> take("app-2", null).close(),
                    "Another training writes to",
                    System.getProperty("user.name"),
                    "application app-1");
            assertTrue(Files.exists(file()), "the refused one has left the lock alone");
        }
        assertFalse(Files.exists(run()), "the directory was made for the lock alone");
        take("app-2", null).close();
    }

    @Test
    void aLockIsHeldForAMinuteWhoeverHasIt() throws IOException {
        leave(Duration.ofSeconds(50), elsewhere(null));
        ExpectedError.of(
                IllegalStateException.class,
                () -> take("app-2", null).close(),
                "ann on node-7 (application app-1, process 77)",
                "50 s ago");
        leave(Duration.ofSeconds(61), elsewhere(null));
        take("app-2", null).close();
        assertFalse(Files.exists(file()));
        assertTrue(Files.exists(run()), "the directory was there before");
    }

    /** The clock of the holder's machine does not count: the file system's does. */
    @Test
    void aClockThatIsWrongTakesNothingOver() throws IOException {
        Files.createDirectories(run());
        Files.write(file(), elsewhere(null).renewed(Instant.EPOCH).toJson());
        ExpectedError.of(IllegalStateException.class, () -> take("app-2", null).close(), "Another training writes to");
    }

    @Test
    void theNextAttemptOfAnApplicationTakesOverAtOnce() throws IOException {
        leave(Duration.ZERO, elsewhere("1"));
        take("app-1", "2").close();
        leave(Duration.ZERO, elsewhere("1"));
        ExpectedError.of(IllegalStateException.class, () -> take("app-2", "2").close(), "attempt 1");
        ExpectedError.of(IllegalStateException.class, () -> take("app-1", "1").close(), "attempt 1");
    }

    @Test
    void aProcessOfThisMachineThatHasEndedGivesWayAtOnce() throws Exception {
        LockHolder here = LockHolder.ofThisProcess("app-1", null);
        Process ended = new ProcessBuilder("true").start();
        ended.waitFor();
        leave(Duration.ZERO, with(here, here.machine(), ended.pid(), 1));
        take("app-2", null).close();
        // The same number, of a process that began at another time.
        leave(Duration.ZERO, with(here, here.machine(), here.process(), here.started() - 1000));
        take("app-2", null).close();
        // Of another machine nothing is known.
        leave(Duration.ZERO, with(here, "another machine", ended.pid(), 1));
        ExpectedError.of(IllegalStateException.class, () -> take("app-2", null).close(), "Another training writes to");
        // This very process lives.
        leave(Duration.ZERO, here);
        ExpectedError.of(IllegalStateException.class, () -> take("app-2", null).close(), "Another training writes to");
    }

    private static LockHolder with(LockHolder of, String machine, long process, long started) {
        return new LockHolder(
                of.owner(), of.host(), of.application(), of.attempt(), machine, process, started, "abc", "");
    }

    @Test
    void aFileThatSaysNothingHoldsForAMinuteToo() throws IOException {
        Files.createDirectories(run());
        Files.writeString(file(), "");
        ExpectedError.of(IllegalStateException.class, () -> take("app-2", null).close(), "does not say who it is");
        Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minusSeconds(61)));
        take("app-2", null).close();
    }

    @Test
    void itIsRenewed() throws Exception {
        try (RunLock lock = take("app-1", null)) {
            String first = Files.readString(file());
            while (Files.readString(file()).equals(first)
                    || Files.readString(file()).isEmpty()) {
                Thread.sleep(5);
            }
            LockHolder now = LockHolder.fromJson(Files.readString(file()));
            assertTrue(Instant.parse(now.renewed()).isAfter(Instant.now().minusSeconds(30)));
            lock.requireHeld();
        }
    }

    /** A machine that slept: when it wakes up, another training has the directory. */
    @Test
    void aTrainingWhoseLockWasTakenOverEnds() throws Exception {
        try (RunLock slept = take("app-1", null)) {
            Files.write(file(), elsewhere(null).renewed(Instant.now()).toJson());
            IllegalStateException ends = null;
            while (ends == null) {
                try {
                    slept.requireHeld();
                    Thread.sleep(5);
                } catch (IllegalStateException e) {
                    ends = e;
                }
            }
            assertTrue(String.valueOf(ends.getMessage()).contains("has taken over"), ends.getMessage());
        }
        assertTrue(Files.exists(file()), "the other one keeps its lock");
    }

    @Test
    void ofManyThatComeAtOnceOneHasIt() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            for (int round = 0; round < 6; round++) {
                boolean stale = round % 2 == 1;
                if (stale) {
                    leave(Duration.ofSeconds(61), elsewhere(null));
                }
                Callable<@Nullable RunLock> one = () -> {
                    try {
                        return take(LockHolder.ofThisProcess("app-2", null), RunLock.Timing.USUAL);
                    } catch (IllegalStateException e) {
                        return null;
                    }
                };
                int taken = 0;
                for (Future<@Nullable RunLock> future : threads.invokeAll(
                        IntStream.range(0, 8).mapToObj(i -> one).toList())) {
                    RunLock lock = future.get();
                    taken += lock == null ? 0 : 1;
                    if (lock != null) {
                        lock.close();
                    }
                }
                assertEquals(1, taken, "round " + round);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
