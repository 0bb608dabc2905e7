package io.cvaespark.notebooks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import scala.Tuple2;

/** What the notes use of Zeppelin's {@code z}: form fields and {@code show}, with the signatures of its SparkZeppelinContext. */
public final class ZeppelinForms {
    /** Zeppelin's default of {@code zeppelin.spark.maxResult}. */
    private static final int MOST_ROWS = 1000;

    private Map<String, String> values = Map.of();
    private final Map<String, Map<String, Object>> fields = new LinkedHashMap<>();

    /** Forgets the fields of the paragraph before; {@code values} are what a user filled in. */
    void begin(Map<String, String> values) {
        this.values = values;
        fields.clear();
    }

    /** The fields that the paragraph asked for, as a note stores them. */
    Map<String, Map<String, Object>> fields() {
        return new LinkedHashMap<>(fields);
    }

    public Object textbox(String name, String defaultValue) {
        return field("TextBox", name, defaultValue, List.of());
    }

    public Object select(String name, Object defaultValue, scala.collection.Iterable<Tuple2<Object, String>> options) {
        List<String> choices = new ArrayList<>();
        options.iterator().foreach(option -> choices.add(option._1().toString()));
        return field("Select", name, defaultValue.toString(), choices);
    }

    Object field(String type, String name, String defaultValue, List<String> choices) {
        String value = values.getOrDefault(name, defaultValue);
        if (!choices.isEmpty() && !choices.contains(value)) {
            throw new IllegalArgumentException(
                    "The field '%s' has no choice '%s', only %s".formatted(name, value, choices));
        }
        Map<String, Object> field = new LinkedHashMap<>();
        field.put("type", type);
        if (!choices.isEmpty()) {
            field.put(
                    "options",
                    choices.stream().map(choice -> Map.of("value", choice)).toList());
        }
        field.put("name", name);
        field.put("defaultValue", defaultValue);
        field.put("hidden", false);
        fields.put(name, field);
        return value;
    }

    public void show(Object table) {
        scala.Console.print(display((Dataset<?>) table));
    }

    /** A table as Zeppelin's display system takes it; the closing {@code %text} keeps what follows out of it. */
    static String display(Dataset<?> table) {
        StringBuilder text = new StringBuilder("%table ");
        text.append(String.join("\t", table.columns())).append('\n');
        for (Row row : table.toDF().takeAsList(MOST_ROWS)) {
            for (int i = 0; i < row.size(); i++) {
                text.append(i == 0 ? "" : "\t")
                        .append(String.valueOf(row.get(i)).replace('\t', ' ').replace('\n', ' '));
            }
            text.append('\n');
        }
        return text.append("\n%text ").toString();
    }
}
