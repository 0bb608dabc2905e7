package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.model.ObjectiveSpec;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Embedding;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.NetworkSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The {@code model} section of a job.
 *
 * @param variant a {@link Variant}'s name
 * @param latent Z
 * @param hidden the hidden layers
 * @param activation an {@link Activation}'s name
 * @param image channels, height and width of the target, for convolutions; null: it is no image
 * @param layerNorm whether hidden dense layers are normalised; null: no
 * @param residual whether hidden dense layers as wide as the one before are residual blocks; null: no
 * @param dropout share of the values of hidden dense layers that a training step drops; null: none
 * @param conditionImage channels, height and width of the first condition, for convolutions; null: it is no image
 * @param joinConditions {@code dense}, at the first dense layer, or {@code channels}, as further channels of the image that the
 *     encoder sees; null: dense
 * @param prior of z; null: the variant's own
 * @param objective {@code elbo}, {@code elbo-monte-carlo} or {@code iwae}; null: elbo
 * @param samplesPerRow draws of z per row; null: 1, of iwae {@value #IWAE_SAMPLES}
 * @param alpha of cvae-3 and m2; null: {@value #HYBRID_ALPHA} of cvae-3; of m2 what makes the classification weigh
 *     {@value #CLASSIFICATION_WEIGHT} of a row, as Kingma et al. 2014 have it
 * @param labelledShare of m2, the share of labelled rows in a batch; null: {@value #LABELLED_SHARE}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ModelConfig(
        String variant,
        Integer latent,
        Hidden hidden,
        String activation,
        @Nullable List<Integer> image,
        @Nullable Boolean layerNorm,
        @Nullable Boolean residual,
        @Nullable Double dropout,
        @Nullable List<Integer> conditionImage,
        @Nullable String joinConditions,
        @Nullable Prior prior,
        @Nullable String objective,
        @Nullable Integer samplesPerRow,
        @Nullable Double alpha,
        @Nullable Double labelledShare) {
    /** What holds where a job says nothing. */
    public static final ModelConfig DEFAULT =
            new ModelConfig(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    private static final int IWAE_SAMPLES = 50;
    private static final double HYBRID_ALPHA = 0.5;
    private static final double CLASSIFICATION_WEIGHT = 0.1;
    private static final double LABELLED_SHARE = 0.1;

    @JsonCreator
    public ModelConfig(
            @JsonProperty("variant") @Nullable String variant,
            @JsonProperty("latent") @Nullable Integer latent,
            @JsonProperty("hidden") @Nullable Hidden hidden,
            @JsonProperty("activation") @Nullable String activation,
            @JsonProperty("image") @Nullable List<Integer> image,
            @JsonProperty("layerNorm") @Nullable Boolean layerNorm,
            @JsonProperty("residual") @Nullable Boolean residual,
            @JsonProperty("dropout") @Nullable Double dropout,
            @JsonProperty("conditionImage") @Nullable List<Integer> conditionImage,
            @JsonProperty("joinConditions") @Nullable String joinConditions,
            @JsonProperty("prior") @Nullable Prior prior,
            @JsonProperty("objective") @Nullable String objective,
            @JsonProperty("samplesPerRow") @Nullable Integer samplesPerRow,
            @JsonProperty("alpha") @Nullable Double alpha,
            @JsonProperty("labelledShare") @Nullable Double labelledShare) {
        this.variant = Variant.of(variant == null ? "cvae-2" : variant).toString();
        this.latent = latent == null ? 32 : latent;
        this.hidden = hidden == null ? Hidden.of(LayerSpec.dense(List.of(512, 512))) : hidden;
        this.activation =
                Activation.of(activation == null ? "relu" : activation).toString();
        this.image = image == null ? null : List.copyOf(image);
        this.layerNorm = layerNorm;
        this.residual = residual;
        this.dropout = dropout;
        this.conditionImage = conditionImage == null ? null : List.copyOf(conditionImage);
        this.joinConditions = joinConditions;
        this.prior = prior;
        this.objective = objective;
        this.samplesPerRow = samplesPerRow;
        this.alpha = alpha;
        this.labelledShare = labelledShare;
        if (this.latent < 1) {
            throw new IllegalArgumentException("model.latent must be at least 1, found " + latent);
        }
        NetworkSpec unusedNetworks = toNetworks();
        ConditionSpec unusedConditions = toConditions(Integer.MAX_VALUE, List.of());
        checkJoin(this.image, this.hidden, joinConditions);
        PriorSpec unusedPrior = toPrior();
        ObjectiveSpec unusedObjective = toObjective();
        if (labelledShare != null
                && (!Variant.of(this.variant).hasClassifier() || !(labelledShare > 0 && labelledShare < 1))) {
            throw new IllegalArgumentException("model.labelledShare is for m2, between 0 and 1, found %s for %s"
                    .formatted(labelledShare, this.variant));
        }
    }

    /**
     * The {@code prior} of a model: a name, or {@code {type: mixture, components: 20, weights: condition}}.
     *
     * @param components K of mixture and vamp; null: {@value #DEFAULT_COMPONENTS}
     * @param weights {@code condition} where a mixture's weights are a network of c; null: learned constants
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Prior(
            String type,
            @Nullable Integer components,
            @Nullable String weights) {
        private static final int DEFAULT_COMPONENTS = 20;

        @JsonCreator
        public Prior {
            if (weights != null && !weights.equals("condition")) {
                throw new IllegalArgumentException(
                        "model.prior.weights must be condition or absent, found '%s'".formatted(weights));
            }
        }

        /** A prior by its name alone. */
        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public Prior(String type) {
            this(type, null, null);
        }
    }

    /** What the networks' layers have in common. */
    public NetworkSpec toNetworks() {
        return new NetworkSpec(
                Activation.of(activation),
                image,
                Boolean.TRUE.equals(layerNorm),
                Boolean.TRUE.equals(residual),
                dropout == null ? 0 : dropout,
                false);
    }

    private static void checkJoin(@Nullable List<Integer> image, Hidden hidden, @Nullable String join) {
        if (join == null || join.equals("dense")) {
            return;
        }
        if (!join.equals("channels")) {
            throw new IllegalArgumentException(
                    "model.joinConditions must be dense or channels, found '%s'".formatted(join));
        }
        boolean convolves =
                !hidden.encoder().isEmpty() && hidden.encoder().get(0).takesImage();
        if (image == null || !convolves) {
            throw new IllegalArgumentException(
                    "model.joinConditions: channels needs model.image and an encoder that begins with {conv: …}, found image %s and %s"
                            .formatted(image, hidden.encoder()));
        }
    }

    /** How conditions of {@code width} floats, some of them level numbers, enter the networks. */
    public ConditionSpec toConditions(int width, List<Embedding.Table> embeddings) {
        return new ConditionSpec(
                width, embeddings, conditionImage, hidden.condition(), "channels".equals(joinConditions));
    }

    /** The distribution p(z|c) of these settings; throws for what does not go together. */
    public PriorSpec toPrior() {
        Variant member = Variant.of(variant);
        if (prior == null) {
            return PriorSpec.of(member.prior());
        }
        PriorSpec.Type type = PriorSpec.Type.of(prior.type());
        boolean mixes = type == PriorSpec.Type.MIXTURE || type == PriorSpec.Type.VAMP;
        boolean free = member.hasPrior() && member != Variant.M2 && member != Variant.CVAE_3;
        if (type != member.prior() && !free) {
            throw new IllegalArgumentException(
                    "model.prior %s is for vae, cvae-1, cvae-2 and cvae-4; variant is %s".formatted(type, variant));
        }
        if (prior.components() != null && (!mixes || prior.components() < 1)) {
            throw new IllegalArgumentException(
                    "model.prior.components is a number of at least 1, of a mixture or vamp prior, found %s of %s"
                            .formatted(prior.components(), type));
        }
        if (prior.weights() != null && type != PriorSpec.Type.MIXTURE) {
            throw new IllegalArgumentException("model.prior.weights is for a mixture, found type " + type);
        }
        int components = prior.components() == null ? Prior.DEFAULT_COMPONENTS : prior.components();
        return new PriorSpec(type, mixes ? components : 0, prior.weights() != null);
    }

    /** The objective of these settings; throws for what the variant does not have. */
    public ObjectiveSpec toObjective() {
        Variant member = Variant.of(variant);
        ObjectiveSpec.Type type = objective == null ? ObjectiveSpec.Type.ELBO : ObjectiveSpec.Type.of(objective);
        boolean importance = type == ObjectiveSpec.Type.IWAE;
        if (type != ObjectiveSpec.Type.ELBO
                && (!member.hasPrior() || member == Variant.M2 || member == Variant.CVAE_3)) {
            throw new IllegalArgumentException(
                    "model.objective %s is for vae, cvae-1, cvae-2 and cvae-4; variant %s has an objective of its own"
                            .formatted(type, variant));
        }
        int draws = samplesPerRow == null ? (importance ? IWAE_SAMPLES : 1) : samplesPerRow;
        if (draws < 1) {
            throw new IllegalArgumentException("model.samplesPerRow must be at least 1, found " + draws);
        }
        if (draws > 1 && !member.hasPrior()) {
            throw new IllegalArgumentException(
                    "model.samplesPerRow is for variants with a distribution over z, which %s has not"
                            .formatted(variant));
        }
        return new ObjectiveSpec(type, draws, settledAlpha(member));
    }

    /** The share of labelled rows in a batch of m2. */
    public double labelledPart() {
        return labelledShare == null ? LABELLED_SHARE : labelledShare;
    }

    private double settledAlpha(Variant member) {
        if (member != Variant.CVAE_3 && member != Variant.M2) {
            if (alpha != null) {
                throw new IllegalArgumentException(
                        "model.alpha is for cvae-3 (share of the ELBO) and m2 (weight of the classification); variant is "
                                + variant);
            }
            return 1;
        }
        if (alpha == null) {
            return member == Variant.M2 ? CLASSIFICATION_WEIGHT / labelledPart() : HYBRID_ALPHA;
        }
        if (!(alpha >= 0) || alpha.isInfinite() || (member == Variant.CVAE_3 && alpha > 1)) {
            throw new IllegalArgumentException("model.alpha must %s, found %s"
                    .formatted(member == Variant.M2 ? "be a number of at least 0" : "lie between 0 and 1", alpha));
        }
        return alpha;
    }

    /**
     * Hidden layers of each network.
     *
     * @param condition those that the conditions pass, in every network that sees them, before they join the rest
     */
    public record Hidden(
            List<LayerSpec> encoder,
            List<LayerSpec> prior,
            List<LayerSpec> decoder,
            List<LayerSpec> classifier,
            List<LayerSpec> condition) {
        private static final List<String> NETWORKS = List.of("encoder", "decoder", "prior", "classifier", "condition");

        public Hidden {
            encoder = List.copyOf(encoder);
            prior = List.copyOf(prior);
            decoder = List.copyOf(decoder);
            classifier = List.copyOf(classifier);
            condition = List.copyOf(condition);
        }

        /** The same for every network. */
        public static Hidden of(List<LayerSpec> all) {
            return new Hidden(all, all, all, all, List.of());
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Hidden of(JsonNode node) {
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
            return new Hidden(
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
            return encoder.equals(prior)
                    && encoder.equals(decoder)
                    && encoder.equals(classifier)
                    && condition.isEmpty();
        }

        private static List<LayerSpec> layers(JsonNode node) {
            return StreamSupport.stream(node.spliterator(), false)
                    .map(LayerSpec::of)
                    .toList();
        }
    }
}
