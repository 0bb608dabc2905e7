package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.store.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands as a user calls them, on a few hundred strokes. */
class CliTest {
    @TempDir
    private static Path directory = Path.of("");

    private static String job = "";

    /** What a call printed, and how it ended. */
    private record Call(int status, String out, String err) {
        JsonNode json() throws IOException {
            List<String> lines = out.lines().toList();
            return Json.MAPPER.readTree(lines.get(lines.size() - 1));
        }
    }

    private static Call cvae(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
        int status;
        try {
            status = Main.run(args);
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
        }
        return new Call(status, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    @BeforeAll
    static void makeStrokesAndTrain() throws IOException {
        SparkTests.session();
        assertEquals(
                0,
                cvae("data", "strokes", at("strokes.parquet"), "--rows", "400", "--size", "10")
                        .status());
        job = at("job.yaml");
        Files.writeString(Path.of(job), """
                input: {train: %s, validation: 0.2}
                targets:
                  - {column: image, likelihood: bernoulli, binarize: dynamic}
                conditions: [{column: label, type: categorical}, slant, thickness]
                model: {variant: cvae-1, latent: 3, hidden: [24]}
                training: {epochs: 3, batch: 64, seed: 1, shards: 2}
                output: %s
                """.formatted(at("strokes.parquet"), at("run")));
        Call train = cvae("train", job, "--json");
        assertEquals(0, train.status(), train.err());
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
        Call bow = cvae("data", "bow", "--docword", words, at("bow.parquet"), "--words", "2");
        assertEquals(0, bow.status(), bow.err());
        List<Row> rows = SparkTests.session()
                .read()
                .parquet(at("bow.parquet"))
                .orderBy("id")
                .collectAsList();
        assertEquals(List.of(4, 1), rows.get(0).getList(1));
        assertEquals(List.of(0, 7), rows.get(1).getList(1));
        Call absent = cvae("data", "bow", "--docword", at("nothing.txt"), at("bow2.parquet"));
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
        Call train = cvae("train", at("holes.yaml"), "--json");
        assertEquals(0, train.status(), train.err());
        assertTrue(Double.isFinite(train.json().get("validation").get("elbo").asDouble()));
        Call transform =
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
        Call again = cvae("train", at("run/job.yaml"), "--set", "output=" + at("again"), "--json");
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
        Call refused = cvae("train", job);
        assertEquals(1, refused.status());
        assertTrue(refused.err().contains("--resume") && refused.err().contains("--overwrite"), refused.err());
        assertEquals(1, refused.err().strip().lines().count(), "one clear line");
        Call resumed = cvae("train", job, "--resume", "--json");
        assertEquals(0, resumed.status(), resumed.err());
        assertEquals(hash("run"), resumed.json().get("parameters_sha256").asText());
        Call changed = cvae("train", job, "--resume", "--set", "training.epochs=4");
        assertEquals(1, changed.status());
        assertTrue(changed.err().contains("training.epochs (then 3, now 4)"), changed.err());
        String fresh = at("fresh");
        Call afresh = cvae("train", job, "--resume", "--set", "output=" + fresh, "--set", "training.epochs=1");
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
        Call call =
                cvae("train", job, "--init", at("run"), "--set", "output=" + at("more"), "--set", "training.seed=2");
        assertEquals(0, call.status(), call.err());
        Call other =
                cvae("train", job, "--init", at("run"), "--set", "output=" + at("less"), "--set", "model.latent=2");
        assertEquals(1, other.status());
        assertTrue(other.err().contains("other networks"), other.err());
    }

    @Test
    void samplesAreWrittenWithTheirConditions() throws IOException {
        SparkSession spark = SparkTests.session();
        Call call = cvae(
                "sample",
                at("run"),
                at("samples.parquet"),
                "--rows",
                "2",
                "--each",
                "label",
                "--seed",
                "5",
                "--png",
                at("samples.png"),
                "--json");
        assertEquals(0, call.status(), call.err());
        assertEquals(20, call.json().get("rows").asInt());
        assertEquals(2, ImageIO.read(directory.resolve("samples.png").toFile()).getWidth() / 20);
        List<Row> rows = spark.read().parquet(at("samples.parquet")).collectAsList();
        for (int i = 0; i < 20; i++) {
            assertEquals(i / 2, (int) rows.get(i).getAs("label"));
        }
        assertEquals(
                1,
                cvae("sample", at("run"), at("samples.parquet"), "--rows", "2").status());
        assertEquals(
                0,
                cvae(
                                "sample",
                                at("run"),
                                at("fixed.parquet"),
                                "--rows",
                                "30",
                                "--where",
                                "label=3",
                                "--where",
                                "slant=0.25")
                        .status());
        Row fixed = spark.read()
                .parquet(at("fixed.parquet"))
                .selectExpr(
                        "count(*)", "min(label)", "max(label)", "min(slant)", "max(slant)", "count(distinct thickness)")
                .head();
        assertEquals(30, fixed.getLong(0));
        assertEquals(3, fixed.getInt(1));
        assertEquals(3, fixed.getInt(2));
        assertEquals(0.25f, fixed.getFloat(3));
        assertEquals(0.25f, fixed.getFloat(4));
        assertTrue(fixed.getLong(5) > 3);
    }

    @Test
    void rowsOfOnesOwnKeepTheirColumns() {
        SparkSession spark = SparkTests.session();
        spark.read()
                .parquet(at("strokes.parquet"))
                .drop("image")
                .selectExpr("uuid() as id", "*")
                .write()
                .parquet(at("wanted.parquet"));
        Call call = cvae("sample", at("run"), at("made.parquet"), "--conditions", at("wanted.parquet"));
        assertEquals(0, call.status(), call.err());
        assertEquals(
                400,
                spark.read()
                        .parquet(at("made.parquet"))
                        .join(spark.read().parquet(at("wanted.parquet")), "id")
                        .count());
        assertEquals(
                2,
                cvae("sample", at("run"), at("no"), "--conditions", "a", "--where", "label=1")
                        .status());
    }

    @Test
    void transformAndEvaluateAgree() throws IOException {
        SparkSession spark = SparkTests.session();
        Call transform = cvae(
                "transform",
                at("run"),
                at("strokes.parquet"),
                at("scored.parquet"),
                "--add",
                "latent,latent_std,reconstruction,elbo,log_likelihood,prediction",
                "--importance-samples",
                "8");
        assertEquals(0, transform.status(), transform.err());
        Row row = spark.read().parquet(at("scored.parquet")).head();
        assertEquals(3, row.getList(row.fieldIndex("latent")).size());
        assertEquals(100, row.getList(row.fieldIndex("reconstruction")).size());
        Call evaluate = cvae(
                "evaluate",
                at("run"),
                at("strokes.parquet"),
                "--importance-samples",
                "8",
                "--output",
                at("metrics"),
                "--json");
        assertEquals(0, evaluate.status(), evaluate.err());
        Row means = spark.read()
                .parquet(at("scored.parquet"))
                .selectExpr("avg(elbo)", "avg(log_likelihood)")
                .head();
        assertEquals(means.getDouble(0), evaluate.json().get("elbo").asDouble(), 1e-9);
        assertEquals(means.getDouble(1), evaluate.json().get("log_likelihood").asDouble(), 1e-9);
        JsonNode result = evaluate.json();
        assertEquals(3, result.get("kl_per_dimension").size());
        double kl = 0;
        for (JsonNode dimension : result.get("kl_per_dimension")) {
            kl += dimension.asDouble();
        }
        assertEquals(result.get("kl").asDouble(), kl, 1e-5);
        assertTrue(result.get("active_units").isInt());
        assertEquals(10, result.get("by_condition").get("label").size());
        // elbo, reconstruction, kl, log_likelihood; kl.0 to kl.2, active_units; elbo[label=0] to elbo[label=9]
        Dataset<Row> metrics = spark.read().parquet(at("metrics"));
        assertEquals(4 + 4 + 10, metrics.count());
        assertEquals(
                result.get("by_condition").get("label").get("3").get("elbo").asDouble(),
                metrics.where("metric = 'elbo[label=3]'").head().getDouble(1));
    }

    @Test
    void theLatentCanBeUsed() throws IOException {
        SparkSession spark = SparkTests.session();
        String data = at("strokes.parquet");
        ok("latent", "interpolate", at("run"), data, at("path.parquet"), "--steps", "4", "--png", at("path.png"));
        assertEquals(4, spark.read().parquet(at("path.parquet")).count());
        // 20 pixels an image, and a line about each
        assertEquals(
                4 * 21 + 1, ImageIO.read(directory.resolve("path.png").toFile()).getWidth());
        ok("latent", "sweep", at("run"), at("sweep.parquet"), "--dimension", "1", "--steps", "3", "--where", "label=3");
        assertEquals(
                3, spark.read().parquet(at("sweep.parquet")).where("label = 3").count());
        String[] change = {"latent", "counterfactual", at("run"), data, at("other.parquet"), "--rows", "2"};
        ok(with(change, "--column", "label", "--image", at("other.png")));
        assertEquals(
                11 * 21 + 1,
                ImageIO.read(directory.resolve("other.png").toFile()).getWidth());
        ok("sample", at("run"), at("decoded.parquet"), "--latents", at("other.parquet"), "--mean");
        assertEquals(
                spark.read().parquet(at("other.parquet")).select("image").collectAsList(),
                spark.read().parquet(at("decoded.parquet")).select("image").collectAsList());

        assertEquals(2, cvae(change).status());
        assertEquals(
                2,
                cvae("latent", "interpolate", at("run"), data, at("no"), "--steps", "1")
                        .status());
        assertEquals(
                2,
                cvae("sample", at("run"), at("no"), "--latents", "a", "--where", "label=1")
                        .status());
        Call dimension = cvae("latent", "sweep", at("run"), at("no"), "--dimension", "3");
        assertTrue(dimension.err().contains("dimensions 0 to 2, found 3"), dimension.err());
        Call level = cvae(with(change, "--set", "label=11", "--overwrite"));
        assertTrue(level.err().contains("'11', which training never saw"), level.err());
        Call probability = cvae("transform", at("run"), data, at("no"), "--add", "probability");
        assertEquals(1, probability.status());
        assertTrue(probability.err().contains("exactly one target column"), probability.err());
    }

    private static void ok(String... args) {
        Call call = cvae(args);
        assertEquals(0, call.status(), call.err());
    }

    private static String[] with(String[] args, String... more) {
        return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void describeNamesColumnsAndTensors() {
        String text = cvae("describe", at("run")).out();
        for (String part : List.of("cvae-1", "image", "label", "10 levels", "encoder.0.weight", "parameters_sha256")) {
            assertTrue(text.contains(part), text);
        }
    }

    @Test
    void benchReportsItsShareOfSgemm() throws IOException {
        Call call = cvae("bench", job, "--set", "training.batch=32", "--seconds", "0.5", "--json");
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
        Call unknown = cvae("transform", at("run"), "a", "b", "--add", "elbow");
        assertEquals(2, unknown.status());
        assertTrue(unknown.err().contains("elbow") && unknown.err().contains("Usage"), unknown.err());
    }

    @Test
    void failuresAreOneLineUnlessAStackTraceIsWanted() {
        Call missing = cvae("train", at("nowhere.yaml"));
        assertEquals(1, missing.status());
        assertTrue(missing.err().startsWith("cvae: There is no job file"), missing.err());
        assertEquals(1, missing.err().strip().lines().count());
        Call traced = cvae("train", at("nowhere.yaml"), "--stacktrace");
        assertNotEquals(1, traced.err().strip().lines().count());
        Call noModel = cvae("describe", at("strokes.parquet"));
        assertTrue(noModel.err().contains("There is no model at"), noModel.err());
        Call key = cvae("train", job, "--set", "training.epoch=3", "--overwrite");
        assertTrue(key.err().contains("training.epoch") && key.err().contains("did you mean 'epochs'"), key.err());
        assertEquals(1, key.err().strip().lines().count(), key.err());
    }
}
