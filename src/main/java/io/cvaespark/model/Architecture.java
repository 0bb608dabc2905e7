package io.cvaespark.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.NetworkSpec;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model's networks are, as data: with the parameters, all that is needed to compute with it.
 *
 * @param variant the member of the family
 * @param fields likelihood of each field of x, following each other
 * @param conditions c, its floats and how networks take them; 0 floats without conditions
 * @param latent Z
 * @param latentPrior p(z|c)
 * @param encoder hidden layers of q(z|x,c)
 * @param prior hidden layers of p(z|c), where it is learned
 * @param decoder hidden layers of p(x|z,c)
 * @param classifier hidden layers of q(c|x), where there is one
 * @param networks what the layers have in common
 * @param objective what training minimises
 * @param autoregressive how the decoder generates x column by column; null: it generates all columns at once, independent of each
 *     other given z and c
 */
public record Architecture(
        Variant variant,
        List<LikelihoodSpec> fields,
        ConditionSpec conditions,
        int latent,
        PriorSpec latentPrior,
        List<LayerSpec> encoder,
        List<LayerSpec> prior,
        List<LayerSpec> decoder,
        List<LayerSpec> classifier,
        NetworkSpec networks,
        ObjectiveSpec objective,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable AutoregressiveSpec autoregressive)
        implements Serializable {

    public Architecture {
        fields = List.copyOf(fields);
        encoder = List.copyOf(encoder);
        prior = List.copyOf(prior);
        decoder = List.copyOf(decoder);
        classifier = List.copyOf(classifier);
        if (latent < 1) {
            throw new IllegalArgumentException("latent must be at least 1, found " + latent);
        }
        if (fields.isEmpty()) {
            throw new IllegalArgumentException("A model needs at least one target column");
        }
        int targets = fields.stream().mapToInt(LikelihoodSpec::width).sum();
        if (networks.image() != null && networks.imageSize() != targets) {
            throw new IllegalArgumentException("model.image %s has %s values, the targets have %s"
                    .formatted(networks.image(), networks.imageSize(), targets));
        }
        if (variant.hasPrior() != (latentPrior.type() != PriorSpec.Type.NONE)) {
            throw new IllegalArgumentException(
                    "Variant %s has %s, found %s".formatted(variant, variant.prior(), latentPrior.type()));
        }
        int conditionWidth = conditions.width();
        if (autoregressive == null && (variant.usesCondition() || latentPrior.seesCondition()) && conditionWidth == 0) {
            throw new IllegalArgumentException(
                    "Variant %s needs at least one condition column; without conditions use vae or ae"
                            .formatted(variant));
        }
        if (!conditions.embeddings().isEmpty()
                && (variant.hasClassifier() || latentPrior.type() == PriorSpec.Type.VAMP)) {
            throw new IllegalArgumentException("Embedded conditions cannot be %s; leave embedding out of the columns"
                    .formatted(
                            variant.hasClassifier()
                                    ? "predicted, as " + variant + " does"
                                    : "learned as a vamp prior's pseudo-inputs"));
        }
        if (variant.hasClassifier() && conditionWidth < 2) {
            throw new IllegalArgumentException(
                    "Variant %s needs a categorical condition of at least two levels, found %s"
                            .formatted(variant, conditionWidth));
        }
    }

    /** C, floats per condition row; 0 without conditions. */
    public int conditionWidth() {
        return conditions.width();
    }

    /** Dense networks of the given hidden widths, the classifier's those of the encoder, trained by the ELBO. */
    public static Architecture dense(
            Variant variant,
            List<LikelihoodSpec> fields,
            int conditionWidth,
            int latent,
            List<Integer> encoder,
            List<Integer> prior,
            List<Integer> decoder,
            Activation activation) {
        return new Architecture(
                variant,
                fields,
                ConditionSpec.plain(conditionWidth),
                latent,
                PriorSpec.of(variant.prior()),
                LayerSpec.dense(encoder),
                LayerSpec.dense(prior),
                LayerSpec.dense(decoder),
                LayerSpec.dense(encoder),
                NetworkSpec.plain(activation),
                ObjectiveSpec.ELBO,
                null);
    }

    /** The same with a decoder that generates x column by column. */
    public Architecture withAutoregressive(AutoregressiveSpec spec) {
        return new Architecture(
                variant,
                fields,
                conditions,
                latent,
                latentPrior,
                encoder,
                prior,
                decoder,
                classifier,
                networks,
                objective,
                spec);
    }

    /** The same with another objective. */
    public Architecture withObjective(ObjectiveSpec other) {
        return with(conditions, latentPrior, networks, other);
    }

    /** The same with another prior. */
    public Architecture withPrior(PriorSpec other) {
        return with(conditions, other, networks, objective);
    }

    /** The same with conditions that enter in another way. */
    public Architecture withConditions(ConditionSpec other) {
        return with(other, latentPrior, networks, objective);
    }

    /** The same with other settings of the layers. */
    public Architecture withNetworks(NetworkSpec other) {
        return with(conditions, latentPrior, other, objective);
    }

    private Architecture with(ConditionSpec c, PriorSpec ofLatent, NetworkSpec layers, ObjectiveSpec minimised) {
        return new Architecture(
                variant,
                fields,
                c,
                latent,
                ofLatent,
                encoder,
                prior,
                decoder,
                classifier,
                layers,
                minimised,
                autoregressive);
    }

    /** X, floats per target row. */
    public int targetWidth() {
        return fields.stream().mapToInt(LikelihoodSpec::width).sum();
    }
}
