package io.cvaespark.settings;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values by key, from which a {@link Section} is made; what is not set is left to the defaults. */
public final class Values {
    private final Map<Key<?>, Object> byKey = new LinkedHashMap<>();

    /** Sets a value; null: none. Throws where the key does not take it. */
    public <T> Values set(Key<T> key, @Nullable T value) {
        if (value == null) {
            byKey.remove(key);
        } else {
            T taken = key.require(value);
            byKey.put(key, taken instanceof List<?> list ? List.copyOf(list) : taken);
        }
        return this;
    }

    @Nullable
    Object get(Key<?> key) {
        return byKey.get(key);
    }

    Collection<Key<?>> keys() {
        return byKey.keySet();
    }
}
