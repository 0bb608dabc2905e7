package io.cvaespark.notebooks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.spark.SparkTests;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/**
 * Runs the notes on what the commands of their first paragraphs wrote in this project, and stores the results in them.
 *
 * <p>No test, and by its name none of {@code mvn test}: {@code mvn test -Dtest=StoreResults}, after a change to a note.
 */
class StoreResults {
    @Test
    void runAndStore() throws IOException {
        try (NoteRunner runner = new NoteRunner(SparkTests.session())) {
            for (Note note : Note.all()) {
                for (Note.Paragraph paragraph : note.paragraphs()) {
                    NoteRunner.Outcome outcome = runner.run(paragraph.text(), paragraph.values());
                    assertEquals("", outcome.error(), note.name() + ": " + paragraph.title());
                    paragraph.store(outcome);
                }
                note.write();
            }
        }
    }
}
