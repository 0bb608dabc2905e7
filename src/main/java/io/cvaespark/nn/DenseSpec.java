package io.cvaespark.nn;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A description of a hidden {@link Dense} layer: in JSON its width, or {@code {dense: 3136, reshape: [64, 7, 7]}}.
 *
 * @param width the number of outputs
 * @param reshape channels, height and width of the image that the outputs form; null if they are no image
 */
record DenseSpec(int width, @Nullable List<Integer> reshape) implements LayerSpec {
    static final String KEY = "dense";

    DenseSpec {
        LayerSpec.requireWidth(KEY, width);
        reshape = reshape == null ? null : List.copyOf(reshape);
        if (reshape != null
                && (reshape.size() != 3
                        || reshape.stream().anyMatch(n -> n < 1)
                        || reshape.stream().mapToLong(n -> n).reduce(1, (a, b) -> a * b) != width)) {
            throw new IllegalArgumentException(
                    "reshape of dense: %s must be [channels, height, width] with that product, found %s"
                            .formatted(width, reshape));
        }
    }

    static DenseSpec read(JsonNode node) {
        LayerSpec.requireKnownKeys(KEY, node, List.of(KEY, "reshape"));
        List<Integer> shape = null;
        if (node.has("reshape")) {
            shape = new ArrayList<>();
            for (JsonNode n : node.get("reshape")) {
                shape.add(n.asInt());
            }
        }
        return new DenseSpec(node.get(KEY).intValue(), shape);
    }

    @Override
    public boolean takesImage() {
        return false;
    }

    @Override
    public void addTo(NetworkBuilder network, boolean beforeImage, int outputWidth) {
        network.addDense(width);
        network.setImage(reshape == null ? null : ImageShape.of(reshape));
    }

    @Override
    public Object json() {
        if (reshape == null) {
            return width;
        }
        Map<String, Object> map = new LinkedHashMap<>();
        map.put(KEY, width);
        map.put("reshape", reshape);
        return map;
    }
}
