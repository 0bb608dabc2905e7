package io.cvaespark.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerJobEnd;
import org.apache.spark.scheduler.SparkListenerJobStart;

/**
 * The local disk under the scheme {@code stopping}, for a process that stops itself: at its n-th transition, which is an access to
 * this file system that changes it or reads a file, or the begin or the end of a Spark job.
 */
public final class StoppingFileSystem extends RawLocalFileSystem {
    /** The number of the transition at which the process is stopped. */
    static final String AT = "cvae.test.stop.at";

    /** The name of the signal. */
    static final String SIGNAL = "cvae.test.stop.signal";

    /** A file that gets the number of transitions when the process ends. */
    static final String COUNT = "cvae.test.stop.count";

    private static final AtomicInteger SEEN = new AtomicInteger();

    static {
        String file = System.getProperty(COUNT);
        if (file != null) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    Files.writeString(java.nio.file.Path.of(file), SEEN.toString());
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            }));
        }
    }

    /** Spark's jobs: the steps of a round, a validation, the writing of a table. */
    public static final class Jobs extends SparkListener {
        @Override
        public void onJobStart(SparkListenerJobStart job) {
            transition();
        }

        @Override
        public void onJobEnd(SparkListenerJobEnd job) {
            transition();
        }
    }

    private static void transition() {
        if (SEEN.getAndIncrement() == Integer.getInteger(AT, -1)) {
            try {
                String pid = String.valueOf(ProcessHandle.current().pid());
                new ProcessBuilder("kill", "-" + System.getProperty(SIGNAL), pid)
                        .start()
                        .waitFor();
                // What follows in this thread comes after the signal has arrived.
                while (!ShutdownHookManager.get().isShutdownInProgress()) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public URI getUri() {
        return URI.create("stopping:///");
    }

    @Override
    public String getScheme() {
        return "stopping";
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        transition();
        return super.open(path, bufferSize);
    }

    @Override
    public FSDataOutputStream create(
            Path path,
            FsPermission permission,
            boolean overwrite,
            int bufferSize,
            short replication,
            long blockSize,
            Progressable progress)
            throws IOException {
        transition();
        FSDataOutputStream out =
                super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
        transition();
        return out;
    }

    @Override
    public boolean rename(Path from, Path to) throws IOException {
        transition();
        return super.rename(from, to);
    }

    @Override
    public boolean delete(Path path, boolean recursive) throws IOException {
        transition();
        return super.delete(path, recursive);
    }

    @Override
    public boolean mkdirs(Path path) throws IOException {
        transition();
        return super.mkdirs(path);
    }
}
