package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.store.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of a run: what it holds, and what a browser makes of it. */
class ReportTest {
    /** Added to a copy of the page: says of each canvas whether anything was drawn on it. */
    private static final String LOOK = """
            <script>
            const seen = [...document.querySelectorAll('canvas')].map(c => {
              const d = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
              return d.some((v, i) => i % 4 === 3 && v > 0) ? 'drawn' : 'blank';
            });
            const images = [...document.images].map(i => i.complete && i.naturalWidth > 0 ? 'drawn' : 'blank');
            document.title = 'canvases ' + seen.join(' ') + '; images ' + images.join(' ');
            </script>
            </body>""";

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
        run("data", "strokes", at("strokes.parquet"), "--rows", "300", "--size", "10");
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
        assertEquals("label", content.at("/latent/condition").asText());
        int points = 0;
        for (JsonNode group : content.at("/latent/points")) {
            points += group.size();
        }
        assertEquals(200, points);
        for (String picture : List.of("/samples/real", "/samples/generated", "/reconstructions/png")) {
            assertTrue(content.at(picture).asText().startsWith("iVBOR"), picture);
        }
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
    void histogramsCountWhatLiesOutsideAtTheirEnds() {
        double[] real = new double[1000];
        for (int i = 0; i < real.length; i++) {
            real[i] = i / 100.0;
        }
        ReportColumns.Chart chart = ReportColumns.histogram("x", real, new double[] {-50, 5, 99, 99});
        assertEquals(0.25, chart.synthetic().get(0));
        assertEquals(0.5, chart.synthetic().get(chart.synthetic().size() - 1));
        ReportColumns.Chart whole = ReportColumns.histogram("n", new double[] {0, 1, 1, 3}, new double[] {3});
        assertEquals(List.of("0", "1", "2", "3"), whole.labels());
        assertEquals(List.of(0.25, 0.5, 0.0, 0.25), whole.real());
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
        Path browser = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .map(Path::of)
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(Path.of("none"));
        assumeTrue(Files.exists(browser), "no chromium: install Debian's package chromium to look at reports");
        for (String name : List.of("images", "elsewhere")) {
            String page = page(name);
            assertFalse(
                    Pattern.compile("(src|href)=.?http").matcher(page).find(), "something is loaded from a network");
            Path looked = directory.resolve(name + ".html");
            Files.writeString(looked, page.replace("</body>", LOOK));
            Process process = new ProcessBuilder(
                            browser.toString(),
                            "--headless",
                            "--no-sandbox",
                            "--disable-gpu",
                            "--no-first-run",
                            "--disable-background-networking",
                            "--disable-component-update",
                            "--disable-sync",
                            "--enable-logging=stderr",
                            "--user-data-dir=" + at("browser-" + name),
                            "--virtual-time-budget=5000",
                            "--dump-dom",
                            looked.toUri().toString())
                    .redirectError(directory.resolve(name + ".err").toFile())
                    .start();
            String dom = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(0, process.waitFor());
            String console = Files.readString(directory.resolve(name + ".err"));
            assertFalse(console.contains("CONSOLE"), console);
            Matcher title = Pattern.compile("<title>(.*?)</title>").matcher(dom);
            assertTrue(title.find(), dom.substring(0, Math.min(500, dom.length())));
            String drawn = title.group(1);
            int charts = drawn.split(" drawn", -1).length - 1;
            assertTrue(charts >= 10, drawn);
            assertFalse(drawn.contains("blank"), drawn);
        }
    }
}
