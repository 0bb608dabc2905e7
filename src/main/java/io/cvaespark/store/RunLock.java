package io.cvaespark.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.ShutdownHookManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second training out of a directory: a file {@value #FILE} there says who trains into it, and is renewed every ten
 * seconds.
 *
 * <p>The lock is taken over from a holder that has not renewed it for a minute, from an earlier attempt of the same application,
 * and from a process of this machine that has ended. The minute is measured by the clock of the file system alone.
 *
 * <p>On a local disk and on HDFS only one of several processes can create the file. An object store may let two create it at the
 * same moment: the later one has it then, and the other one finds that out when it renews, and ends. The same holds for two
 * processes that take it over at once.
 */
public final class RunLock implements TrainingListener, AutoCloseable {
    /** The name of the lock file. */
    public static final String FILE = ".lock";

    private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);

    /** After the last checkpoint of a process that is told to stop, and before the file systems are closed. */
    private static final int AFTER_THE_CHECKPOINT = FileSystem.SHUTDOWN_HOOK_PRIORITY + 20;

    private static final int READS = 10;

    /**
     * How often the lock is renewed, after which time it is taken over, and how long a process that takes it over waits to see
     * that no other one does.
     */
    record Timing(long renewMillis, long expiryMillis, long settleMillis) {
        static final Timing USUAL = new Timing(10_000, 60_000, 1_000);
    }

    private final FileSystem fs;
    private final Path file;
    private final LockHolder self;
    private final Timing timing;
    private final boolean madeDirectory;
    private final ScheduledExecutorService renewal;
    private final Runnable atShutdown = this::close;
    private volatile @Nullable LockHolder successor;
    private boolean closed;
    private boolean renewalFails;

    /**
     * Takes the lock of {@code directory}, which is made where it is missing.
     *
     * @param application the id of the Spark application
     * @param attempt the number of its attempt; null where the cluster manager has none
     * @throws IllegalStateException if another training holds it
     */
    public static RunLock take(Configuration conf, Path directory, String application, @Nullable String attempt)
            throws IOException {
        return take(conf, directory, LockHolder.ofThisProcess(application, attempt), Timing.USUAL);
    }

    static RunLock take(Configuration conf, Path directory, LockHolder self, Timing timing) throws IOException {
        FileSystem found = directory.getFileSystem(conf);
        // Without the checksum files that Hadoop keeps beside local ones: the two would not change at once.
        FileSystem fs = found instanceof LocalFileSystem local ? local.getRawFileSystem() : found;
        boolean madeDirectory = !fs.exists(directory) && fs.mkdirs(directory);
        RunLock lock = new RunLock(fs, new Path(directory, FILE), self, timing, madeDirectory);
        try {
            lock.acquire();
        } catch (IOException | RuntimeException e) {
            lock.renewal.shutdownNow();
            lock.deleteEmptyDirectory();
            throw e;
        }
        return lock;
    }

    private RunLock(FileSystem fs, Path file, LockHolder self, Timing timing, boolean madeDirectory) {
        this.fs = fs;
        this.file = file;
        this.self = self;
        this.timing = timing;
        this.madeDirectory = madeDirectory;
        this.renewal = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "cvae-run-lock");
            thread.setDaemon(true);
            return thread;
        });
    }

    private void acquire() throws IOException {
        if (!create()) {
            LockHolder holder = read();
            long age = age();
            if (age >= 0 && age < timing.expiryMillis() && !(holder != null && holder.givesWayTo(self))) {
                throw new IllegalStateException(
                        "Another training writes to %s: %s, which renewed %s %s s ago. Wait until it has ended, or give another output. A training that was killed gives way a minute after it last renewed the file"
                                .formatted(
                                        file.getParent(),
                                        holder == null ? "one that does not say who it is" : holder,
                                        FILE,
                                        age / 1000));
            }
            LOG.info("Taking over {} from {}, which no longer renews it", file, holder);
            write();
            sleep(timing.settleMillis());
        }
        LockHolder now = read();
        if (now != null && !now.token().equals(self.token())) {
            throw new IllegalStateException(
                    "Another training writes to %s: %s, which took %s at the same moment. Wait until it has ended, or give another output"
                            .formatted(file.getParent(), now, FILE));
        }
        ShutdownHookManager.get().addShutdownHook(atShutdown, AFTER_THE_CHECKPOINT);
        long every = timing.renewMillis();
        var unused = renewal.scheduleWithFixedDelay(this::renew, every, every, TimeUnit.MILLISECONDS);
    }

    /** Creates the file; false if it is there already. */
    private boolean create() throws IOException {
        byte[] content = self.renewed(Instant.now()).toJson();
        try {
            if (fs instanceof RawLocalFileSystem local) {
                // Hadoop looks first and creates then, which lets two processes through.
                Files.write(local.pathToFile(file).toPath(), content, StandardOpenOption.CREATE_NEW);
                return true;
            }
            try (OutputStream out = fs.create(file, false)) {
                out.write(content);
            }
            return true;
        } catch (FileAlreadyExistsException | java.nio.file.FileAlreadyExistsException e) {
            return false;
        } catch (IOException e) {
            // Some file systems have an exception of their own for it.
            if (fs.exists(file)) {
                return false;
            }
            throw e;
        }
    }

    private void write() throws IOException {
        try (OutputStream out = fs.create(file, true)) {
            out.write(self.renewed(Instant.now()).toJson());
        }
    }

    /** The holder; null if there is none, or none that can be read: a file is short while it is written. */
    private @Nullable LockHolder read() throws IOException {
        for (int i = 0; i < READS; i++) {
            try (InputStream in = fs.open(file)) {
                return LockHolder.fromJson(new String(in.readAllBytes(), StandardCharsets.UTF_8));
            } catch (FileNotFoundException e) {
                return null;
            } catch (JsonProcessingException e) {
                sleep(timing.settleMillis() / READS);
            }
        }
        return null;
    }

    /** The time since the file was written, by the file system's own clock; negative if there is no file. */
    private long age() throws IOException {
        Path probe = new Path(file.getParent(), FILE + "-" + self.token());
        try {
            fs.create(probe, true).close();
            long now = fs.getFileStatus(probe).getModificationTime();
            return Math.max(0, now - fs.getFileStatus(file).getModificationTime());
        } catch (FileNotFoundException e) {
            return -1;
        } finally {
            fs.delete(probe, false);
        }
    }

    private synchronized void renew() {
        if (closed || successor != null) {
            return;
        }
        try {
            LockHolder holder = read();
            if (holder != null && !holder.token().equals(self.token())) {
                successor = holder;
                return;
            }
            write();
            renewalFails = false;
        } catch (IOException e) {
            if (!renewalFails) {
                LOG.warn("{} cannot be renewed now: {}; it is tried again", file, e.getMessage());
            }
            renewalFails = true;
        }
    }

    /** Throws if another training has taken the lock over. */
    public void requireHeld() {
        LockHolder other = successor;
        if (other != null) {
            throw new IllegalStateException(
                    "Another training has taken over %s: %s. This one had not renewed %s for a minute, so it ends here; the other one goes on"
                            .formatted(file.getParent(), other, FILE));
        }
    }

    @Override
    public void onStart(TrainingPlan plan, TrainingState state, int workers) {
        requireHeld();
    }

    @Override
    public void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {
        requireHeld();
    }

    @Override
    public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
        requireHeld();
    }

    /** Deletes the file if it is still this training's, and the directory if it was made for the file alone. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        renewal.shutdownNow();
        ShutdownHookManager hooks = ShutdownHookManager.get();
        if (!hooks.isShutdownInProgress()) {
            hooks.removeShutdownHook(atShutdown);
        }
        try {
            LockHolder holder = read();
            if (holder != null && holder.token().equals(self.token())) {
                fs.delete(file, false);
            }
            deleteEmptyDirectory();
        } catch (IOException e) {
            LOG.warn("{} could not be deleted: {}; it gives way in a minute", file, e.getMessage());
        }
    }

    private void deleteEmptyDirectory() throws IOException {
        if (madeDirectory && fs.listStatus(file.getParent()).length == 0) {
            fs.delete(file.getParent(), false);
        }
    }

    private static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while waiting for a lock", e);
        }
    }

    /** A token that no other lock has. */
    static String newToken() {
        return UUID.randomUUID().toString().substring(0, 8);
    }
}
