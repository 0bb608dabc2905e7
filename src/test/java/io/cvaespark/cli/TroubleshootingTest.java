package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The page about messages names none that the program does not have. */
class TroubleshootingTest {
    private static final Path PAGE = Path.of("src/site/markdown/troubleshooting.md");
    private static final int FEWEST_PHRASES = 100;

    private static final Pattern BOLD = Pattern.compile("\\*\\*(.+?)\\*\\*");

    /** A text, in its first two groups; or what may look like one but is a comment or a character. */
    private static final Pattern TEXT_OR_OTHER = Pattern.compile("(?s)\"\"\"\\s*?\\n(.*?)\"\"\""
            + "|\"((?:[^\"\\\\\\n]|\\\\.)*+)\""
            + "|//[^\\n]*+|/\\*.*?\\*/|'(?:[^'\\\\]|\\\\.)++'");

    private static final Pattern FORMAT = Pattern.compile("'?(?:%[-,+0-9.]*[a-zA-Z]|\\{\\})'?");

    @Test
    void everyPhraseInBoldIsOneOfTheProgram() throws IOException {
        List<String> messages = new ArrayList<>();
        for (Path source : files("src/main/java")) {
            messages.addAll(texts(Files.readString(source)));
        }
        for (Path script : files("submit")) {
            messages.add(scriptText(Files.readString(script)));
        }
        List<String> phrases = phrases(Files.readString(PAGE));
        assertTrue(phrases.size() >= FEWEST_PHRASES, () -> PAGE + " has phrases in bold, but only " + phrases);
        List<String> unknown = phrases.stream()
                .filter(phrase -> messages.stream().noneMatch(m -> m.contains(phrase)))
                .toList();
        assertEquals(List.of(), unknown, () -> PAGE + " names what no message in src/main/java or submit says");
    }

    @Test
    void textsAreJoinedAndWhatIsFilledInIsAGap() {
        assertEquals(List.of("Column … has … of … rows", "the file … is … cut", "x"), texts("""
                        // not "this"
                        throw new Bad("Column '%s' has %,d of "
                                + "%s rows".formatted(a, b, c));
                        fail("the file " + name() + " is '{}' cut", '"', "x"); /* nor "that" */
                        """));
        assertEquals(
                "fail the user's … … is none", scriptText("# a note\nfail \"the user's $a ${b##*/}\" \\\n  'is none'"));
    }

    private static List<Path> files(String root) throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(root))) {
            return files.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** What is bold in the first column of the page's tables. */
    private static List<String> phrases(String page) {
        return page.lines()
                .filter(line -> line.startsWith("| "))
                .map(line -> line.split("(?<!\\\\)\\|", -1)[1])
                .flatMap(cell -> BOLD.matcher(cell).results())
                .map(bold -> spaced(bold.group(1).replace("`", "")))
                .toList();
    }

    /** The texts of a Java source: those that are added up are one, with … for what stands between. */
    private static List<String> texts(String source) {
        List<String> texts = new ArrayList<>();
        Matcher found = TEXT_OR_OTHER.matcher(source);
        int end = 0;
        while (found.find()) {
            String text = found.group(1) != null ? found.group(1) : found.group(2);
            if (text == null) {
                continue;
            }
            String between = source.substring(end, found.start()).strip();
            String gap = FORMAT.matcher(text.translateEscapes()).replaceAll("…");
            if (!texts.isEmpty() && between.startsWith("+") && between.endsWith("+") && !between.contains(";")) {
                int last = texts.size() - 1;
                texts.set(last, texts.get(last) + (between.equals("+") ? "" : "…") + gap);
            } else {
                texts.add(gap);
            }
            end = found.end();
        }
        return texts.stream().map(TroubleshootingTest::spaced).toList();
    }

    /** A script as one text, without comments and marks of quotation, and with … for variables. */
    private static String scriptText(String script) {
        return spaced(script.replaceAll("(?m)^\\s*#.*$", "")
                .replace("\\\n", " ")
                .replaceAll("\"|(?<!\\w)'|'(?!\\w)", "")
                .replaceAll("\\$\\{[^}]*\\}|\\$\\w+", "…"));
    }

    private static String spaced(String text) {
        return text.replaceAll("…+", "…").replaceAll("\\s+", " ").strip();
    }
}
