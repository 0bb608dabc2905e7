package io.cvaespark.settings;

import com.fasterxml.jackson.databind.JavaType;
import io.cvaespark.data.Json;
import java.util.List;

/**
 * The type of a key's values.
 *
 * @param kind what a value is in the job file
 * @param java the class of a value
 * @param text the type as a table shows it
 * @param choices the values, where a name is one of few; else empty
 */
public record Type<T>(Kind kind, JavaType java, String text, List<T> choices) {

    /** What a value is in the job file. */
    public enum Kind {
        INTEGER,
        LONG,
        NUMBER,
        FLAG,
        TEXT,
        /** Names, in the job file a list. */
        TEXTS,
        /** Whole numbers, in the job file a list. */
        INTEGERS,
        /** One of a few names. */
        CHOICE,
        /** Whatever JSON the value's class reads. */
        JSON
    }

    static <T> Type<T> of(Kind kind, Class<T> type, String text) {
        return new Type<>(kind, Json.MAPPER.constructType(type), text, List.of());
    }

    static <T> Type<List<T>> listOf(Kind kind, Class<T> type, String text) {
        JavaType list = Json.MAPPER.getTypeFactory().constructCollectionType(List.class, type);
        return new Type<>(kind, list, text, List.of());
    }

    /** {@code value}, which was put where values of this type are kept. */
    @SuppressWarnings("unchecked") // the class is checked; of a list, Values.set took the elements' type from the key
    public T cast(Object value) {
        return (T) java.getRawClass().cast(value);
    }
}
