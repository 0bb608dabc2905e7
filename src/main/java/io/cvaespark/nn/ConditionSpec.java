package io.cvaespark.nn;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the conditions c enter the networks, as data; each network has parameters of its own for it.
 *
 * @param width C, floats of c
 * @param embeddings which of them are level numbers, that vectors are learned for
 * @param image channels, height and width of an image that c begins with; null: none
 * @param layers that c passes before it joins x or z; an image's convolutions may stand here
 * @param channels whether c joins an image x as further channels, instead of at the first dense layer
 */
public record ConditionSpec(
        int width,
        List<Embedding.Table> embeddings,
        @Nullable List<Integer> image,
        List<LayerSpec> layers,
        boolean channels)
        implements Serializable {

    public ConditionSpec {
        embeddings = List.copyOf(embeddings);
        layers = List.copyOf(layers);
        image = image == null ? null : ImageShape.checked("model.conditionImage", image);
        int size = image == null ? 0 : ImageShape.size(image);
        if (size > width) {
            throw new IllegalArgumentException(
                    "model.conditionImage %s has %s values, the conditions have %s".formatted(image, size, width));
        }
        for (Embedding.Table table : embeddings) {
            if (table.column() < size) {
                throw new IllegalArgumentException(
                        "The conditions begin with the image %s; put embedded columns behind it".formatted(image));
            }
        }
    }

    /** c as it is, {@code width} floats. */
    public static ConditionSpec plain(int width) {
        return new ConditionSpec(width, List.of(), null, List.of(), false);
    }

    /** Whether c meets a network's first dense layer as it is, but for embeddings. */
    public boolean entersAsItIs() {
        return image == null && layers.isEmpty() && !channels;
    }
}
