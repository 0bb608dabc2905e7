package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import io.cvaespark.spark.training.HistoryFiles;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training as a process that is stopped by a signal at one of its transitions, 30 times, and resumed: one hash, one history.
 *
 * <p>The transitions lie close together over the whole of a run: its lock, every file of every checkpoint, history and model, and
 * every Spark job. Stops by SIGKILL and by SIGTERM take turns over them.
 */
@Tag("slow")
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class StopsTest {
    private static final int STOPS = 30;

    private static Path directory = Path.of("");
    private static String undisturbed = "";
    private static List<List<Object>> history = List.of();

    @BeforeAll
    static void train(@TempDir Path folder) throws IOException {
        directory = folder;
        SparkTests.session();
        Path strokes = directory.resolve("strokes.parquet");
        assertEquals(
                0,
                CliCall.cvae("data", "strokes", strokes.toString(), "--rows", "300", "--size", "8")
                        .status());
        Files.writeString(job(), """
                input: {train: %s, validation: 0.2}
                targets: [{column: image, likelihood: bernoulli, binarize: dynamic}]
                conditions: [{column: label, type: categorical}, slant]
                model: {variant: cvae-1, latent: 2, hidden: [8]}
                training: {epochs: 5, batch: 50, shards: 2, patience: 3, roundSteps: 2, checkpointEvery: {steps: 3}}
                """.formatted(strokes));
        undisturbed = resume("undisturbed");
        history = history("undisturbed");
        assertEquals(10, history.size());
    }

    private static Path job() {
        return directory.resolve("job.yaml");
    }

    /** The run in this JVM, from where it is to its end; returns its hash. */
    private static synchronized String resume(String run) throws IOException {
        CliCall call = CliCall.cvae(
                "train", job().toString(), "--resume", "--json", "--set", "output=" + directory.resolve(run));
        assertEquals(0, call.status(), run + ": " + call.err());
        return CliProcess.hash(call.out());
    }

    /** All of the history but the times. */
    private static List<List<Object>> history(String run) {
        return HistoryFiles.read(SparkTests.session(), directory.resolve(run) + "/history").stream()
                .map(h -> List.<Object>of(
                        h.epoch(),
                        h.step(),
                        h.split(),
                        h.loss(),
                        h.elbo(),
                        h.reconstruction(),
                        h.kl(),
                        h.learningRate(),
                        h.beta()))
                .toList();
    }

    private static Process start(String run, String... settings) throws IOException {
        List<String> options = new ArrayList<>(TestProgram.options());
        options.add("-Dspark.hadoop.fs.stopping.impl=" + StoppingFileSystem.class.getName());
        options.add("-Dspark.extraListeners=" + StoppingFileSystem.Jobs.class.getName());
        options.addAll(List.of(settings));
        String output = "output=stopping://" + directory.resolve(run);
        List<String> command = CliProcess.program(
                TestProgram.classPath(), options, "local[2]", "train", job().toString(), "--set", output);
        int classPath = command.indexOf("-cp") + 1;
        command.set(classPath, command.get(classPath) + File.pathSeparator + Path.of("target/test-classes"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log(run).toFile())
                .start();
    }

    private static Path log(String run) {
        return directory.resolve(run + ".log");
    }

    @Test
    void aProcessThatIsStoppedAnywhereIsResumedToTheSameHashAndHistory() throws Exception {
        Path count = directory.resolve("count");
        int status =
                start("counted", "-D" + StoppingFileSystem.COUNT + "=" + count).waitFor();
        assertEquals(0, status, Files.readString(log("counted")));
        assertEquals(history, history("counted"));
        int transitions = Integer.parseInt(Files.readString(count));
        assertTrue(transitions > 4 * STOPS, "transitions: " + transitions);
        System.err.println("StopsTest: " + STOPS + " stops at " + transitions + " transitions");
        ExecutorService two = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> stops = new ArrayList<>();
            for (int i = 0; i < STOPS; i++) {
                // The last transitions are those of a run that is done, the files of which are deleted.
                int at = i * (transitions - 10) / STOPS;
                String signal = i % 2 == 0 ? "KILL" : "TERM";
                stops.add(two.submit(() -> {
                    stopAndResume(at, signal);
                    return null;
                }));
            }
            for (Future<?> stop : stops) {
                stop.get();
            }
        } finally {
            two.shutdownNow();
        }
    }

    private static void stopAndResume(int at, String signal) throws Exception {
        String run = "stopped-%s-%s".formatted(signal, at);
        Process process =
                start(run, "-D" + StoppingFileSystem.AT + "=" + at, "-D" + StoppingFileSystem.SIGNAL + "=" + signal);
        try {
            assertTrue(process.waitFor(3, TimeUnit.MINUTES), run + " does not end: " + Files.readString(log(run)));
        } finally {
            process.destroyForcibly();
        }
        // 128 and the number of the signal; a training that was done by then ends as ever.
        assertNotEquals(1, process.exitValue(), () -> run);
        boolean killed = process.exitValue() == 137;
        assertEquals(signal.equals("KILL"), killed, run + ": " + process.exitValue());
        if (!killed) {
            assertFalse(
                    Files.exists(directory.resolve(run).resolve(".lock")),
                    "who is told to stop releases the lock: " + run);
        }
        assertEquals(undisturbed, resume(run), run);
        assertEquals(history, history(run), run);
    }
}
