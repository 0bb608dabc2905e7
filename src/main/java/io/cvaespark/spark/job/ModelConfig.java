package io.cvaespark.spark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.Activation;
import io.cvaespark.store.Json;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The {@code model} section of a job.
 *
 * @param variant a {@link Variant}'s name
 * @param latent Z
 * @param hidden widths of the hidden layers
 * @param activation an {@link Activation}'s name
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelConfig(String variant, Integer latent, Hidden hidden, String activation) {

    @JsonCreator
    public ModelConfig(
            @JsonProperty("variant") @Nullable String variant,
            @JsonProperty("latent") @Nullable Integer latent,
            @JsonProperty("hidden") @Nullable Hidden hidden,
            @JsonProperty("activation") @Nullable String activation) {
        this.variant = Variant.of(variant == null ? "cvae-2" : variant).toString();
        this.latent = latent == null ? 32 : latent;
        this.hidden = hidden == null ? Hidden.of(List.of(512, 512)) : hidden;
        this.activation =
                Activation.of(activation == null ? "relu" : activation).toString();
        if (this.latent < 1) {
            throw new IllegalArgumentException("model.latent must be at least 1, found " + latent);
        }
    }

    /** Hidden widths of each network. */
    public record Hidden(List<Integer> encoder, List<Integer> prior, List<Integer> decoder) {
        public Hidden {
            encoder = checked(encoder);
            prior = checked(prior);
            decoder = checked(decoder);
        }

        /** The same for every network. */
        public static Hidden of(List<Integer> all) {
            return new Hidden(all, all, all);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Hidden of(JsonNode node) {
            if (node.isArray()) {
                return of(widths(node));
            }
            if (!node.isObject()) {
                throw new IllegalArgumentException(
                        "model.hidden is a list of widths, or {encoder: […], decoder: […], prior: […]}, found " + node);
            }
            node.fieldNames().forEachRemaining(name -> {
                if (!List.of("encoder", "prior", "decoder").contains(name)) {
                    throw new IllegalArgumentException(
                            "model.hidden has no network '%s'; known: encoder, decoder, prior".formatted(name));
                }
            });
            if (!node.has("encoder") || !node.has("decoder")) {
                throw new IllegalArgumentException("model.hidden per network needs encoder and decoder, found " + node);
            }
            List<Integer> encoder = widths(node.get("encoder"));
            return new Hidden(
                    encoder, node.has("prior") ? widths(node.get("prior")) : encoder, widths(node.get("decoder")));
        }

        /** Whether every network has the same widths. */
        @JsonIgnore
        public boolean isUniform() {
            return encoder.equals(prior) && encoder.equals(decoder);
        }

        @JsonValue
        public Object json() {
            return isUniform() ? encoder : Map.of("encoder", encoder, "prior", prior, "decoder", decoder);
        }

        private static List<Integer> widths(JsonNode node) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(n -> Json.MAPPER.convertValue(n, Integer.class))
                    .toList();
        }

        private static List<Integer> checked(List<Integer> widths) {
            for (int w : widths) {
                if (w < 1) {
                    throw new IllegalArgumentException("model.hidden widths must be at least 1, found " + widths);
                }
            }
            return List.copyOf(widths);
        }
    }
}
