package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --dry-run}, and {@code describe} of what training then makes. */
class DryRunTest {
    private static final int ROWS = 300;

    @TempDir
    private static Path directory = Path.of("");

    private static String job = "";

    @BeforeAll
    static void writeTable() throws IOException {
        SparkSession unused = SparkTests.session(); // the commands use the session that is there
        StringBuilder csv = new StringBuilder("number,code,age,work,always,flag,\"a, b\",never,income\n");
        for (int i = 0; i < ROWS; i++) {
            csv.append("%d,K-%04d,%s,%s,7,%s,%s,,%s%n"
                    .formatted(
                            i + 1,
                            i * 31 % 10_000,
                            i % 6 == 0 ? "" : String.valueOf(20 + i % 50),
                            i % 3 == 0 ? "office" : "field",
                            i % 2 == 0,
                            (i * 37 % 1000) / 10.0,
                            i % 4 == 0 ? ">50K" : "<=50K"));
        }
        Path table = Files.writeString(directory.resolve("table.csv"), csv);
        job = Files.writeString(directory.resolve("job.yaml"), """
                        input: {train: {path: %s, options: {header: true, inferSchema: true}}}
                        targets: all
                        conditions: [income]
                        training: {epochs: 1, shards: 2}
                        output: %s
                        """.formatted(table, directory.resolve("run")))
                .toString();
    }

    private static JsonNode dryRun(String... settings) throws IOException {
        List<String> args = new ArrayList<>(List.of("train", job, "--dry-run", "--json"));
        for (String setting : settings) {
            args.addAll(List.of("--set", setting));
        }
        CliCall call = cvae(args.toArray(String[]::new));
        assertEquals(0, call.status(), call.err());
        return call.json();
    }

    private static JsonNode column(JsonNode found, String name) {
        for (JsonNode column : found.get("columns")) {
            if (column.get("column").asText().equals(name)) {
                return column;
            }
        }
        throw new AssertionError(name + " is not in " + found);
    }

    private static void assertTaken(JsonNode column, String role, String type, String why, String otherwise) {
        String said = column.toString();
        assertEquals(role, column.get("role").asText(), said);
        assertEquals(type, column.get("type").asText(), said);
        assertTrue(column.get("why").asText().contains(why), said);
        assertEquals(otherwise, column.get("otherwise").asText(), said);
    }

    /** The files below the directory, with their sizes and times. */
    private static Map<String, String> files() throws IOException {
        Map<String, String> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path file : all.toList()) {
                files.put(file.toString(), Files.size(file) + " " + Files.getLastModifiedTime(file));
            }
        }
        return files;
    }

    @Test
    void everyColumnIsTakenForSomethingForAReason() throws IOException {
        JsonNode found = dryRun();
        assertTaken(
                column(found, "number"),
                "identifier",
                "id",
                "follow each other",
                "{column: number, type: categorical}");
        assertTaken(column(found, "code"), "identifier", "id", "another text", "{column: code, type: categorical}");
        assertTaken(
                column(found, "age"), "target", "continuous", "SQL type is int", "{column: age, type: categorical}");
        assertTaken(column(found, "work"), "target", "categorical", "SQL type is string", "{column: work, type: id}");
        assertTaken(
                column(found, "flag"), "target", "categorical", "SQL type is boolean", "{column: flag, type: binary}");
        assertTaken(column(found, "a, b"), "target", "continuous", "double", "{column: \"a, b\", type: categorical}");
        assertTaken(column(found, "income"), "condition", "categorical", "SQL type is string", "null");
        assertEquals(1 / 6.0, column(found, "age").get("missing").asDouble(), 1e-9);
        assertTrue(column(found, "age").get("codec").asText().endsWith("or null"), found.toString());
        assertEquals("generate", column(found, "age").get("missing_cells").asText());
        assertTrue(column(found, "work").get("missing_cells").isNull(), "none is missing");
        JsonNode ignored = column(dryRun("targets=[all, {column: age, missing: ignore}]"), "age");
        assertEquals("ignore", ignored.get("missing_cells").asText());
        assertFalse(ignored.get("codec").asText().contains("null"), ignored.toString());
        assertEquals("histogram", column(found, "age").get("likelihood").asText());
        assertTrue(column(found, "a, b").get("codec").asText().contains("in steps of 0.1"), found.toString());
        assertEquals(1, column(found, "never").get("missing").asDouble());
        assertTrue(column(found, "always").get("constant").asBoolean());
        assertFalse(column(found, "age").get("constant").asBoolean());
    }

    @Test
    void whatTheAdviceSaysComesAbout() throws IOException {
        List<String> targets = new ArrayList<>(List.of("all"));
        for (JsonNode column : dryRun().get("columns")) {
            if (!column.get("otherwise").isNull()) {
                targets.add(column.get("otherwise").asText());
            }
        }
        JsonNode other = dryRun("targets=[%s]".formatted(String.join(", ", targets)));
        assertTaken(column(other, "number"), "target", "categorical", "the job says type: categorical", "null");
        assertTaken(column(other, "age"), "target", "categorical", "the job says type: categorical", "null");
        assertTaken(column(other, "a, b"), "target", "categorical", "the job says type: categorical", "null");
        assertTaken(column(other, "work"), "identifier", "id", "the job says type: id", "null");
        assertTaken(column(other, "flag"), "target", "binary", "the job says type: binary", "null");
        assertEquals("autoregressive", other.at("/decoder/name").asText());
    }

    @Test
    void settingsOfTheTableAndTheDecoderAreSaid() throws IOException {
        JsonNode found = dryRun();
        assertEquals("autoregressive", found.at("/decided/model.decoder").asText());
        assertEquals("plateau", found.at("/decided/training.optimizer.schedule").asText());
        assertEquals(0.1, found.at("/decided/input.validation").asDouble());
        assertFalse(found.get("decided").has("training.epochs"), "the job says it");
        assertEquals("age", found.at("/decoder/order/0").asText());
        JsonNode one = dryRun("targets=[age]", "model.hidden=[8]");
        assertEquals("independent", one.at("/decoder/name").asText());
        assertEquals("there is one target only", one.at("/decoder/why").asText());
        JsonNode layers = dryRun("targets=[age, work]", "model.hidden=[8]");
        assertEquals("the job says model.hidden", layers.at("/decoder/why").asText());
        assertTrue(layers.get("decided").isEmpty(), layers.toString());
        JsonNode any = dryRun("model.order=any");
        assertTrue(any.at("/decoder/any_order").asBoolean());
    }

    @Test
    void nothingIsWrittenAndTrainingIsAsTheDryRunSaid() throws IOException {
        Map<String, String> before = files();
        JsonNode estimate = dryRun().get("estimate");
        assertEquals(before, files());
        CliCall train = cvae("train", job);
        assertEquals(0, train.status(), train.err());
        CliCall described = cvae("describe", directory.resolve("run").toString(), "--json");
        JsonNode model = described.json();
        assertEquals(model.get("parameters").asInt(), estimate.get("parameters").asInt());
        JsonNode provenance = model.get("provenance");
        assertEquals(
                provenance.get("training_rows").asInt(),
                estimate.get("training_rows").asInt());
        assertEquals(
                provenance.get("validation_rows").asInt(),
                estimate.get("held_out_rows").asInt());
        assertEquals(provenance.get("steps").asInt(), estimate.get("most_steps").asInt());
        assertEquals(2, estimate.get("workers").asInt());
        assertTrue(estimate.get("most_minutes").asDouble() > 0);
        Map<String, String> after = files();
        CliCall text = cvae("train", job, "--dry-run");
        assertEquals(0, text.status(), text.err());
        assertEquals(after, files(), "a run in output is left alone");
        assertTrue(text.out().contains("otherwise say {column: age, type: categorical}"), text.out());
        assertTrue(text.out().contains("missing in 16.67 % of the rows (missing: generate)"), text.out());
        assertTrue(text.out().contains("model.variant: baseline"), text.out());
    }

    @Test
    void describeNamesIdentifiersOrderAndEmptyCells() {
        String run = directory.resolve("described").toString();
        CliCall train = cvae("train", job, "--set", "output=" + run);
        assertEquals(0, train.status(), train.err());
        String text = cvae("describe", run).out();
        assertTrue(
                text.contains("variant     baseline, relu, decoder autoregressive"),
                "a baseline has neither latent nor encoder: " + text);
        assertTrue(text.contains("decoder autoregressive in the order age, work, always"), text);
        assertTrue(text.contains("identifier  number: int, not modelled; sampled rows get 1, 2, …"), text);
        assertTrue(text.contains("age: int continuous, histogram, 20 to 69: 50 frequent values"), text);
        assertTrue(text.lines().anyMatch(line -> line.contains("age: int") && line.endsWith(", or null")), text);
        assertTrue(text.lines().anyMatch(line -> line.contains("work: string") && line.endsWith(", never null")), text);
    }

    @Test
    void optionsThatNeedATrainingAreRefused() {
        CliCall init = cvae("train", job, "--dry-run", "--init", "anything");
        assertEquals(1, init.status());
        assertTrue(init.err().contains("--dry-run trains nothing"), init.err());
        CliCall overwrite = cvae("train", job, "--dry-run", "--overwrite");
        assertEquals(2, overwrite.status());
        assertTrue(overwrite.err().contains("mutually exclusive"), overwrite.err());
    }
}
