package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.Json;
import org.jspecify.annotations.Nullable;

/**
 * The {@code input} section of a job.
 *
 * @param train the training rows
 * @param validation held-out rows; null: none
 * @param weight column of instance weights; null: every row weighs 1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InputConfig(
        @JsonProperty(value = "train", required = true) TableSource train,
        @Nullable Validation validation,
        @Nullable String weight) {

    /** A fraction of the training rows, chosen by their hash, or rows of their own. */
    public record Validation(
            @Nullable Double fraction, @Nullable TableSource source) {
        public Validation {
            if (fraction != null && !(fraction > 0 && fraction < 1)) {
                throw new IllegalArgumentException(
                        "input.validation as a fraction must lie between 0 and 1, found " + fraction);
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Validation of(JsonNode node) {
            return node.isNumber()
                    ? new Validation(node.asDouble(), null)
                    : new Validation(null, Json.MAPPER.convertValue(node, TableSource.class));
        }

        @JsonValue
        public @Nullable Object json() {
            return fraction != null ? fraction : source;
        }
    }
}
