package io.cvaespark.notebooks;

import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.core.util.Separators;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A note as Zeppelin stores it: {@code NAME_ID.zpln}, one JSON object. */
record Note(Path file, ObjectNode json) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    /** One paragraph of a note. */
    record Paragraph(ObjectNode json) {
        String title() {
            return json.path("title").asText();
        }

        String text() {
            return json.path("text").asText();
        }

        /** What is filled into its form. */
        Map<String, String> values() {
            Map<String, String> values = new LinkedHashMap<>();
            json.at("/settings/params")
                    .fields()
                    .forEachRemaining(e -> values.put(e.getKey(), e.getValue().asText()));
            return values;
        }

        List<NoteRunner.Message> stored() {
            List<NoteRunner.Message> messages = new ArrayList<>();
            for (JsonNode message : json.at("/results/msg")) {
                messages.add(new NoteRunner.Message(
                        message.path("type").asText(), message.path("data").asText()));
            }
            return messages;
        }

        /** Keeps what a run showed, and the fields of its form. */
        void store(NoteRunner.Outcome outcome) {
            ((ObjectNode) json.path("settings")).set("forms", MAPPER.valueToTree(outcome.fields()));
            ObjectNode results = json.putObject("results").put("code", "SUCCESS");
            ArrayNode messages = results.putArray("msg");
            for (NoteRunner.Message message : outcome.messages()) {
                messages.addObject().put("type", message.type()).put("data", message.data());
            }
            json.put("status", "FINISHED");
        }
    }

    /** The notes of this project. */
    static List<Note> all() {
        try (Stream<Path> files = Files.list(Path.of("notebooks"))) {
            return files.filter(f -> f.toString().endsWith(".zpln"))
                    .sorted()
                    .map(Note::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Note read(Path file) {
        try {
            return new Note(file, (ObjectNode) MAPPER.readTree(file.toFile()));
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is no JSON", e);
        }
    }

    String name() {
        return json.path("name").asText();
    }

    List<Paragraph> paragraphs() {
        List<Paragraph> paragraphs = new ArrayList<>();
        json.path("paragraphs").forEach(p -> paragraphs.add(new Paragraph((ObjectNode) p)));
        return paragraphs;
    }

    /** Writes the note back, a line for each value, so that changes can be read. */
    void write() throws IOException {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        DefaultPrettyPrinter printer = new DefaultPrettyPrinter(
                        Separators.createDefaultInstance().withObjectFieldValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(lines)
                .withArrayIndenter(lines);
        Files.writeString(file, MAPPER.writer(printer).writeValueAsString(json) + "\n");
    }
}
