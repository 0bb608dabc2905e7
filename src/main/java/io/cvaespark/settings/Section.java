package io.cvaespark.settings;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The settings of one section of the job file, immutable: a value for each key that has one.
 *
 * @param <S> the section itself
 */
public abstract class Section<S extends Section<S>> implements Serializable {
    /** By the keys' names, which are the same in every process. */
    private final Map<String, Object> values = new TreeMap<>();

    /** The settings given; throws for a key of another section. */
    protected Section(Values given) {
        for (Key<?> key : given.keys()) {
            if (!keys().all().contains(key)) {
                throw new IllegalArgumentException(
                        "%s is no key of section %s".formatted(key.path(), keys().section()));
            }
        }
        for (Key<?> key : keys().all()) {
            Object value = given.get(key);
            if (value != null) {
                values.put(key.name(), value);
            }
        }
    }

    /** The keys of this section: one constant of the class. */
    protected abstract Keys keys();

    /** Another section of this class. */
    protected abstract S of(Values other);

    /** The same with another value; null: none. */
    public final <T> S with(Key<T> key, @Nullable T value) {
        Values changed = new Values();
        keys().all().forEach(own -> copy(own, changed));
        return of(changed.set(key, value));
    }

    private <T> void copy(Key<T> key, Values to) {
        Object value = values.get(key.name());
        to.set(key, value == null ? null : key.type().cast(value));
    }

    /** The value or the default; for keys that always have one. */
    public final <T> T get(Key<T> key) {
        T value = find(key);
        if (value == null) {
            throw new IllegalStateException("%s has no value and no default".formatted(key.path()));
        }
        return value;
    }

    /** The value or the default; null where there is neither. */
    public final <T> @Nullable T find(Key<T> key) {
        Object value = values.get(key.name());
        return value == null ? key.defaultValue() : key.type().cast(value);
    }

    /** Returns whether the job itself gives the key a value. */
    public final boolean has(Key<?> key) {
        return values.containsKey(key.name());
    }

    /** The section as it is written: the keys in their order, with the defaults that are written, without those that have no value. */
    @JsonValue
    public final Map<String, Object> json() {
        Map<String, Object> json = new LinkedHashMap<>();
        for (Key<?> key : keys().all()) {
            Object value = key.traits().written() ? find(key) : values.get(key.name());
            if (value != null) {
                json.put(key.name(), value instanceof Enum ? value.toString() : value);
            } else if (!key.traits().word().isEmpty()) {
                json.put(key.name(), key.traits().word());
            }
        }
        return json;
    }

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof Section<?> section && getClass() == section.getClass() && json().equals(section.json());
    }

    @Override
    public final int hashCode() {
        return json().hashCode();
    }

    @Override
    public final String toString() {
        return keys().section() + json();
    }
}
