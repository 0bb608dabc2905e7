package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real processes: a training killed in the middle and resumed, in one JVM after another, ends with the same bits. */
class KilledRunTest {

    @Test
    void aKilledRunResumesToTheBitsOfTheUndisturbedOne(@TempDir Path directory) throws Exception {
        Path job = directory.resolve("job.yaml");
        Files.writeString(job, """
                input: {train: %s, validation: 0.1}
                targets: [{column: image, likelihood: bernoulli, binarize: dynamic}]
                conditions: [{column: label, type: categorical}, slant, thickness]
                model: {latent: 3, hidden: [16]}
                training: {epochs: 30, batch: 64, shards: 2, checkpointEvery: {steps: 7}}
                output: %s
                """.formatted(directory.resolve("strokes.parquet"), directory.resolve("killed")));
        strokes(directory);

        CliProcess started = CliProcess.start(directory, "local[2]", Map.of(), "train", job.toString());
        Process killed = started.process();
        Path checkpoints = directory.resolve("killed/checkpoints");
        while (!hasCheckpoint(checkpoints)) {
            assertTrue(killed.isAlive(), "training ended before it could be killed: " + started.log());
            killed.waitFor(5, TimeUnit.MILLISECONDS);
        }
        killed.destroyForcibly().waitFor();
        assertFalse(Files.exists(directory.resolve("killed/model/schema.json")));

        assertResumesToTheBitsOfTheUndisturbed(directory, "local[1]", job);

        // A model saved in one JVM, loaded in others: the same rows for the same seed.
        String model = directory.resolve("killed").toString();
        String here = directory.resolve("here.parquet").toString();
        String there = directory.resolve("there.parquet").toString();
        run(directory, "local[1]", "sample", model, there, "--rows", "500", "--seed", "3");
        SparkSession spark = SparkTests.session();
        assertEquals(0, Main.run("sample", model, here, "--rows", "500", "--seed", "3", "--partitions", "5"));
        assertEquals(
                spark.read()
                        .parquet(there)
                        .sort("slant", "thickness", "label", "image")
                        .collectAsList(),
                spark.read()
                        .parquet(here)
                        .sort("slant", "thickness", "label", "image")
                        .collectAsList());
    }

    /** Told to stop between two checkpoints, it writes one: nothing of the rounds that are done is lost. */
    @Test
    @Tag("slow")
    void aRunThatIsToldToStopWritesACheckpoint(@TempDir Path directory) throws Exception {
        Path job = directory.resolve("job.yaml");
        Files.writeString(job, """
                input: {train: %s, validation: 0.1}
                targets: [{column: image, likelihood: bernoulli}]
                conditions: [{column: label, type: categorical}]
                model: {latent: 3, hidden: [16]}
                training: {epochs: 100, batch: 64, shards: 2, checkpointEvery: {epochs: 90}}
                output: %s
                """.formatted(directory.resolve("strokes.parquet"), directory.resolve("stopped")));
        strokes(directory);
        CliProcess started = CliProcess.start(directory, "local[2]", Map.of(), "train", job.toString());
        while (!started.log().contains("epoch 5/")) {
            assertTrue(started.process().isAlive(), started.log());
            started.process().waitFor(5, TimeUnit.MILLISECONDS);
        }
        started.process().destroy();
        started.process().waitFor();
        assertTrue(hasCheckpoint(directory.resolve("stopped/checkpoints")), started.log());
        // Nothing of what a Spark that is taken away throws.
        assertTrue(
                started.log().lines().filter(l -> l.startsWith("cvae: ")).allMatch("cvae: told to stop"::equals),
                started.log());

        assertResumesToTheBitsOfTheUndisturbed(directory, "local[2]", job);
    }

    /** The data, made by this JVM. */
    private static void strokes(Path directory) {
        SparkTests.session();
        String data = directory.resolve("strokes.parquet").toString();
        assertEquals(0, Main.run("data", "strokes", data, "--rows", "600", "--size", "8"));
    }

    /** Resumes in a JVM of its own; in this one, at the same time, the same training goes without a break. */
    private static void assertResumesToTheBitsOfTheUndisturbed(Path directory, String master, Path job)
            throws Exception {
        CliProcess resumed =
                CliProcess.start(directory, master, Map.of(), "train", job.toString(), "--resume", "--json");
        CliCall undisturbed =
                CliCall.cvae("train", job.toString(), "--json", "--set", "output=" + directory.resolve("undisturbed"));
        assertEquals(0, undisturbed.status(), undisturbed.err());
        assertEquals(CliProcess.hash(undisturbed.out()), CliProcess.hash(resumed.await()));
    }

    private static boolean hasCheckpoint(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.anyMatch(e -> e.getFileName().toString().startsWith("step-"));
        }
    }

    private static String run(Path directory, String master, String... args) throws Exception {
        return CliProcess.run(directory, master, Map.of(), args);
    }
}
