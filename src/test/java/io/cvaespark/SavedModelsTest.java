package io.cvaespark;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cvaespark.cli.InProcess;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.store.ParameterHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that earlier versions saved are loaded, and give the rows that those versions gave. */
class SavedModelsTest {
    private static final Path OLD = Path.of("src/test/resources/models/0.1.0");
    private static final String OUT = "OUT";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path directory = Path.of("");

    /** What is expected of a saved model, and where it is. */
    private record Saved(Path place, String hash, long seed, String columns, String added) {

        static Saved of(String name) throws IOException {
            Path place = OLD.resolve(name);
            JsonNode json = JSON.readTree(place.resolve("expected.json").toFile());
            return new Saved(
                    place,
                    json.get("parameters_sha256").asText(),
                    json.get("seed").asLong(),
                    json.get("columns").asText(),
                    json.get("added").asText());
        }

        String model() {
            return place.resolve("model").toString();
        }

        List<JsonNode> lines(String file) throws IOException {
            return json(Files.readAllLines(place.resolve(file)));
        }
    }

    @Test
    void everySavedModelIsTested() throws IOException {
        Set<String> found = new TreeSet<>();
        try (Stream<Path> places = Files.list(OLD)) {
            places.forEach(place -> found.add(place.getFileName().toString()));
        }
        assertEquals(
                Set.of("classifier", "convolution", "learned-prior", "mixed-table", "mixture-prior"),
                found,
                "name every one in SavedModelsTest");
    }

    @ParameterizedTest
    @ValueSource(strings = {"classifier", "convolution", "learned-prior", "mixed-table", "mixture-prior"})
    void aModelOf010IsLoadedAndUsedAndSavedAgain(String name) throws IOException {
        SparkTests.session();
        Saved saved = Saved.of(name);
        CvaeModel model = CvaeModel.load(saved.model());
        assertEquals(saved.hash(), ParameterHash.of(model.parameters()));
        List<JsonNode> sampled = sampled(saved, saved.model());
        assertClose(saved.lines("sampled.jsonl"), sampled, "sampled");
        assertClose(saved.lines("transformed.jsonl"), transformed(saved), "transformed");

        String copy = directory.resolve("copy").toString();
        model.save(copy);
        CvaeModel again = CvaeModel.load(copy);
        assertEquals(model.description(), again.description());
        assertEquals(saved.hash(), ParameterHash.of(again.parameters()));
        assertEquals(sampled, sampled(saved, copy), "a copy samples the same rows");
    }

    private List<JsonNode> sampled(Saved saved, String model) throws IOException {
        String rows = String.valueOf(saved.lines("sampled.jsonl").size());
        return written("sample", model, OUT, "--rows", rows, "--seed", String.valueOf(saved.seed()));
    }

    private List<JsonNode> transformed(Saved saved) throws IOException {
        String rows = directory.resolve("rows.parquet").toString();
        SparkTests.session()
                .read()
                .schema(saved.columns())
                .json(saved.place().resolve("transformed.jsonl").toString())
                .coalesce(1)
                .write()
                .parquet(rows);
        return written("transform", saved.model(), rows, OUT, "--add", saved.added());
    }

    /** What a command writes, as lines of JSON. */
    private List<JsonNode> written(String... command) throws IOException {
        Path out = directory.resolve("out.json");
        List<String> args = new ArrayList<>(List.of(command));
        args.addAll(List.of("--partitions", "1", "--overwrite"));
        args.set(args.indexOf(OUT), out.toString());
        InProcess.cvae(args.toArray(String[]::new));
        List<String> lines = new ArrayList<>();
        try (Stream<Path> files = Files.list(out)) {
            for (Path file : files.filter(f -> f.getFileName().toString().startsWith("part-"))
                    .toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return json(lines);
    }

    private static List<JsonNode> json(List<String> lines) throws IOException {
        List<JsonNode> parsed = new ArrayList<>();
        for (String line : lines) {
            parsed.add(JSON.readTree(line));
        }
        return parsed;
    }

    private static void assertClose(List<JsonNode> expected, List<JsonNode> found, String what) {
        assertEquals(expected.size(), found.size(), what);
        for (int i = 0; i < expected.size(); i++) {
            assertClose(expected.get(i), found.get(i), what + " row " + i);
        }
    }

    /** Numbers may differ as they do from one type of processor to another; everything else is equal. */
    private static void assertClose(JsonNode expected, JsonNode found, String what) {
        assertEquals(expected.getNodeType(), found.getNodeType(), what);
        if (expected.isNumber()) {
            assertEquals(
                    expected.asDouble(), found.asDouble(), 1e-4 * Math.max(1, Math.abs(expected.asDouble())), what);
        } else if (expected.isContainerNode()) {
            assertEquals(names(expected), names(found), what);
            assertEquals(expected.size(), found.size(), what);
            for (String name : names(expected)) {
                assertClose(expected.get(name), found.get(name), what + " " + name);
            }
            for (int i = 0; expected.isArray() && i < expected.size(); i++) {
                assertClose(expected.get(i), found.get(i), what + " [" + i + "]");
            }
        } else {
            assertEquals(expected, found, what);
        }
    }

    private static Set<String> names(JsonNode node) {
        Set<String> names = new TreeSet<>();
        node.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
