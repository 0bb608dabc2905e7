package io.cvaespark.model;

import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.nn.Activation;
import java.io.Serializable;
import java.util.List;

/**
 * What a model's networks are, as data: with the parameters, all that is needed to compute with it.
 *
 * @param variant the member of the family
 * @param fields likelihood of each field of x, following each other
 * @param conditionWidth C, floats per condition row; 0 without conditions
 * @param latent Z
 * @param encoder hidden widths of q(z|x,c)
 * @param prior hidden widths of p(z|c), where it is learned
 * @param decoder hidden widths of p(x|z,c)
 * @param activation after every layer but each network's last
 */
public record Architecture(
        Variant variant,
        List<LikelihoodSpec> fields,
        int conditionWidth,
        int latent,
        List<Integer> encoder,
        List<Integer> prior,
        List<Integer> decoder,
        Activation activation)
        implements Serializable {

    public Architecture {
        fields = List.copyOf(fields);
        encoder = List.copyOf(encoder);
        prior = List.copyOf(prior);
        decoder = List.copyOf(decoder);
        if (latent < 1) {
            throw new IllegalArgumentException("latent must be at least 1, found " + latent);
        }
        if (fields.isEmpty()) {
            throw new IllegalArgumentException("A model needs at least one target column");
        }
        if (variant.usesCondition() && conditionWidth == 0) {
            throw new IllegalArgumentException(
                    "Variant %s needs at least one condition column; without conditions use vae or ae"
                            .formatted(variant));
        }
    }

    /** X, floats per target row. */
    public int targetWidth() {
        return fields.stream().mapToInt(LikelihoodSpec::width).sum();
    }
}
