package io.cvaespark.nn;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A description of a hidden layer. In JSON it is a width, or {@code {dense: 3136, reshape: [64, 7, 7]}}, {@code {conv:
 * 32, kernel: 3, stride: 2, padding: 1}}, {@code {convTranspose: 32, kernel: 4, stride: 2, padding: 1}}.
 *
 * @param kind the kind of layer
 * @param width the number of outputs of a dense layer, or of output channels of a convolution
 * @param reshape channels, height and width of the image that a dense layer's outputs form; null if they are no image
 * @param kernel the height and width of a convolution's kernel; 0 for a dense layer
 * @param stride the stride of a convolution; 0 for a dense layer
 * @param padding the padding of a convolution; 0 for a dense layer
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LayerSpec(Kind kind, int width, @Nullable List<Integer> reshape, int kernel, int stride, int padding)
        implements Serializable {

    /** The kinds of layer that a job can ask for. */
    public enum Kind {
        DENSE("dense"),
        CONV("conv"),
        CONV_TRANSPOSE("convTranspose");

        private final String key;

        Kind(String key) {
            this.key = key;
        }
    }

    public LayerSpec {
        reshape = reshape == null ? null : List.copyOf(reshape);
        if (width < 1) {
            throw new IllegalArgumentException(
                    "A hidden layer needs a width of at least 1, found %s: %s".formatted(kind.key, width));
        }
        if (kind != Kind.DENSE && (kernel < 1 || stride < 1 || padding < 0)) {
            throw new IllegalArgumentException(
                    "%s: %s needs kernel and stride of at least 1 and padding of at least 0, found kernel %s, stride %s, padding %s"
                            .formatted(kind.key, width, kernel, stride, padding));
        }
        if (reshape != null
                && (reshape.size() != 3
                        || reshape.stream().anyMatch(n -> n < 1)
                        || reshape.stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b) != width)) {
            throw new IllegalArgumentException(
                    "reshape of dense: %s must be [channels, height, width] with that product, found %s"
                            .formatted(width, reshape));
        }
    }

    /** Describes a dense layer. */
    public static LayerSpec dense(int width) {
        return new LayerSpec(Kind.DENSE, width, null, 0, 0, 0);
    }

    /** Describes one dense layer for each width. */
    public static List<LayerSpec> dense(List<Integer> widths) {
        return widths.stream().map(LayerSpec::dense).toList();
    }

    /** Reads a description from JSON; the error for anything else says what is expected. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static LayerSpec of(JsonNode node) {
        if (node.isIntegralNumber()) {
            return dense(node.intValue());
        }
        for (Kind kind : Kind.values()) {
            if (node.path(kind.key).isIntegralNumber()) {
                return of(kind, node);
            }
        }
        throw new IllegalArgumentException(
                "A hidden layer is a width, or {dense: …}, {conv: …} or {convTranspose: …} with a whole number, found "
                        + node);
    }

    private static LayerSpec of(Kind kind, JsonNode node) {
        List<String> known =
                kind == Kind.DENSE ? List.of("dense", "reshape") : List.of(kind.key, "kernel", "stride", "padding");
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new IllegalArgumentException("A hidden layer %s has no key '%s'; known: %s"
                        .formatted(kind.key, name, String.join(", ", known)));
            }
        }
        int width = node.get(kind.key).intValue();
        if (kind == Kind.DENSE) {
            List<Integer> shape = null;
            if (node.has("reshape")) {
                shape = new ArrayList<>();
                for (JsonNode n : node.get("reshape")) {
                    shape.add(n.asInt());
                }
            }
            return new LayerSpec(kind, width, shape, 0, 0, 0);
        }
        if (!node.path("kernel").isIntegralNumber()) {
            throw new IllegalArgumentException("%s: %s needs a kernel, such as 3".formatted(kind.key, width));
        }
        return new LayerSpec(
                kind,
                width,
                null,
                node.get("kernel").intValue(),
                node.path("stride").asInt(1),
                node.path("padding").asInt(0));
    }

    /** The JSON form that {@link #of} reads. */
    @JsonValue
    public Object json() {
        if (kind == Kind.DENSE && reshape == null) {
            return width;
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(kind.key, width);
        if (kind == Kind.DENSE) {
            map.put("reshape", reshape);
        } else {
            map.put("kernel", kernel);
            map.put("stride", stride);
            map.put("padding", padding);
        }
        return map;
    }
}
