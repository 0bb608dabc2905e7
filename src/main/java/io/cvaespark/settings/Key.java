package io.cvaespark.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One setting: all that there is to know about it, in one place.
 *
 * @param name in the job file
 * @param type of its values
 * @param defaultValue where a job says nothing; null: there is none, or it depends on other keys
 * @param check which values it takes
 * @param documentation one sentence, without a full stop
 * @param traits how it is written, and what else it is called
 */
public record Key<T>(
        String name, Type<T> type, @Nullable T defaultValue, Check<T> check, String documentation, Traits traits) {

    /**
     * What few keys have that is not usual.
     *
     * @param section the path that leads to the key, such as {@code training.optimizer}; empty: the key stands alone
     * @param param the name of the Spark ML param; empty: the key's own
     * @param absent what a table shows as the default where there is no value
     * @param word what a job says, and what is written, in place of no value, such as {@code auto}; empty: nothing
     * @param written whether the default is written to the job of a run
     * @param changesResult whether another value may give another model, so that a run cannot be resumed with it
     */
    public record Traits(
            String section, String param, String absent, String word, boolean written, boolean changesResult) {
        static final Traits USUAL = new Traits("", "", "none", "", true, true);
    }

    private static <T> Key<T> of(
            String name, Type<T> type, @Nullable T defaultValue, Check<T> check, String documentation) {
        return new Key<>(name, type, defaultValue, check, documentation, Traits.USUAL);
    }

    /** A whole number. */
    public static Key<Integer> integer(
            String name, @Nullable Integer defaultValue, Check<Integer> check, String documentation) {
        return of(name, Type.of(Type.Kind.INTEGER, Integer.class, "whole number"), defaultValue, check, documentation);
    }

    /** A whole number of 64 bits. */
    public static Key<Long> longInteger(String name, Long defaultValue, String documentation) {
        return of(
                name,
                Type.of(Type.Kind.LONG, Long.class, "whole number"),
                defaultValue,
                Check.anything(),
                documentation);
    }

    /** A number. */
    public static Key<Double> number(
            String name, @Nullable Double defaultValue, Check<Double> check, String documentation) {
        return of(name, Type.of(Type.Kind.NUMBER, Double.class, "number"), defaultValue, check, documentation);
    }

    /** Yes or no. */
    public static Key<Boolean> flag(String name, boolean defaultValue, String documentation) {
        Type<Boolean> type = Type.of(Type.Kind.FLAG, Boolean.class, "true or false");
        return of(name, type, defaultValue, Check.anything(), documentation);
    }

    /** A text. */
    public static Key<String> text(String name, @Nullable String defaultValue, String documentation) {
        Type<String> type = Type.of(Type.Kind.TEXT, String.class, "text");
        return of(name, type, defaultValue, Check.anything(), documentation);
    }

    /** A list of texts. */
    public static Key<List<String>> texts(String name, @Nullable List<String> defaultValue, String documentation) {
        Type<List<String>> type = Type.listOf(Type.Kind.TEXTS, String.class, "list of texts");
        return of(name, type, defaultValue, Check.anything(), documentation);
    }

    /** A list of whole numbers. */
    public static Key<List<Integer>> integers(String name, @Nullable List<Integer> defaultValue, String documentation) {
        Type<List<Integer>> type = Type.listOf(Type.Kind.INTEGERS, Integer.class, "list of whole numbers");
        return of(name, type, defaultValue, Check.anything(), documentation);
    }

    /** One of {@code choices}, called by what their {@code toString} gives. */
    public static <E extends Enum<E>> Key<E> choice(
            String name, E defaultValue, List<E> choices, String documentation) {
        Type<E> type = new Type<>(
                Type.Kind.CHOICE,
                Json.MAPPER.constructType(defaultValue.getDeclaringClass()),
                "name",
                List.copyOf(choices));
        return of(name, type, defaultValue, Check.anything(), documentation);
    }

    /**
     * A value that its class reads from JSON, and writes.
     *
     * @param text its type as a table shows it
     */
    public static <T> Key<T> json(
            String name, Class<T> type, String text, @Nullable T defaultValue, String documentation) {
        return of(name, Type.of(Type.Kind.JSON, type, text), defaultValue, Check.anything(), documentation);
    }

    /** The same, its Spark ML param called {@code param}. */
    public Key<T> asParam(String param) {
        return with(
                new Traits(traits.section, param, traits.absent, traits.word, traits.written, traits.changesResult));
    }

    /** The same, without a value by default, which tables show as {@code text}. */
    public Key<T> absentIs(String text) {
        return with(new Traits(traits.section, traits.param, text, traits.word, traits.written, traits.changesResult));
    }

    /** The same, where a job says {@code word} in place of no value. */
    public Key<T> absentBy(String word) {
        return with(new Traits(traits.section, traits.param, word, word, traits.written, traits.changesResult));
    }

    /** The same, its default not written to the job of a run: job files of before the key was there stay what they were. */
    public Key<T> unwritten() {
        return with(new Traits(traits.section, traits.param, traits.absent, traits.word, false, traits.changesResult));
    }

    /** The same; it changes when and how a model is trained, never which one comes out. */
    public Key<T> keepsResult() {
        return with(new Traits(traits.section, traits.param, traits.absent, traits.word, traits.written, false));
    }

    Key<T> in(String section) {
        return with(
                new Traits(section, traits.param, traits.absent, traits.word, traits.written, traits.changesResult));
    }

    private Key<T> with(Traits other) {
        return new Key<>(name, type, defaultValue, check, documentation, other);
    }

    /** The name with the path to it, such as {@code training.epochs}. */
    public String path() {
        return traits.section.isEmpty() ? name : traits.section + "." + name;
    }

    /** The name of the Spark ML param. */
    public String param() {
        return traits.param.isEmpty() ? name : traits.param;
    }

    /** The value in JSON; null for none. Throws saying the key, what is expected and what was found. */
    public @Nullable T read(JsonNode json) {
        if (json.isNull() || (!traits.word.isEmpty() && json.asText().equals(traits.word))) {
            return null;
        }
        if (type.kind() == Type.Kind.CHOICE) {
            return choose(json.asText());
        }
        requireKind(json);
        try {
            return require(Json.MAPPER.<T>treeToValue(json, type.java()));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    traits.word.isEmpty() ? JsonErrors.explain(e, path()) : refusal("'" + json.asText() + "'"), e);
        }
    }

    /** Throws for a scalar of another kind: a text is no number, and a number is neither yes nor no. */
    private void requireKind(JsonNode json) {
        boolean fits =
                switch (type.kind()) {
                    case INTEGER -> json.canConvertToInt() && json.isIntegralNumber();
                    case LONG -> json.canConvertToLong() && json.isIntegralNumber();
                    case NUMBER -> json.isNumber();
                    case FLAG -> json.isBoolean();
                    case TEXT -> json.isTextual();
                    default -> true;
                };
        if (!fits) {
            String word = traits.word.isEmpty() ? "" : traits.word + " or ";
            throw new IllegalArgumentException("%s must be %s%s, found %s"
                    .formatted(path(), word, type.kind() == Type.Kind.FLAG ? type.text() : "a " + type.text(), json));
        }
    }

    private T choose(String called) {
        for (T choice : type.choices()) {
            if (choice.toString().equals(called)) {
                return choice;
            }
        }
        throw new IllegalArgumentException("%s must be %s, found '%s'".formatted(path(), choices(), called));
    }

    /** {@code value}; throws where the key does not take it. */
    T require(T value) {
        if (!check.test().holds(value)) {
            throw new IllegalArgumentException(refusal(String.valueOf(value)));
        }
        return value;
    }

    private String refusal(String found) {
        return "%s %s, found %s".formatted(path(), check.expected(), found);
    }

    /** Which values it takes, as a table shows it; empty: all of its type. */
    public String range() {
        return type.choices().isEmpty() ? check.range() : choices();
    }

    private String choices() {
        List<String> names = type.choices().stream().map(Object::toString).toList();
        String first = names.stream().limit(names.size() - 1L).collect(Collectors.joining(", "));
        return first.isEmpty() ? names.get(0) : first + " or " + names.get(names.size() - 1);
    }

    /** The default, as a table shows it. */
    public String defaultText() {
        return defaultValue == null ? traits.absent : text(defaultValue);
    }

    /** As in YAML. */
    private static String text(Object value) {
        if (value instanceof Section) {
            return "its defaults";
        }
        if (value instanceof Enum) {
            return value.toString();
        }
        JsonNode json = Json.MAPPER.valueToTree(value);
        return json.isDouble() && json.doubleValue() == Math.rint(json.doubleValue())
                ? String.valueOf(json.longValue())
                : json.toString().replace("\"", "").replace(":", ": ").replace(",", ", ");
    }
}
