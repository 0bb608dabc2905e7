package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data, training and wrong calls as a user makes them, on a few hundred strokes. */
class CliTest {
    @TempDir
    private static Path directory = Path.of("");

    private static String job = "";

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    @BeforeAll
    static void makeStrokesAndTrain() throws IOException {
        CliCall train = StrokesRun.train(directory);
        job = at("job.yaml");
        JsonNode result = train.json();
        assertEquals(3, result.get("epochs").asInt());
        for (String split : List.of("train", "validation")) {
            JsonNode losses = result.get(split);
            assertEquals(
                    -losses.get("reconstruction").asDouble() - losses.get("kl").asDouble(),
                    losses.get("elbo").asDouble(),
                    1e-9);
        }
        assertTrue(result.get("parameters_sha256").asText().matches("[0-9a-f]{64}"));
        assertTrue(result.get("rows_per_second").asDouble() > 0);
        assertEquals(3, train.err().lines().filter(l -> l.startsWith("epoch ")).count(), train.err());
    }

    @Test
    void bagsOfWordsBecomeATable() throws IOException {
        String words = at("docword.txt");
        Files.writeString(Path.of(words), "2\n3\n3\n1 1 4\n1 3 1\n2 3 7\n");
        CliCall bow = cvae("data", "bow", "--docword", words, at("bow.parquet"), "--words", "2");
        assertEquals(0, bow.status(), bow.err());
        List<Row> rows = SparkTests.session()
                .read()
                .parquet(at("bow.parquet"))
                .orderBy("id")
                .collectAsList();
        assertEquals(List.of(4, 1), rows.get(0).getList(1));
        assertEquals(List.of(0, 7), rows.get(1).getList(1));
        CliCall absent = cvae("data", "bow", "--docword", at("nothing.txt"), at("bow2.parquet"));
        assertEquals(1, absent.status());
        assertTrue(absent.err().contains("--docword: there is nothing at"), absent.err());
    }

    /** Empty cells of a CSV are missing targets. */
    @Test
    void aTableWithEmptyCellsIsTrainedOnAndFilledIn() throws IOException {
        StringBuilder csv = new StringBuilder("id,work,hours,kind\n");
        for (int i = 0; i < 200; i++) {
            String work = i % 5 == 0 ? "" : i % 2 == 0 ? "office" : "field";
            csv.append("%d,%s,%s,%s\n"
                    .formatted(i, work, i % 7 == 0 ? "" : String.valueOf(30 + i % 2), "ab".charAt(i % 2)));
        }
        Files.writeString(Path.of(at("holes.csv")), csv);
        Files.writeString(Path.of(at("holes.yaml")), """
                input: {train: {path: %s, format: csv, options: {header: true, inferSchema: true}}, validation: 0.2}
                targets: [work, {column: hours, type: count}]
                conditions: [kind]
                model: {latent: 2, hidden: [8]}
                training: {epochs: 2, batch: 50, shards: 2}
                output: %s
                """.formatted(at("holes.csv"), at("holes")));
        CliCall train = cvae("train", at("holes.yaml"), "--json");
        assertEquals(0, train.status(), train.err());
        assertTrue(Double.isFinite(train.json().get("validation").get("elbo").asDouble()));
        CliCall transform =
                cvae("transform", at("holes"), at("holes.csv"), at("filled.parquet"), "--add", "reconstruction");
        assertEquals(0, transform.status(), transform.err());
        Row first = SparkTests.session()
                .read()
                .parquet(at("filled.parquet"))
                .orderBy("id")
                .first();
        assertTrue(first.isNullAt(1) && first.isNullAt(2), first::toString);
        assertFalse(first.getStruct(4).anyNull(), first::toString);
        assertEquals(0, cvae("evaluate", at("holes"), at("holes.csv")).status());
    }

    @Test
    void aRunDirectoryHoldsJobModelCheckpointsAndHistory() throws IOException {
        SparkSession spark = SparkTests.session();
        assertTrue(Files.readString(directory.resolve("run/job.yaml")).contains("patience") == false);
        assertTrue(Files.readString(directory.resolve("run/job.yaml")).contains("learningRate: 0.001"));
        assertTrue(Files.exists(directory.resolve("run/model/schema.json")));
        try (var checkpoints = Files.list(directory.resolve("run/checkpoints"))) {
            assertEquals(
                    2,
                    checkpoints
                            .filter(p -> p.getFileName().toString().startsWith("step-"))
                            .count());
        }
        List<Row> history = spark.read()
                .parquet(at("run/history"))
                .orderBy("epoch", "split")
                .collectAsList();
        assertEquals(6, history.size());
        assertEquals("train", history.get(0).getAs("split"));
        // job.yaml is a job file again
        CliCall again = cvae("train", at("run/job.yaml"), "--set", "output=" + at("again"), "--json");
        assertEquals(hash("run"), again.json().get("parameters_sha256").asText());
    }

    private static String hash(String run) throws IOException {
        return cvae("describe", at(run), "--json")
                .json()
                .get("provenance")
                .get("parameters_sha256")
                .asText();
    }

    @Test
    void anOutputThatHoldsARunIsNotTouchedUnlessSaid() throws IOException {
        CliCall refused = cvae("train", job);
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("--resume") && refused.err().contains("--overwrite"), refused.err());
        assertEquals(1, refused.err().strip().lines().count(), "one clear line");
        CliCall resumed = cvae("train", job, "--resume", "--json");
        assertEquals(0, resumed.status(), resumed.err());
        assertEquals(hash("run"), resumed.json().get("parameters_sha256").asText());
        CliCall changed = cvae("train", job, "--resume", "--set", "training.epochs=4");
        assertEquals(1, changed.status());
        assertTrue(changed.err().contains("training.epochs (then 3, now 4)"), changed.err());
        String fresh = at("fresh");
        CliCall afresh = cvae("train", job, "--resume", "--set", "output=" + fresh, "--set", "training.epochs=1");
        assertEquals(0, afresh.status(), afresh.err());
        Path other = Files.writeString(directory.resolve("fresh/mine.txt"), "not the program's");
        assertEquals(
                0,
                cvae("train", job, "--overwrite", "--set", "output=" + fresh, "--set", "training.epochs=1")
                        .status());
        assertTrue(Files.exists(other));
    }

    @Test
    void aModelCanStartAnother() {
        CliCall call =
                cvae("train", job, "--init", at("run"), "--set", "output=" + at("more"), "--set", "training.seed=2");
        assertEquals(0, call.status(), call.err());
        CliCall other =
                cvae("train", job, "--init", at("run"), "--set", "output=" + at("less"), "--set", "model.latent=2");
        assertEquals(1, other.status());
        assertTrue(other.err().contains("other networks"), other.err());
    }

    @Test
    void benchReportsItsShareOfSgemm() throws IOException {
        CliCall call = cvae("bench", job, "--set", "training.batch=32", "--seconds", "0.5", "--json");
        assertEquals(0, call.status(), call.err());
        for (String key : List.of(
                "rows_per_second",
                "gflops",
                "sgemm_gflops",
                "share_of_sgemm",
                "batch",
                "parameters",
                "workers",
                "step_ms",
                "compute_ms",
                "exchange_ms",
                "wait_ms")) {
            assertTrue(call.json().get(key).asDouble() >= 0, key);
        }
        assertEquals(32, call.json().get("batch").asInt());
    }

    @Test
    void wrongCallsEndWithStatusTwoAndUsage() {
        assertEquals(2, cvae().status());
        assertEquals(2, cvae("trian").status());
        assertEquals(2, cvae("sample", "only-a-model").status());
        assertEquals(2, cvae("describe").status());
        CliCall unknown = cvae("transform", at("run"), "a", "b", "--add", "elbow");
        assertEquals(2, unknown.status());
        assertTrue(unknown.err().contains("elbow") && unknown.err().contains("Usage"), unknown.err());
    }

    @Test
    void theKeysOfAJobFileAreDescribed() throws IOException {
        String text = cvae("describe", "--keys").out();
        for (String part :
                List.of("training.optimizer", "epochs", "at least 1, default 20", "Passes over the training")) {
            assertTrue(text.contains(part), text);
        }
        JsonNode keys = cvae("describe", "--keys", "--json").json().get("keys");
        JsonNode first = keys.get(0);
        assertEquals("input", first.get("section").asText());
        assertEquals("train", first.get("key").asText());
        assertEquals("required", first.get("default").asText());
    }

    @Test
    void failuresAreOneLineUnlessAStackTraceIsWanted() {
        CliCall missing = cvae("train", at("nowhere.yaml"));
        assertEquals(1, missing.status());
        assertTrue(missing.err().startsWith("cvae: There is no job file"), missing.err());
        assertEquals(1, missing.err().strip().lines().count());
        CliCall traced = cvae("train", at("nowhere.yaml"), "--stacktrace");
        assertNotEquals(1, traced.err().strip().lines().count());
        CliCall noModel = cvae("describe", at("strokes.parquet"));
        assertTrue(noModel.err().contains("There is no model at"), noModel.err());
        CliCall key = cvae("train", job, "--set", "training.epoch=3", "--overwrite");
        assertTrue(key.err().contains("training.epoch") && key.err().contains("did you mean 'epochs'"), key.err());
        assertEquals(1, key.err().strip().lines().count(), key.err());
    }
}
