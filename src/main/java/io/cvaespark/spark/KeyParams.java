package io.cvaespark.spark;

import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.jspecify.annotations.Nullable;

/** All Spark ML params of an estimator or a model, declared by their keys. */
final class KeyParams {
    private final Params owner;
    private final Map<Key<?>, ParamsOfKey<?>> byKey = new LinkedHashMap<>();

    KeyParams(Params owner) {
        this.owner = owner;
    }

    /** Adds a param for each key that has none yet. */
    KeyParams add(Keys keys) {
        keys.all().forEach(this::add);
        return this;
    }

    /** Adds a param for the key, if it has none yet. */
    <T> KeyParams add(Key<T> key) {
        return byKey.containsKey(key) ? this : add(new KeyParam<>(owner, key));
    }

    /** Adds what sets a key in its own way. */
    KeyParams add(ParamsOfKey<?> params) {
        byKey.put(params.key(), params);
        return this;
    }

    /** The params in the order of their names, as Spark has them. */
    Param<?>[] all() {
        Map<String, Param<?>> byName = new TreeMap<>();
        for (ParamsOfKey<?> params : byKey.values()) {
            params.params().forEach(param -> byName.put(param.name(), param));
        }
        return byName.values().toArray(new Param<?>[0]);
    }

    /** What the params say of a key. */
    <T> @Nullable T get(Key<T> key) {
        return of(key).get();
    }

    /** Makes the params say it. */
    <T> void set(Key<T> key, @Nullable T value) {
        of(key).set(value);
    }

    /** Puts what the params say of the keys. */
    void copyTo(Values values, Collection<Key<?>> keys) {
        keys.forEach(key -> copy(key, values));
    }

    /** Makes the params say what a section does. */
    void copyFrom(Section<?> section, Collection<Key<?>> keys) {
        keys.forEach(key -> copy(section, key));
    }

    private <T> void copy(Key<T> key, Values to) {
        // A param that is not set is a key that a job does not say.
        to.set(key, of(key).isSet() ? get(key) : null);
    }

    private <T> void copy(Section<?> from, Key<T> key) {
        if (from.has(key)) {
            set(key, from.find(key));
        } else {
            of(key).clear();
        }
    }

    @SuppressWarnings("unchecked") // add puts them under their own key
    private <T> ParamsOfKey<T> of(Key<T> key) {
        ParamsOfKey<?> params = byKey.get(key);
        if (params == null) {
            throw new IllegalArgumentException("%s has no param here".formatted(key.path()));
        }
        return (ParamsOfKey<T>) params;
    }
}
