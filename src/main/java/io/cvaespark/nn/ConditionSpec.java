package io.cvaespark.nn;

import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A description of how the conditions c enter the networks. Each network has its own parameters for this.
 *
 * @param width C, the number of floats of c
 * @param embeddings the columns of c that hold level numbers, for which vectors are learned
 * @param image channels, height and width of the image that c begins with; null if there is none
 * @param layers the hidden layers that c goes through before it joins x or z; convolutions are allowed if c begins with
 *     an image
 * @param channels true if c joins an image x as additional channels, false if it joins at the first dense layer
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

    /** Conditions of {@code width} floats that enter the networks unchanged. */
    public static ConditionSpec plain(int width) {
        return new ConditionSpec(width, List.of(), null, List.of(), false);
    }

    /** True if c enters a network's first dense layer unchanged, except for embeddings. */
    public boolean entersAsItIs() {
        return image == null && layers.isEmpty() && !channels;
    }
}
