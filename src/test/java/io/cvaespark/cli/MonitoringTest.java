package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others can read of a training while it runs: lines of JSON, and a sink of Spark's metrics system. */
class MonitoringTest {
    @Test
    void linesOfJsonAndASinkTellTheSame(@TempDir Path directory) throws Exception {
        SparkTests.session();
        Path data = directory.resolve("strokes.parquet");
        assertEquals(0, Main.run("data", "strokes", data.toString(), "--rows", "400", "--size", "10"));
        Path job = directory.resolve("job.yaml");
        Files.writeString(job, """
                input: {train: %s, validation: 0.2}
                targets: [{column: image, likelihood: bernoulli}]
                conditions: [{column: label, type: categorical}]
                model: {latent: 3, hidden: [24]}
                training: {epochs: 2, batch: 64, shards: 2, roundSteps: 2}
                output: %s
                """.formatted(data, directory.resolve("run")));
        Path sink = Files.createDirectory(directory.resolve("sink"));
        Map<String, String> settings = Map.of(
                "spark.metrics.conf.driver.sink.csv.class", "org.apache.spark.metrics.sink.CsvSink",
                "spark.metrics.conf.driver.sink.csv.directory", sink.toString(),
                "spark.metrics.namespace", "test");
        CliProcess training =
                CliProcess.start(directory, "local[2]", settings, "train", job.toString(), "--json", "--log", "json");
        String out = training.await();

        List<JsonNode> lines = lines(training.log());
        assertEquals(
                List.of("start", "round", "round", "epoch", "round", "round", "epoch"),
                lines.stream().map(l -> l.get("event").asText()).toList(),
                training.log());
        JsonNode start = lines.get(0);
        assertEquals(0, start.get("step").asInt());
        assertEquals(12, start.get("steps").asInt());
        assertTrue(start.get("parameters").asInt() > 0);
        JsonNode round = lines.get(5);
        assertEquals(2, round.get("epoch").asInt());
        assertEquals(10, round.get("step").asInt());
        JsonNode epoch = lines.get(6);
        assertEquals(12, epoch.get("step").asInt());
        assertTrue(epoch.get("validation").get("elbo").isNumber());
        assertTrue(epoch.get("step_ms").asDouble() >= epoch.get("exchange_ms").asDouble());

        // Standard output has the result and nothing else.
        assertEquals(1, out.lines().count(), out);
        JsonNode result = Json.MAPPER.readTree(out);
        assertEquals(2, result.get("epochs").asInt());

        // Spark reports to the sinks once more when it stops.
        assertEquals(12, lastValue(sink, "step"));
        assertEquals(epoch.get("train").get("elbo").asDouble(), lastValue(sink, "elbo"), 1e-4);
        assertEquals(epoch.get("exchange_ms").asDouble(), lastValue(sink, "exchange_ms"), 1e-4);
    }

    private static List<JsonNode> lines(String log) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : log.lines().filter(l -> l.startsWith("{")).toList()) {
            JsonNode node = Json.MAPPER.readTree(line);
            assertTrue(Instant.parse(node.get("time").asText()).isBefore(Instant.now()));
            lines.add(node);
        }
        assertTrue(log.lines().noneMatch(l -> l.startsWith("epoch ")), "no progress lines beside: " + log);
        return lines;
    }

    private static double lastValue(Path sink, String metric) throws IOException {
        Path file = sink.resolve("test.driver.cvae.%s.csv".formatted(metric));
        try (Stream<Path> files = Files.list(sink)) {
            assertTrue(Files.exists(file), () -> files.toList().toString());
        }
        List<String> rows = Files.readAllLines(file);
        return Double.parseDouble(rows.get(rows.size() - 1).split(",")[1]);
    }
}
