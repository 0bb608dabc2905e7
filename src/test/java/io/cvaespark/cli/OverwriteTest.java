package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** No command loses what is there: a call that fails, or is refused, leaves every file as it was, to the byte. */
class OverwriteTest {
    private static Path directory = Path.of("");

    @BeforeAll
    static void train(@TempDir Path folder) throws IOException {
        directory = folder;
        StrokesRun.train(directory);
        Files.createDirectories(directory.resolve("mine"));
        Files.writeString(directory.resolve("mine/notes.txt"), "precious");
        Files.writeString(directory.resolve("notes.txt"), "precious too");
        Files.createSymbolicLink(directory.resolve("link"), directory.resolve("strokes.parquet"));
        assertEquals(0, call("sample @run @old.csv --rows 3 --format parquet").status());
        assertEquals(0, call("sample @run @given.parquet --rows 3").status());
        Files.createDirectories(directory.resolve("reports"));
        Files.writeString(directory.resolve("reports/report.html"), "mine");
    }

    /** Runs a command line; @ stands for the test's directory. */
    private static CliCall call(String line) {
        return cvae(Stream.of(line.split(" "))
                .map(word -> word.replace("@", directory + "/"))
                .toArray(String[]::new));
    }

    /** Every file below a directory, and its bytes. */
    private static SortedMap<String, Integer> files(Path root) throws IOException {
        SortedMap<String, Integer> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(root)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                files.put(root.relativize(file).toString(), Arrays.hashCode(Files.readAllBytes(file)));
            }
        }
        return files;
    }

    /** The same as lines, for other tests. */
    static List<String> contents(Path root) throws IOException {
        return files(root).entrySet().stream().map(Object::toString).toList();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // OUT is, contains or lies in what the command reads
                "transform @run @strokes.parquet @strokes.parquet --add elbo --overwrite",
                "transform @run @strokes.parquet @link --add elbo --overwrite",
                "transform @run @strokes.parquet @mine/../strokes.parquet --add elbo --overwrite",
                "transform @run @strokes.parquet @ --add elbo --overwrite",
                "transform @run @strokes.parquet @strokes.parquet/more --add elbo",
                "sample @run @given.parquet --conditions @given.parquet --overwrite",
                "sample @run @given.parquet --latents @given.parquet --overwrite",
                "evaluate @run @strokes.parquet --output @strokes.parquet --overwrite",
                "latent interpolate @run @strokes.parquet @strokes.parquet --overwrite",
                "latent counterfactual @run @strokes.parquet @strokes.parquet --set label=1 --overwrite",
                "data bow --docword @notes.txt @notes.txt --overwrite",
                // OUT is a run or a part of one
                "sample @run @run --rows 5 --overwrite",
                "sample @run @run/model --rows 5 --overwrite",
                "sample @run @run/model/data --rows 5 --overwrite",
                "sample @run @run/history --rows 5 --overwrite",
                "sample @run @run/checkpoints/new --rows 5",
                "sample @run @run/job.yaml --rows 5 --overwrite",
                "latent sweep @run @run/model --dimension 0 --overwrite",
                "data strokes @run --rows 5 --overwrite",
                // OUT is not what such a command writes
                "sample @run @mine --rows 5 --overwrite",
                "sample @run @notes.txt --rows 5 --overwrite",
                "evaluate @run @strokes.parquet --output @mine --overwrite",
                "data strokes @mine --rows 5 --overwrite",
                "sample @run @new.parquet --rows 5 --png @notes.txt --overwrite",
                "sample @run @new.parquet --rows 5 --png @mine --overwrite",
                "latent sweep @run @new.parquet --dimension 0 --png @notes.txt --overwrite",
                "report @run --output @reports",
                "compare @given.parquet @given.parquet --output @mine --overwrite",
                "compare @given.parquet @given.parquet --output @run --overwrite",
                "compare @given.parquet @old.csv --format parquet --output @old.csv --overwrite",
                // OUT is replaced only when the new one is whole
                "sample @run @old.csv --rows 3 --overwrite",
                "sample @run @old.csv --rows 3 --where label=12 --overwrite",
                "transform @run @given.parquet @old.csv --add elbo --format orc --overwrite",
                "sample @run @old.csv --rows 3 --format nothing --overwrite",
                "sample @run @old.csv --rows 3 --partition-by nothing --format parquet --overwrite",
                // a run is replaced only when job, columns, data and the model to start from are right
                "train @job.yaml --overwrite --set targets=[imagee]",
                "train @job.yaml --overwrite --set input.train=@gone.parquet",
                "train @job.yaml --overwrite --set training.epoch=2",
                "train @job.yaml --overwrite --set model.variant=cvae-9",
                "train @job.yaml --overwrite --set conditions=[slant]" + " --init @run",
                "train @job.yaml --overwrite --init @gone",
                "train @job.yaml --overwrite --set input.weight=nothing",
                "train @job.yaml --overwrite --set input.train=@run/history",
                "train @job.yaml"
            })
    void whatFailsChangesNothing(String line) throws IOException {
        SortedMap<String, Integer> before = files(directory);
        CliCall failed = call(line);
        assertNotEquals(0, failed.status(), line);
        assertEquals(before, files(directory), line + "\n" + failed.err());
    }

    @Test
    void aTableIsReplacedWhole() throws IOException {
        assertEquals(
                0, call("sample @run @table.parquet --rows 3 --png @table.png").status());
        SortedMap<String, Integer> before = files(directory.resolve("table.parquet"));
        CliCall again = call("sample @run @table.parquet --rows 5 --seed 2 --png @table.png --overwrite");
        assertEquals(0, again.status(), again.err());
        assertNotEquals(before, files(directory.resolve("table.parquet")));
        assertTrue(
                files(directory).keySet().stream().noneMatch(f -> f.contains(".writing") || f.contains(".replaced")),
                files(directory).toString());
    }

    @Test
    void samplesMayStandBesideARunsParts() {
        assertEquals(0, call("sample @run @run/samples.parquet --rows 3").status());
        CliCall again = call("sample @run @run/samples.parquet --rows 3 --overwrite");
        assertEquals(0, again.status(), again.err());
    }

    /** The model of the run that is replaced is there until the new one is. */
    @Test
    void aReplacedRunIsKeptUntilItsSuccessorHasAModel() throws IOException {
        String set = " --set output=@twice --set training.epochs=2";
        assertEquals(0, call("train @job.yaml" + set).status());
        String old = hash("@twice");
        CliCall diverged = call("train @job.yaml --overwrite --set training.optimizer.learningRate=1e30" + set);
        assertEquals(1, diverged.status());
        assertEquals(old, hash("@twice/.previous"));
        // A second failure does not replace the good model by a run without one.
        assertEquals(
                1,
                call("train @job.yaml --overwrite --set training.optimizer.learningRate=1e31" + set)
                        .status());
        assertEquals(old, hash("@twice/.previous"));
        CliCall successor = call("train @job.yaml --overwrite --init @twice/.previous" + set);
        assertEquals(0, successor.status(), successor.err());
        assertFalse(Files.exists(directory.resolve("twice/.previous")));
        assertNotEquals(old, hash("@twice"));
        CliCall from = call("train @job.yaml --overwrite --init @twice" + set);
        assertEquals(0, from.status(), from.err());
    }

    private static String hash(String run) throws IOException {
        return call("describe " + run + " --json")
                .json()
                .at("/provenance/parameters_sha256")
                .asText();
    }
}
