package io.cvaespark.settings;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.stream.Collectors;

/** Keys as tables: of the command line, and of the reference page. */
public final class KeyTable {
    private KeyTable() {}

    /** What a table says of a key. */
    public record Row(
            String section,
            String key,
            String type,
            @JsonProperty("default") String defaultValue,
            String range,
            String documentation) {}

    /** A row for each key. */
    public static List<Row> rows(Keys keys) {
        return keys.all().stream()
                .map(key -> new Row(
                        keys.section(),
                        key.name(),
                        key.type().text(),
                        key.defaultText(),
                        key.range(),
                        key.documentation()))
                .toList();
    }

    /** Lines for a terminal: the section, then a line for each key and one with its documentation. */
    public static String text(Keys keys) {
        return keys.section() + "\n"
                + rows(keys).stream()
                        .map(row -> "  %-16s %s, default %s%n      %s%n"
                                .formatted(row.key, typeAndRange(row), row.defaultValue, row.documentation))
                        .collect(Collectors.joining());
    }

    /** A table in Markdown. */
    public static String markdown(Keys keys) {
        return "| key | type | default | meaning |\n|---|---|---|---|\n"
                + rows(keys).stream()
                        .map(row -> "| `%s` | %s | %s | %s |\n"
                                .formatted(row.key, typeAndRange(row), row.defaultValue, row.documentation))
                        .collect(Collectors.joining());
    }

    private static String typeAndRange(Row row) {
        if (row.range.isEmpty()) {
            return row.type;
        }
        boolean saysAll = row.type.equals("name") || row.range.contains(row.type);
        return saysAll ? row.range : row.type + ", " + row.range;
    }
}
