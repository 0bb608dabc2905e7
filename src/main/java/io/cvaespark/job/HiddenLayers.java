package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.nn.LayerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Hidden layers of each network.
 *
 * @param condition those that the conditions pass, in every network that sees them, before they join the rest
 */
public record HiddenLayers(
        List<LayerSpec> encoder,
        List<LayerSpec> prior,
        List<LayerSpec> decoder,
        List<LayerSpec> classifier,
        List<LayerSpec> condition) {
    private static final List<String> NETWORKS = List.of("encoder", "decoder", "prior", "classifier", "condition");

    public HiddenLayers {
        encoder = List.copyOf(encoder);
        prior = List.copyOf(prior);
        decoder = List.copyOf(decoder);
        classifier = List.copyOf(classifier);
        condition = List.copyOf(condition);
    }

    /** The same for every network. */
    public static HiddenLayers of(List<LayerSpec> all) {
        return new HiddenLayers(all, all, all, all, List.of());
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static HiddenLayers of(JsonNode node) {
        if (node.isArray()) {
            return of(layers(node));
        }
        if (!node.isObject()) {
            throw new IllegalArgumentException(
                    "model.hidden is a list of widths, or {encoder: […], decoder: […], prior: […]}, found " + node);
        }
        node.fieldNames().forEachRemaining(name -> {
            if (!NETWORKS.contains(name)) {
                throw new IllegalArgumentException(
                        "model.hidden has no network '%s'; known: %s".formatted(name, String.join(", ", NETWORKS)));
            }
        });
        if (!node.has("encoder") || !node.has("decoder")) {
            throw new IllegalArgumentException("model.hidden per network needs encoder and decoder, found " + node);
        }
        List<LayerSpec> encoder = layers(node.get("encoder"));
        return new HiddenLayers(
                encoder,
                node.has("prior") ? layers(node.get("prior")) : encoder,
                layers(node.get("decoder")),
                node.has("classifier") ? layers(node.get("classifier")) : encoder,
                node.has("condition") ? layers(node.get("condition")) : List.of());
    }

    /** The width of every network's layers where they are dense and the same, else null. */
    @JsonIgnore
    public @Nullable List<Integer> uniformWidths() {
        boolean plain = encoder.stream().allMatch(l -> l.equals(LayerSpec.dense(l.width())));
        return same() && plain ? encoder.stream().map(LayerSpec::width).toList() : null;
    }

    @JsonValue
    public Object json() {
        if (same()) {
            return encoder;
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("encoder", encoder);
        map.put("prior", prior);
        map.put("decoder", decoder);
        if (!classifier.equals(encoder)) {
            map.put("classifier", classifier);
        }
        if (!condition.isEmpty()) {
            map.put("condition", condition);
        }
        return map;
    }

    private boolean same() {
        return encoder.equals(prior) && encoder.equals(decoder) && encoder.equals(classifier) && condition.isEmpty();
    }

    private static List<LayerSpec> layers(JsonNode node) {
        return StreamSupport.stream(node.spliterator(), false)
                .map(LayerSpec::of)
                .toList();
    }
}
