package io.cvaespark.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.cli.CliCall;
import io.cvaespark.data.Json;
import io.cvaespark.spark.SparkTests;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run: its content, and how a browser shows it. */
class ReportTest {
    private static final int SIDE = 10;

    @TempDir
    private static Path directory = Path.of("");

    private static String at(String name) {
        return directory.resolve(name).toString();
    }

    private static void run(String... args) {
        CliCall call = CliCall.cvae(args);
        assertEquals(0, call.status(), call.err());
    }

    @BeforeAll
    static void train() throws IOException {
        SparkTests.session();
        run("data", "strokes", at("strokes.parquet"), "--rows", "300", "--size", String.valueOf(SIDE));
        Files.writeString(Path.of(at("images.yaml")), """
                input: {train: %s, validation: 0.2}
                targets: [{column: image, likelihood: bernoulli}]
                conditions: [{column: label, type: categorical}, slant]
                model: {latent: 3, hidden: [16]}
                training: {epochs: 2, batch: 64, seed: 1, shards: 2}
                output: %s
                """.formatted(at("strokes.parquet"), at("images")));
        run("train", at("images.yaml"));
        Files.writeString(Path.of(at("table.yaml")), """
                input: {train: %s}
                targets: [slant, {column: label, type: categorical}, thickness]
                model: {variant: vae, latent: 1, hidden: [8]}
                training: {epochs: 2, batch: 64, seed: 1, shards: 2}
                output: %s
                """.formatted(at("strokes.parquet"), at("table")));
        run("train", at("table.yaml"));
        run("report", at("images"), "--rows", "200");
        run("report", at("table"), "--output", at("elsewhere"));
    }

    private static String page(String name) throws IOException {
        return Files.readString(Path.of(at(name), ReportCommand.FILE));
    }

    private static JsonNode content(String page) throws IOException {
        Matcher json = Pattern.compile("type=\"application/json\">(.*?)</script>", Pattern.DOTALL)
                .matcher(page);
        assertTrue(json.find());
        return Json.MAPPER.readTree(json.group(1));
    }

    @Test
    void aRunOfImagesIsShownWithSamplesAndReconstructions() throws IOException {
        JsonNode content = content(page("images"));
        assertEquals(200, content.get("rows").asInt());
        assertEquals(2, content.at("/history/train/epoch").size());
        assertEquals(2, content.at("/history/validation/elbo").size());
        assertTrue(content.get("job").asText().contains("latent: 3"));
        assertEquals(10, content.at("/evaluation/by_condition/label").size());
        assertEquals(200, content.at("/latent/points").size());
        assertEquals(200, content.at("/latent/levels/label").size());
        assertEquals(3, content.at("/latent/dimensions").asInt());
        assertEquals(10, content.at("/samples/labels").size());
        assertEquals("7", content.at("/samples/labels/7").asText());
    }

    /** Each line of the real samples holds images of its label, and the originals of the reconstructions are of the data. */
    @Test
    void thePicturesShowTheDataAndWhatTheModelMadeOfIt() throws IOException {
        JsonNode content = content(page("images"));
        List<Row> strokes = SparkTests.session()
                .read()
                .parquet(at("strokes.parquet"))
                .select("label", "image")
                .collectAsList();
        List<List<List<Integer>>> real = tiles(content.at("/samples/real"));
        List<List<List<Integer>>> generated = tiles(content.at("/samples/generated"));
        assertEquals(10, real.size());
        assertEquals(10, generated.size());
        for (int label = 0; label < 10; label++) {
            int wanted = label;
            Set<List<Integer>> own = strokes.stream()
                    .filter(r -> r.getInt(0) == wanted)
                    .map(r -> levels(r.getList(1)))
                    .collect(Collectors.toSet());
            assertTrue(own.containsAll(real.get(label)), () -> "real images of " + wanted);
            Set<List<Integer>> made = new HashSet<>(generated.get(label));
            assertEquals(
                    generated.get(label).size(), made.size(), () -> "each image of " + wanted + " has a z of its own");
            assertTrue(made.stream().allMatch(ReportTest::showsSomething), () -> "an image of " + wanted + " is blank");
        }
        List<List<List<Integer>>> reconstructions = tiles(content.at("/reconstructions/png"));
        assertEquals(2, reconstructions.size());
        Set<List<Integer>> data =
                strokes.stream().map(r -> levels(r.getList(1))).collect(Collectors.toSet());
        assertTrue(data.containsAll(reconstructions.get(0)), "the first line holds originals");
        for (List<Integer> made : reconstructions.get(1)) {
            assertTrue(showsSomething(made) && !data.contains(made), "the second line holds reconstructions");
        }
    }

    /** The greys of each image in a picture of 10×10 images that are drawn twice as large, line by line. */
    private static List<List<List<Integer>>> tiles(JsonNode base64) throws IOException {
        byte[] png = Base64.getDecoder().decode(base64.asText());
        Raster picture = ImageIO.read(new ByteArrayInputStream(png)).getRaster();
        int step = 2 * SIDE + 1;
        assertEquals(1, picture.getWidth() % step, "width of the picture");
        assertEquals(1, picture.getHeight() % step, "height of the picture");
        List<List<List<Integer>>> lines = new ArrayList<>();
        for (int top = 1; top < picture.getHeight(); top += step) {
            List<List<Integer>> line = new ArrayList<>();
            for (int left = 1; left < picture.getWidth(); left += step) {
                List<Integer> tile = new ArrayList<>();
                for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
                    tile.add(picture.getSample(left + 2 * (pixel % SIDE), top + 2 * (pixel / SIDE), 0));
                }
                line.add(tile);
            }
            lines.add(line);
        }
        return lines;
    }

    private static List<Integer> levels(List<Float> image) {
        return image.stream().map(value -> (int) (value * 255 + 0.5f)).toList();
    }

    private static boolean showsSomething(List<Integer> tile) {
        return new HashSet<>(tile).size() > 1;
    }

    @Test
    void aTableIsShownColumnByColumn() throws IOException {
        JsonNode content = content(page("elsewhere"));
        List<String> columns = new ArrayList<>();
        for (JsonNode chart : content.get("columns")) {
            columns.add(chart.get("column").asText());
            for (String table : List.of("real", "synthetic")) {
                double sum = 0;
                for (JsonNode share : chart.get(table)) {
                    sum += share.asDouble();
                }
                assertEquals(1, sum, 1e-9, columns + " " + table);
            }
        }
        assertEquals(List.of("slant", "label", "thickness"), columns);
        assertEquals(12, content.at("/reconstructions/originals").size());
        assertEquals(12, content.at("/reconstructions/reconstructions").size());
        assertTrue(content.path("samples").isMissingNode());
    }

    @Test
    void histogramsCountWhatLiesOutsideAtTheirEndsAndSaySo() {
        double[] real = new double[1000];
        for (int i = 0; i < real.length; i++) {
            real[i] = i / 100.0;
        }
        ReportColumns.Chart chart = ReportColumns.histogram("x", real, new double[] {-50, 5, 99, 99});
        assertEquals(0.25, chart.synthetic().get(0));
        assertEquals(0.5, chart.synthetic().get(29));
        assertEquals("≤ 0.380", chart.labels().get(0));
        assertEquals("≥ 9.61", chart.labels().get(29));
        assertEquals(0.75, chart.outside());
        ReportColumns.Chart whole = ReportColumns.histogram("n", new double[] {0, 1, 1, 3}, new double[] {0, 3});
        assertEquals(List.of("0", "1", "2", "3"), whole.labels());
        assertEquals(List.of(0.25, 0.5, 0.0, 0.25), whole.real());
        assertEquals(0.0, whole.outside());
        assertEquals(0.5, whole.distance());
        ReportColumns.Chart beyond = ReportColumns.histogram("n", new double[] {0, 1, 1, 3}, new double[] {-2, 4});
        assertEquals(List.of("≤ 0", "1", "2", "≥ 3"), beyond.labels());
        ReportColumns.Chart wide = ReportColumns.histogram("n", new double[] {0, 59}, new double[] {1});
        assertEquals("2–3", wide.labels().get(1));
    }

    @Test
    void levelsBeyondTheTwentiethShareABar() {
        List<String> real = new ArrayList<>(List.of("a", "a", "a", "b", "c"));
        ReportColumns.Chart few = ReportColumns.categories("x", real, List.of("a", "b", "b", "b", "b"));
        assertEquals(List.of("a", "b", "c"), few.labels());
        assertEquals(0.6, Objects.requireNonNull(few.distance()), 1e-9);
        assertEquals(
                List.of("a", "b", "c", "d"),
                ReportColumns.categories("x", real, List.of("d")).labels());
        for (int i = 0; i < 25; i++) {
            real.add("level " + i);
        }
        ReportColumns.Chart many = ReportColumns.categories("x", real, List.of("level 24", "a"));
        assertEquals(21, many.labels().size());
        assertEquals("other (8 levels)", many.labels().get(20));
        assertEquals(8 / 30.0, many.real().get(20), 1e-9);
        assertEquals(0.5, many.synthetic().get(20));
    }

    @Test
    void theDistanceIsHalfTheSumOfTheDifferences() {
        assertEquals(0, ReportColumns.distance(List.of(0.5, 0.5), List.of(0.5, 0.5)));
        assertEquals(1, ReportColumns.distance(List.of(1.0, 0.0), List.of(0.0, 1.0)));
        assertEquals(0.25, ReportColumns.distance(List.of(0.75, 0.25), List.of(0.5, 0.5)));
        assertNull(ReportColumns.categories("x", List.of("a"), List.of()).distance());
        assertNull(
                ReportColumns.histogram("x", new double[] {1}, new double[] {}).outside());
    }

    @Test
    void aPageThatIsThereIsNotReplacedUnasked() {
        CliCall again = CliCall.cvae("report", at("images"));
        assertEquals(1, again.status());
        assertTrue(again.err().contains("--overwrite"), again.err());
        CliCall nowhere = CliCall.cvae("report", at("nothing"));
        assertEquals(1, nowhere.status());
        assertTrue(nowhere.err().contains("There is no run at"), nowhere.err());
    }

    /** What is no longer there is said, and everything else is shown. */
    @Test
    void withoutTheDataTheRunItselfIsShown() throws IOException {
        Path copy = directory.resolve("moved.yaml");
        String job = Files.readString(Path.of(at("images"), "job.yaml")).replace("strokes.parquet", "gone.parquet");
        Files.writeString(copy, job);
        Path run = directory.resolve("moved");
        try (Stream<Path> files = Files.walk(Path.of(at("images")))) {
            for (Path file : files.toList()) {
                Path to = run.resolve(Path.of(at("images")).relativize(file));
                if (Files.isDirectory(file)) {
                    Files.createDirectories(to);
                } else if (!file.getFileName().toString().startsWith(".") && !file.endsWith(ReportCommand.FILE)) {
                    Files.copy(file, to);
                }
            }
        }
        Files.writeString(run.resolve("job.yaml"), job);
        run("report", run.toString());
        JsonNode content = content(page("moved"));
        assertTrue(content.get("missing").asText().endsWith("gone.parquet"));
        assertTrue(content.path("latent").isMissingNode());
        assertEquals(2, content.at("/history/train/epoch").size());
        run("report", run.toString(), "--overwrite", "--data", at("strokes.parquet"));
        assertFalse(content(page("moved")).path("latent").isMissingNode());
    }

    @Test
    void aBrowserDrawsEveryChartAndHasNothingToComplainOf() throws IOException, InterruptedException {
        String images = Browser.dom(page("images"), directory, "images");
        assertTrue(images.contains("<dt>ELBO</dt>"), "the terms are explained");
        assertTrue(Pattern.compile("<b>[0-3] of 3</b><span>active units</span>")
                .matcher(images)
                .find());
        assertTrue(images.contains("<div class=\"names\"><span>0</span><span>1</span>"), "lines have their labels");
        assertTrue(images.contains("<option>label</option></select>"), "colours can be chosen");
        assertTrue(images.contains(
                "Mixed colours are as they should be: c is given, so z holds what c does not say.</p>"));
        assertTrue(images.contains("Learning rate 0.001, β 1 in every epoch. The loss is −ELBO.</p>"));
        assertFalse(images.contains("<figcaption>Loss"), "a loss that mirrors the ELBO is left out");
        assertTrue(Pattern.compile("trained with cvae-spark \\S+ at \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC</p>")
                .matcher(images)
                .find());
        String table = Browser.dom(page("elsewhere"), directory, "elsewhere");
        assertTrue(Pattern.compile("<figcaption>slant · distance [01](\\.\\d+)?</figcaption>")
                .matcher(table)
                .find());
        assertFalse(table.contains("</select>"), "there are no conditions to colour by");
    }
}
