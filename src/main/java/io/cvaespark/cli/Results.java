package io.cvaespark.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.store.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a command prints on standard output. */
final class Results {
    private Results() {}

    /** One JSON object on one line. */
    static void printJson(Map<String, ? extends @Nullable Object> values) {
        try {
            System.out.println(Json.MAPPER.writeValueAsString(values));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Results cannot be written as JSON", e);
        }
    }
}
