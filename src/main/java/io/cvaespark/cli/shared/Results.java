package io.cvaespark.cli.shared;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.data.Json;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints results of commands on standard output. */
public final class Results {
    private Results() {}

    /** Prints one JSON object on one line. */
    public static void printJson(Map<String, ? extends @Nullable Object> values) {
        try {
            System.out.println(Json.MAPPER.writeValueAsString(values));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Results cannot be written as JSON", e);
        }
    }
}
