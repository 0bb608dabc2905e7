package io.cvaespark.job;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.data.Json;
import io.cvaespark.settings.JsonErrors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.FailsafeSchema;
import org.snakeyaml.engine.v2.schema.JsonSchema;
import org.snakeyaml.engine.v2.schema.Schema;

/** Job files: YAML to {@link Job} and back; unknown keys are refused with the nearest known one. */
public final class JobReader {
    private JobReader() {}

    /**
     * Reads a job.
     *
     * @param name of the file, for messages
     * @param overrides {@code key=value} pairs, keys with dots, values in YAML
     * @throws IllegalArgumentException saying which key is wrong and why
     */
    public static Job read(String yaml, String name, List<String> overrides) {
        Object tree = parse(yaml, name, new JsonSchema());
        if (tree == null) {
            tree = new LinkedHashMap<String, Object>();
        }
        if (!(tree instanceof Map)) {
            throw new IllegalArgumentException(
                    "%s is not a job file: expected keys such as input, targets, model".formatted(name));
        }
        Object spelt = asTexts(yaml, name, new LinkedHashMap<String, Object>());
        for (String override : overrides) {
            int equals = override.indexOf('=');
            if (equals < 1) {
                throw new IllegalArgumentException("A setting has the form key=value, found '%s'".formatted(override));
            }
            String key = override.substring(0, equals);
            String value = override.substring(equals + 1);
            set(tree, key, parse(value, override, new JsonSchema()));
            set(spelt, key, asTexts(value, override, ""));
        }
        requireNoNullsInLists(tree, "");
        spellColumns(tree, spelt);
        try {
            return Json.MAPPER.readValue(Json.MAPPER.writeValueAsBytes(tree), Job.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("%s: %s".formatted(name, JsonErrors.explain(e, "")), e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** The job as a YAML file, defaults included. */
    public static String write(Job job) {
        DumpSettings settings =
                DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build();
        return new Dump(settings).dumpToString(Json.MAPPER.convertValue(job, Map.class));
    }

    /** All scalars as they are written; {@code nothing} for a document without content. */
    private static Object asTexts(String yaml, String name, Object nothing) {
        Object texts = parse(yaml, name, new JsonSchema()) == null ? null : parse(yaml, name, new FailsafeSchema());
        return texts == null ? nothing : texts;
    }

    /** @param schema how scalars are read: as what they look like, or all as texts */
    private static @Nullable Object parse(String yaml, String name, Schema schema) {
        try {
            return new Load(LoadSettings.builder()
                            .setLabel(name)
                            .setSchema(schema)
                            .build())
                    .loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("%s is not valid YAML%s".formatted(name, where(e)), e);
        }
    }

    /** Throws for a list that has an empty entry, and takes out keys without a value: they count as not there. */
    private static void requireNoNullsInLists(@Nullable Object tree, String key) {
        if (tree instanceof Map<?, ?> map) {
            map.values().removeIf(java.util.Objects::isNull);
            map.forEach((name, value) -> requireNoNullsInLists(value, key.isEmpty() ? "" + name : key + "." + name));
        } else if (tree instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                if (list.get(i) == null) {
                    throw new IllegalArgumentException(
                            "%s.%s is empty; give a value, or take the entry out".formatted(key, i));
                }
                requireNoNullsInLists(list.get(i), key + "." + i);
            }
        }
    }

    /** Columns have the names that are written, also where YAML takes them for a number, a date, or yes and no. */
    @SuppressWarnings("unchecked") // YAML trees are maps of strings, and lists
    private static void spellColumns(Object tree, Object spelt) {
        for (String role : List.of("targets", "conditions")) {
            if (((Map<String, Object>) tree).get(role) instanceof List<?> list
                    && spelt instanceof Map<?, ?> texts
                    && texts.get(role) instanceof List<?> names) {
                List<Object> columns = (List<Object>) list;
                for (int i = 0; i < columns.size(); i++) {
                    if (columns.get(i) instanceof Map<?, ?> column) {
                        if (names.get(i) instanceof Map<?, ?> text && text.get("column") instanceof String name) {
                            ((Map<String, Object>) column).put("column", name);
                        }
                    } else if (names.get(i) instanceof String name) {
                        columns.set(i, name);
                    }
                }
            }
        }
    }

    /** Line, column and problem, in one line. */
    private static String where(YamlEngineException e) {
        if (e instanceof MarkedYamlEngineException marked
                && marked.getProblemMark().isPresent()) {
            Mark mark = marked.getProblemMark().get();
            return ", line %s, column %s: %s".formatted(mark.getLine() + 1, mark.getColumn() + 1, marked.getProblem());
        }
        return ": " + e.getMessage();
    }

    @SuppressWarnings("unchecked") // YAML trees are maps of strings, and lists
    private static void set(Object tree, String key, @Nullable Object value) {
        String[] parts = key.split("\\.", -1);
        Object node = tree;
        for (int i = 0; i < parts.length; i++) {
            boolean last = i == parts.length - 1;
            if (node instanceof List<?> list) {
                List<Object> items = (List<Object>) list;
                int index = index(parts[i], items.size(), key);
                if (last) {
                    items.set(index, value);
                } else {
                    node = items.get(index);
                }
            } else if (node instanceof Map<?, ?> map) {
                Map<String, Object> entries = (Map<String, Object>) map;
                if (last) {
                    entries.put(parts[i], value);
                } else {
                    Object child = entries.get(parts[i]);
                    if (!(child instanceof Map) && !(child instanceof List)) {
                        child = new LinkedHashMap<String, Object>();
                        entries.put(parts[i], child);
                    }
                    node = child;
                }
            }
        }
    }

    private static int index(String part, int size, String key) {
        if (!part.matches("\\d+") || Integer.parseInt(part) >= size) {
            throw new IllegalArgumentException(
                    "%s: '%s' must be the number of an entry, 0 to %s".formatted(key, part, size - 1));
        }
        return Integer.parseInt(part);
    }
}
