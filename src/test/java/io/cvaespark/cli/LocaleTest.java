package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the program writes is the same under every default locale. */
class LocaleTest {
    /** One that writes numbers in digits of its own. */
    private static final Locale ARABIC = Locale.forLanguageTag("ar-EG-u-nu-arab");

    private static final Pattern LOCALISED = Pattern.compile("\"[^\"\\n]*%[-,.+0-9]*[dfeEgG][^\"\\n]*\"");

    @Test
    void aRunUnderAnArabicLocaleIsResumedUnderAnother(@TempDir Path directory) throws IOException {
        assertEquals("١", String.format(ARABIC, "%d", 1));
        Locale before = Locale.getDefault();
        Locale.setDefault(ARABIC);
        CliCall trained;
        CliCall again;
        try {
            trained = StrokesRun.train(directory);
            again = CliCall.cvae("train", directory.resolve("job.yaml").toString(), "--json", "--resume");
            CliCall evaluated = CliCall.cvae(
                    "evaluate",
                    directory.resolve("run").toString(),
                    directory.resolve("strokes.parquet").toString());
            assertTrue(evaluated.out().contains("400 rows, averages"), evaluated.out());
        } finally {
            Locale.setDefault(before);
        }
        assertEquals(0, again.status(), again.err());
        try (Stream<Path> checkpoints = Files.list(directory.resolve("run/checkpoints"))) {
            assertEquals(
                    List.of("step-000000000010", "step-000000000015"),
                    checkpoints.map(p -> p.getFileName().toString()).sorted().toList());
        }
        CliCall here = CliCall.cvae("train", directory.resolve("job.yaml").toString(), "--json", "--resume");
        assertEquals(0, here.status(), here.err());
        assertEquals(trained.json().get("parameters_sha256"), here.json().get("parameters_sha256"));
    }

    /** Numbers go into texts by {@code Locale.ROOT}, or as %s, which no locale changes. */
    @Test
    void noFormatOfNumbersFollowsTheDefaultLocale() throws IOException {
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(p -> p.toString().endsWith(".java")).toList()) {
                String text = Files.readString(source);
                var format = LOCALISED.matcher(text);
                while (format.find()) {
                    String head = text.substring(Math.max(0, format.start() - 200), format.start());
                    assertTrue(
                            head.replaceAll("\\s", "").endsWith("(Locale.ROOT,")
                                    || head.replaceAll("\\s", "").matches("(?s).*\\(Locale\\.ROOT,[^;]*\\?[^;]*"),
                            source + ": " + format.group() + " needs Locale.ROOT");
                }
            }
        }
    }
}
