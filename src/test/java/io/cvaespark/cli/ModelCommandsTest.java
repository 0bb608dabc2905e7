package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
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

/** The commands that use a model, as a user calls them. */
class ModelCommandsTest {
    @TempDir
    private static Path directory = Path.of("");

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    @BeforeAll
    static void makeStrokesAndTrain() throws IOException {
        StrokesRun.train(directory);
    }

    @Test
    void samplesAreWrittenWithTheirConditions() throws IOException {
        SparkSession spark = SparkTests.session();
        CliCall call = cvae(
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
        CliCall call = cvae("sample", at("run"), at("made.parquet"), "--conditions", at("wanted.parquet"));
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
    void aFilterTakesSomeRowsOfTheData() throws IOException {
        long zeros = SparkTests.session()
                .read()
                .parquet(at("strokes.parquet"))
                .where("label = 0")
                .count();
        CliCall evaluate = cvae("evaluate", at("run"), at("strokes.parquet"), "--filter", "label = 0", "--json");
        assertEquals(0, evaluate.status(), evaluate.err());
        assertEquals(zeros, evaluate.json().get("rows").asLong());
        CliCall transform = cvae(
                "transform",
                at("run"),
                at("strokes.parquet"),
                at("zeros.parquet"),
                "--add",
                "elbo",
                "--filter",
                "label = 0");
        assertEquals(0, transform.status(), transform.err());
        assertEquals(
                zeros, SparkTests.session().read().parquet(at("zeros.parquet")).count());
        CliCall wrong = cvae("evaluate", at("run"), at("strokes.parquet"), "--filter", "lable = 0");
        assertEquals(1, wrong.status());
        assertTrue(wrong.err().contains("lable"), wrong.err());
    }

    @Test
    void transformAndEvaluateAgree() throws IOException {
        SparkSession spark = SparkTests.session();
        CliCall transform = cvae(
                "transform",
                at("run"),
                at("strokes.parquet"),
                at("scored.parquet"),
                "--add",
                "latent,latent_draw=z.1,latent_std,reconstruction,elbo,log_likelihood,prediction",
                "--importance-samples",
                "8");
        assertEquals(0, transform.status(), transform.err());
        Row row = spark.read().parquet(at("scored.parquet")).head();
        assertEquals(3, row.getList(row.fieldIndex("latent")).size());
        assertEquals(3, row.getList(row.fieldIndex("z.1")).size());
        assertEquals(100, row.getList(row.fieldIndex("reconstruction")).size());
        CliCall evaluate = cvae(
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
        theFilterChoosesTheEnds(spark, data);
        ok("latent", "sweep", at("run"), at("sweep.parquet"), "--dimension", "1", "--steps", "3", "--where", "label=3");
        assertEquals(
                3, spark.read().parquet(at("sweep.parquet")).where("label = 3").count());
        String[] change = {
            "latent", "counterfactual", at("run"), data, at("other.parquet"), "--filter", "label = 7", "--rows", "2"
        };
        ok(with(change, "--column", "label", "--image", at("other.png")));
        assertEquals(20, spark.read().parquet(at("other.parquet")).count());
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
        CliCall dimension = cvae("latent", "sweep", at("run"), at("no"), "--dimension", "3");
        assertTrue(dimension.err().contains("dimensions 0 to 2, found 3"), dimension.err());
        CliCall level = cvae(with(change, "--set", "label=11", "--overwrite"));
        assertTrue(level.err().contains("'11', which training never saw"), level.err());
        CliCall probability = cvae("transform", at("run"), data, at("no"), "--add", "probability");
        assertEquals(1, probability.status());
        assertTrue(probability.err().contains("exactly one target column"), probability.err());
    }

    private static void theFilterChoosesTheEnds(SparkSession spark, String data) {
        ok("latent", "interpolate", at("run"), data, at("chosen.parquet"), "--filter", "label = 7", "--steps", "2");
        ok("transform", at("run"), data, at("sevens.parquet"), "--add", "latent", "--filter", "label = 7");
        List<Row> ends = spark.read()
                .parquet(at("chosen.parquet"))
                .where("label = 7")
                .select("latent")
                .collectAsList();
        List<Row> sevens =
                spark.read().parquet(at("sevens.parquet")).select("latent").collectAsList();
        assertEquals(2, ends.size());
        assertTrue(sevens.containsAll(ends), () -> ends + " of " + sevens);
        CliCall none = cvae("latent", "interpolate", at("run"), data, at("no"), "--filter", "label = 11");
        assertTrue(none.err().contains("needs exactly two, found 0"), none.err());
    }

    private static void ok(String... args) {
        CliCall call = cvae(args);
        assertEquals(0, call.status(), call.err());
    }

    private static String[] with(String[] args, String... more) {
        return Stream.concat(Arrays.stream(args), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void describeNamesColumnsAndTensors() {
        String text = cvae("describe", at("run")).out();
        for (String part : List.of(
                "cvae-1",
                "encoder 24,",
                "image",
                "label",
                "10 levels",
                "encoder.0.weight",
                "learningRate 0.001,",
                "parameters_sha256")) {
            assertTrue(text.contains(part), text);
        }
    }

    @Test
    void invalidRowsAreHandledAsAskedAndCounted() throws IOException {
        SparkTests.session()
                .read()
                .parquet(at("strokes.parquet"))
                .withColumn("label", expr("if(slant > 0.25, 12, label)"))
                .write()
                .parquet(at("unseen.parquet"));
        long bad = SparkTests.session()
                .read()
                .parquet(at("unseen.parquet"))
                .where("label = 12")
                .count();
        assertTrue(bad > 0);
        String[] transform = {
            "transform",
            at("run"),
            at("unseen.parquet"),
            at("scored-unseen.parquet"),
            "--add",
            "latent,elbo",
            "--overwrite"
        };
        assertEquals(1, cvae(transform).status());
        CliCall skipped = cvae(with(transform, "--handle-invalid", "skip"));
        assertTrue(
                skipped.out().contains("Skipped %s invalid rows of 400".formatted(bad)), skipped.out() + skipped.err());
        Dataset<Row> written = SparkTests.session().read().parquet(at("scored-unseen.parquet"));
        assertEquals(400 - bad, written.count());
        CliCall kept = cvae(with(transform, "--handle-invalid", "keep"));
        assertTrue(kept.out().contains("Kept, with nulls, %s invalid rows of 400".formatted(bad)), kept.out());
        written = SparkTests.session().read().parquet(at("scored-unseen.parquet"));
        assertEquals(400, written.count());
        assertEquals(bad, written.where("latent is null and elbo is null").count());
        CliCall wrong = cvae(with(transform, "--handle-invalid", "drop"));
        assertTrue(wrong.err().contains("error, skip or keep, found 'drop'"), wrong.err());

        String[] evaluate = {"evaluate", at("run"), at("unseen.parquet"), "--json"};
        assertEquals(1, cvae(evaluate).status());
        JsonNode result = cvae(with(evaluate, "--handle-invalid", "skip")).json();
        assertEquals(400 - bad, result.get("rows").asLong());
        assertEquals(bad, result.get("invalid_rows").asLong());
    }
}
