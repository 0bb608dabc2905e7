package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import io.cvaespark.store.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
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
        run(
                directory,
                "local[2]",
                "data",
                "strokes",
                directory.resolve("strokes.parquet").toString(),
                "--rows",
                "600",
                "--size",
                "8");

        Process killed = start(directory, "local[2]", "train", job.toString());
        Path checkpoints = directory.resolve("killed/checkpoints");
        while (!hasCheckpoint(checkpoints)) {
            assertTrue(killed.isAlive(), "training ended before it could be killed: " + log(directory));
            killed.waitFor(5, TimeUnit.MILLISECONDS);
        }
        killed.destroyForcibly().waitFor();
        assertFalse(Files.exists(directory.resolve("killed/model/schema.json")));

        String resumed = hash(run(directory, "local[1]", "train", job.toString(), "--resume", "--json"));
        String undisturbed = hash(run(
                directory,
                "local[2]",
                "train",
                job.toString(),
                "--json",
                "--set",
                "output=" + directory.resolve("undisturbed")));
        assertEquals(undisturbed, resumed);

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

    private static boolean hasCheckpoint(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.anyMatch(e -> e.getFileName().toString().startsWith("step-"));
        }
    }

    private static Process start(Path directory, String master, String... args) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // The module flags that Spark needs are those of this JVM.
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-") || a.startsWith("-Dlog4j2"))
                .forEach(command::add);
        command.addAll(List.of(
                "-Xmx1g",
                "-Dspark.master=" + master,
                "-Dspark.ui.enabled=false",
                "-Dspark.driver.host=127.0.0.1",
                "-Dspark.driver.bindAddress=127.0.0.1",
                "-cp",
                System.getProperty("java.class.path"),
                "io.cvaespark.cli.Main"));
        command.addAll(List.of(args));
        return new ProcessBuilder(command)
                .redirectError(directory.resolve("stderr.txt").toFile())
                .redirectOutput(directory.resolve("stdout.txt").toFile())
                .start();
    }

    private static String run(Path directory, String master, String... args) throws Exception {
        int status = start(directory, master, args).waitFor();
        assertEquals(0, status, log(directory));
        return Files.readString(directory.resolve("stdout.txt"));
    }

    private static String log(Path directory) throws IOException {
        return Files.readString(directory.resolve("stderr.txt"));
    }

    private static String hash(String out) throws IOException {
        List<String> lines = out.lines().toList();
        return Json.MAPPER
                .readTree(lines.get(lines.size() - 1))
                .get("parameters_sha256")
                .asText();
    }
}
