package io.cvaespark.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.cli.CliCall;
import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page of {@code compare} in a browser. */
class ComparePageTest {
    private static final String EXAMPLE = "src/test/resources/compare/";

    @Test
    void aBrowserDrawsEveryChartAndEveryCell(@TempDir Path directory) throws IOException, InterruptedException {
        SparkTests.session();
        Path out = directory.resolve("out");
        CliCall call = CliCall.cvae(
                "compare",
                EXAMPLE + "real.csv",
                EXAMPLE + "synthetic.csv",
                "--holdout",
                EXAMPLE + "real.csv",
                "--categorical",
                "rooms",
                "--target",
                "lift",
                "--trees",
                "2",
                "--output",
                out.toString());
        assertEquals(0, call.status(), call.err());
        String dom = Browser.dom(Files.readString(out.resolve("compare.html")), directory, "compare");
        assertTrue(dom.contains("<figcaption>city · shape 0.838</figcaption>"), "the worst column has its chart");
        assertEquals(42, dom.split("%? × [a-z]+: [01]\\.\\d{3}\"", -1).length - 1, "cells of the heat map");
        assertTrue(dom.contains("<td>rent × city</td><td>0.746</td>"), "the worst pair");
        assertTrue(dom.contains("<b>0.931</b><span>shapes (1 is best)</span>"), "shapes of the synthetic rows");
        assertTrue(dom.contains("<b>1.000</b><span>shapes (1 is best)</span>"), "shapes of the held-out rows");
        assertTrue(dom.contains("F1 of the target"), "utility");
        String shown = dom.replaceAll("(?s)<script.*?</script>", "");
        assertFalse(shown.contains("undefined") || shown.contains("NaN"), "a figure is missing");
    }
}
