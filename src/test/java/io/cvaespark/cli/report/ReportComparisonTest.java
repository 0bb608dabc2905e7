package io.cvaespark.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.cli.CliCall;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The comparison on the page of a run. */
class ReportComparisonTest {
    private static final String EXAMPLE = "src/test/resources/compare/";
    private static final String TITLE = "<h2>Comparison</h2>";
    private static final String OLD = "was made before the model was trained";

    @TempDir
    private static Path directory = Path.of("");

    private static Path run = Path.of("");
    private static String conclusion = "";

    private static CliCall call(String... args) {
        CliCall call = CliCall.cvae(args);
        assertEquals(0, call.status(), call.err());
        return call;
    }

    /** Calls {@code report} on the run; its page goes into a directory of the test's own. */
    private static CliCall report(String name, String... more) {
        List<String> given = List.of(
                "report", run.toString(), "--output", directory.resolve(name).toString());
        return CliCall.cvae(Stream.concat(given.stream(), Stream.of(more)).toArray(String[]::new));
    }

    /** The page as a browser shows it, without its scripts. */
    private static String shown(String name) throws IOException, InterruptedException {
        String page = Files.readString(directory.resolve(name).resolve(ReportCommand.FILE));
        return Browser.dom(page, directory, name).replaceAll("(?s)<script.*?</script>", "");
    }

    @BeforeAll
    static void trainAndCompare() throws IOException {
        SparkTests.session();
        run = directory.resolve("run");
        Files.writeString(directory.resolve("job.yaml"), """
                input: {train: {path: %sreal.csv, options: {header: true, inferSchema: true}}}
                targets: all
                conditions: [lift]
                training: {epochs: 2, batch: 64, seed: 1, shards: 2}
                output: %s
                """.formatted(EXAMPLE, run));
        call("train", directory.resolve("job.yaml").toString());
        conclusion = call(
                        "compare",
                        EXAMPLE + "real.csv",
                        EXAMPLE + "synthetic.csv",
                        "--categorical",
                        "rooms",
                        "--target",
                        "lift",
                        "--trees",
                        "2",
                        "--json",
                        "--output",
                        compared().toString())
                .json()
                .get("conclusion")
                .asText();
    }

    private static Path compared() {
        return directory.resolve("compared");
    }

    @Test
    void theFiguresOfAComparisonAreShown() throws IOException, InterruptedException {
        CliCall call = report("given", "--compare", compared().toString());
        assertEquals(0, call.status(), call.err());
        assertTrue(call.out().contains("with the comparison in " + compared()), call.out());
        String dom = shown("given");
        assertTrue(dom.contains(TITLE), "the section");
        assertTrue(dom.contains(EXAMPLE + "synthetic.csv"), "what was compared");
        assertTrue(dom.contains(conclusion), conclusion);
        assertTrue(dom.contains("<b>0.931</b><span>shapes (1 is best)</span>"), "shapes");
        for (String score : List.of("trends", "detection", "AUC", "F1", "unseen pair", "copies")) {
            assertTrue(dom.contains(score), score);
        }
        assertTrue(dom.contains("<figcaption>city · shape 0.838</figcaption>"), "the worst column has its chart");
        assertTrue(dom.contains("<td>rent × city</td><td>0.746</td>"), "the worst pair");
        assertEquals(42, dom.split("%? × [a-z]+: [01]\\.\\d{3}\"", -1).length - 1, "cells of the heat map");
        assertFalse(dom.contains(OLD), "the comparison is younger than the model");
        assertFalse(dom.contains("undefined") || dom.contains("NaN"), "a figure is missing");
    }

    @Test
    void withoutAComparisonThereIsNoSection() throws IOException, InterruptedException {
        CliCall call = report("without");
        assertEquals(0, call.status(), call.err());
        assertFalse(call.out().contains("comparison"), call.out());
        assertFalse(shown("without").contains(TITLE));
    }

    /** The comparison in RUN/comparison; one that is older than the model is of another model's rows, and the page says so. */
    @Test
    void theRunsOwnComparisonIsShownUnasked() throws IOException, InterruptedException {
        Path own = Files.createDirectory(run.resolve("comparison"));
        Path file = own.resolve(ComparisonPage.FILE);
        Files.copy(compared().resolve(ComparisonPage.FILE), file);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(Duration.ofDays(1))));
        try {
            CliCall call = report("own");
            assertEquals(0, call.status(), call.err());
            assertTrue(call.out().contains("with the comparison in " + own), call.out());
            String dom = shown("own");
            assertTrue(dom.contains(TITLE) && dom.contains(OLD), "an old comparison is shown as such");
        } finally {
            Files.delete(file);
            Files.delete(own);
        }
    }

    @Test
    void whatIsNoComparisonIsRefused() throws IOException {
        refused(run.toString(), "found a directory with ");
        refused(run.resolve("job.yaml").toString(), "found a file");
        refused(directory.resolve("nowhere").toString(), "found nothing");
        Path other = Files.createDirectory(directory.resolve("other"));
        refused(other.toString(), "found an empty directory");
        Path page = other.resolve(ComparisonPage.FILE);
        Files.writeString(page, "<html></html>");
        refused(other.toString(), "found a compare.html without the figures of a comparison");
        String whole = Files.readString(compared().resolve(ComparisonPage.FILE));
        Files.writeString(page, whole.replace("\"pairs\":", "\"couples\":"));
        refused(other.toString(), "found a compare.html that lacks pairs");
    }

    private static void refused(String comparison, String found) {
        CliCall call = report("refused", "--compare", comparison);
        assertEquals(1, call.status());
        assertTrue(call.err().contains("There is no comparison at " + comparison), call.err());
        assertTrue(call.err().contains("expected a directory that compare --output wrote"), call.err());
        assertTrue(call.err().contains(found), call.err());
        assertTrue(call.err().contains("Run compare REAL SYNTHETIC --output DIR"), call.err());
        assertFalse(Files.exists(directory.resolve("refused")), "nothing is written");
    }

    @Test
    void theReportIsNotWrittenIntoTheComparison() {
        CliCall call = CliCall.cvae(
                "report",
                run.toString(),
                "--compare",
                compared().toString(),
                "--output",
                compared().toString());
        assertEquals(1, call.status());
        assertTrue(call.err().contains("which this command reads"), call.err());
    }
}
