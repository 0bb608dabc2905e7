package io.cvaespark.settings;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Nearest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The keys of one section of the job file, in the order in which they are written. */
public final class Keys {
    private final String section;
    private final List<Key<?>> all = new ArrayList<>();

    /** @param section the path that leads to the keys, such as {@code training}; empty: there is none */
    public Keys(String section) {
        this.section = section;
    }

    /** The key as one of this section: the last one for now. */
    public <T> Key<T> add(Key<T> key) {
        Key<T> added = key.in(section);
        all.add(added);
        return added;
    }

    public String section() {
        return section;
    }

    public List<Key<?>> all() {
        return Collections.unmodifiableList(all);
    }

    /** The values that a job says; throws naming the key that is not known, or whose value is not taken. */
    public Values read(JsonNode json) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(
                    "key '%s' has a value of the wrong kind (expected a map of keys), found %s"
                            .formatted(section, json));
        }
        for (Iterator<String> names = json.fieldNames(); names.hasNext(); ) {
            requireKnown(names.next());
        }
        Values values = new Values();
        for (Map.Entry<String, JsonNode> entry : json.properties()) {
            all.stream().filter(key -> key.name().equals(entry.getKey())).forEach(key -> read(key, entry, values));
        }
        return values;
    }

    private static <T> void read(Key<T> key, Map.Entry<String, JsonNode> entry, Values values) {
        values.set(key, key.read(entry.getValue()));
    }

    private void requireKnown(String name) {
        List<String> known = all.stream().map(Key::name).sorted().toList();
        if (!known.contains(name)) {
            throw new IllegalArgumentException("unknown key '%s'%s (known here: %s)"
                    .formatted(
                            section.isEmpty() ? name : section + "." + name,
                            Nearest.suggestion(name, known),
                            known.stream().collect(Collectors.joining(", "))));
        }
    }
}
