package io.cvaespark.notebooks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.sql.SparkSession;

/** Runs paragraphs as Zeppelin does: Markdown, Scala, and SQL whose {@code ${name=default}} are form fields. */
final class NoteRunner implements AutoCloseable {
    /** {@code ${name=default}} or {@code ${name=default,choice|choice}}. */
    private static final Pattern FIELD = Pattern.compile("\\$\\{([^=}]+)=([^},]*)(?:,([^}]*))?}");

    private static final Pattern DISPLAY = Pattern.compile("(?m)^%(table|html|text) ?");

    private final SparkSession spark;
    private final ZeppelinForms z = new ZeppelinForms();
    private final ScalaInterpreter scala;

    /** One result of a paragraph: TABLE, HTML or TEXT. */
    record Message(String type, String data) {}

    /** How a paragraph ended: {@code error} is empty where it succeeded. */
    record Outcome(List<Message> messages, Map<String, Map<String, Object>> fields, String error) {}

    NoteRunner(SparkSession spark) {
        this.spark = spark;
        scala = new ScalaInterpreter(spark, z);
    }

    /** @param values of the form fields that a user filled in */
    Outcome run(String text, Map<String, String> values) {
        String[] parts = text.split("\\s", 2);
        String body = parts.length < 2 ? "" : parts[1];
        z.begin(values);
        switch (parts[0]) {
            case "%md" -> {
                return new Outcome(List.of(new Message("HTML", Markdown.html(body))), Map.of(), "");
            }
            case "%spark.sql" -> {
                return sql(body);
            }
            case "%spark" -> {
                ScalaInterpreter.Ran ran = scala.run(body);
                return new Outcome(messages(ran.output()), z.fields(), ran.success() ? "" : ran.output());
            }
            default ->
                throw new IllegalArgumentException(
                        "A paragraph begins with %%md, %%spark or %%spark.sql, found '%s'".formatted(parts[0]));
        }
    }

    private Outcome sql(String text) {
        try {
            String filled = FIELD.matcher(text)
                    .replaceAll(
                            match -> Matcher.quoteReplacement(value(match.group(1), match.group(2), match.group(3))));
            return new Outcome(messages(ZeppelinForms.display(spark.sql(filled))), z.fields(), "");
        } catch (Exception e) { // Spark's AnalysisException is checked, and undeclared
            return new Outcome(List.of(), z.fields(), String.valueOf(e.getMessage()));
        }
    }

    private String value(String name, String defaultValue, String choices) {
        List<String> options = choices == null ? List.of() : Arrays.asList(choices.split("\\|"));
        return z.field(options.isEmpty() ? "TextBox" : "Select", name, defaultValue, options)
                .toString();
    }

    /** Cuts what was printed where a line begins with a display directive. */
    private static List<Message> messages(String output) {
        List<Message> messages = new ArrayList<>();
        Matcher display = DISPLAY.matcher(output);
        String type = "TEXT";
        int begin = 0;
        while (display.find()) {
            add(messages, type, output.substring(begin, display.start()));
            type = display.group(1).toUpperCase(Locale.ROOT);
            begin = display.end();
        }
        add(messages, type, output.substring(begin));
        return messages;
    }

    private static void add(List<Message> messages, String type, String data) {
        if (!data.isBlank()) {
            messages.add(new Message(type, data.strip() + "\n"));
        }
    }

    @Override
    public void close() {
        scala.close();
    }
}
