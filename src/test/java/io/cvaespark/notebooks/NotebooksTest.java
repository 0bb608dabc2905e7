package io.cvaespark.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.spark.SparkTests;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** Every paragraph of every note, on what the commands in the notes' first paragraphs write. */
class NotebooksTest {
    private static final Set<String> NAMES = Set.of("training-run", "samples", "latent-space", "table-quality");
    private static final String FOLDER = "folder of the project";
    private static final int LARGEST = 300_000;
    private static final Pattern PICTURE = Pattern.compile("src=\"data:image/png;base64,([^\"]*)\"");

    @TempDir
    private static Path folder = Path.of("");

    private static final List<Note> NOTES = Note.all();
    private static NoteRunner runner = null;

    @BeforeAll
    static void runTheCommands() {
        runner = new NoteRunner(SparkTests.session()); // the session first, the commands take it
        new DocumentedCommands(folder).run(NOTES);
    }

    @AfterAll
    static void close() {
        runner.close();
    }

    @TestFactory
    Stream<DynamicContainer> everyParagraphRuns() {
        return NOTES.stream().map(note -> paragraphs(note, Map.of(FOLDER, folder.toString())));
    }

    /** Text, numbers, counts and empty cells, in a table that is not the quickstart's. */
    @TestFactory
    DynamicContainer tableQualityTakesAnyTable() throws IOException {
        StringBuilder csv = new StringBuilder("work,hours,children,kind\n");
        for (int i = 0; i < 300; i++) {
            String work = i % 5 == 0 ? "" : i % 2 == 0 ? "office" : "field";
            csv.append("%s,%s,%d,%s\n".formatted(work, i % 7 == 0 ? "" : 20 + i % 37 * 0.5, i % 3, "ab".charAt(i % 2)));
        }
        Files.writeString(folder.resolve("data/people.csv"), csv);
        Files.writeString(folder.resolve("people.yaml"), """
                input: {train: {path: %s, format: csv, options: {header: true, inferSchema: true}}}
                targets: [work, hours, {column: children, type: count}]
                conditions: [kind]
                model: {latent: 2, hidden: [8]}
                training: {epochs: 2, batch: 50, shards: 2}
                output: %s
                """.formatted(
                        folder.resolve("data/people.csv"), folder.resolve("runs/people")));
        DocumentedCommands commands = new DocumentedCommands(folder);
        commands.cvae("train " + folder.resolve("people.yaml"));
        commands.cvae("transform runs/people data/people.csv runs/people/real.parquet --add elbo");
        commands.cvae("sample runs/people runs/people/synthetic.parquet --rows 200");
        commands.cvae("evaluate runs/people data/people.csv --output runs/people/metrics");
        Note note = NOTES.stream()
                .filter(n -> n.name().equals("table-quality"))
                .findFirst()
                .orElseThrow();
        return paragraphs(
                note,
                Map.of(
                        FOLDER,
                        folder.toString(),
                        "real rows",
                        "runs/people/real.parquet",
                        "synthetic rows",
                        "runs/people/synthetic.parquet",
                        "metrics",
                        "runs/people/metrics"));
    }

    @Test
    void whatIsMissingIsSaidWithTheCommandThatWritesIt() {
        for (Note note : NOTES) {
            for (Note.Paragraph paragraph : note.paragraphs()) {
                if (!paragraph.text().contains(FOLDER) && !paragraph.title().equals("Helpers")) {
                    continue;
                }
                String error = runner.run(
                                paragraph.text(),
                                Map.of(FOLDER, folder.resolve("nowhere").toString()))
                        .error();
                assertTrue(
                        paragraph.title().equals("Helpers")
                                ? error.isEmpty()
                                : error.contains("There is nothing at") && error.contains("submit/"),
                        error);
            }
        }
    }

    @TestFactory
    Stream<DynamicTest> everyNoteIsOneOfZeppelins() {
        return Stream.concat(
                Stream.of(dynamicTest(
                        "the four",
                        () -> assertEquals(
                                NAMES,
                                new HashSet<>(NOTES.stream().map(Note::name).toList())))),
                NOTES.stream().map(note -> dynamicTest(note.name(), () -> checkForm(note))));
    }

    private static void checkForm(Note note) throws IOException {
        String id = note.json().path("id").asText();
        assertTrue(id.matches("2[0-9A-Z]{8}"), id);
        assertEquals(note.name() + "_" + id + ".zpln", note.file().getFileName().toString());
        String text = Files.readString(note.file());
        assertTrue(text.length() < LARGEST, () -> "smaller results, please: " + text.length());
        assertFalse(text.contains("io.cvaespark"), "the notes need no jar of ours");
        for (String local : List.of("file:/", System.getProperty("user.home") + "/", System.getProperty("user.dir"))) {
            assertFalse(text.contains(local), () -> "a path of one machine: " + local);
        }
        Set<String> ids = new HashSet<>();
        for (Note.Paragraph paragraph : note.paragraphs()) {
            JsonNode json = paragraph.json();
            assertTrue(ids.add(json.path("id").asText()), "an id for each paragraph");
            assertFalse(paragraph.title().isBlank());
            for (String flag : List.of("title", "editorHide", "enabled")) {
                assertTrue(json.at("/config/" + flag).asBoolean(), () -> paragraph.title() + ": " + flag);
            }
            assertEquals("SUCCESS", json.at("/results/code").asText());
            assertEquals("FINISHED", json.path("status").asText());
            check(paragraph, paragraph.stored());
        }
        Note.Paragraph about = note.paragraphs().get(0);
        assertTrue(about.text().startsWith("%md"));
        assertEquals(
                Markdown.html(about.text().substring(3)), about.stored().get(0).data(), "run StoreResults");
    }

    private static DynamicContainer paragraphs(Note note, Map<String, String> filledIn) {
        List<DynamicNode> tests = new ArrayList<>();
        for (Note.Paragraph paragraph : note.paragraphs()) {
            tests.add(dynamicTest(paragraph.title(), () -> {
                Map<String, String> values = new LinkedHashMap<>(paragraph.values());
                values.putAll(filledIn);
                NoteRunner.Outcome outcome = runner.run(paragraph.text(), values);
                assertEquals("", outcome.error());
                check(paragraph, outcome.messages());
            }));
        }
        return dynamicContainer(note.name(), tests);
    }

    /** Something is shown, and it fits the charts. */
    private static void check(Note.Paragraph paragraph, List<NoteRunner.Message> messages) throws IOException {
        assertFalse(messages.isEmpty(), () -> paragraph.title() + " shows nothing");
        for (int i = 0; i < messages.size(); i++) {
            NoteRunner.Message message = messages.get(i);
            assertFalse(message.data().contains("warning:"), message::data);
            if (message.type().equals("TABLE")) {
                checkChart(paragraph.json().at("/config/results/" + i + "/graph"), checkTable(message.data()));
            } else if (message.type().equals("HTML")) {
                checkPictures(message.data());
            }
        }
    }

    /** Returns the columns' names. */
    private static List<String> checkTable(String data) {
        List<String[]> rows = data.lines().map(line -> line.split("\t", -1)).toList();
        assertTrue(rows.size() > 1, () -> "an empty table: " + data);
        for (String[] row : rows) {
            assertEquals(rows.get(0).length, row.length, () -> "a row of another length: " + Arrays.toString(row));
            assertFalse(Arrays.asList(row).contains("NaN"), () -> Arrays.toString(row));
        }
        return List.of(rows.get(0));
    }

    /** A chart names its columns twice, by name and by index; Zeppelin forgets those that do not fit. */
    private static void checkChart(JsonNode graph, List<String> columns) {
        assertFalse(graph.isMissingNode(), "a table without a chart's settings");
        List<JsonNode> used = new ArrayList<>();
        for (String part : List.of("keys", "groups", "values", "setting")) {
            used.addAll(graph.path(part).findParents("index"));
        }
        assertEquals(graph.path("mode").asText().equals("table"), used.isEmpty());
        for (JsonNode column : used) {
            assertEquals(
                    column.path("name").asText(),
                    columns.get(column.path("index").asInt()));
        }
    }

    private static void checkPictures(String html) throws IOException {
        Matcher pictures = PICTURE.matcher(html);
        while (pictures.find()) {
            byte[] png = Base64.getDecoder().decode(pictures.group(1));
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            Set<Integer> colours = new HashSet<>();
            for (int colour : image.getRGB(0, 0, image.getWidth(), image.getHeight(), null, 0, image.getWidth())) {
                colours.add(colour);
            }
            assertTrue(colours.size() > 1, "an empty picture");
        }
        assertEquals(html.contains("<img"), html.contains("base64,iVBOR"), html);
    }
}
