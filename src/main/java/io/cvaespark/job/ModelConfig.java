package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.model.ObjectiveSpec;
import io.cvaespark.model.Variant;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Embedding;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.nn.NetworkSpec;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The {@code model} section of a job.
 *
 * <p>A new key is one constant here and the code that uses it. Its default is not written ({@link Key#unwritten}), so that
 * models and checkpoints of before stay what they were.
 */
public final class ModelConfig extends Section<ModelConfig> {
    private static final int IWAE_SAMPLES = 50;

    public static final Keys KEYS = new Keys("model");

    public static final Key<Variant> VARIANT =
            KEYS.add(Key.choice("variant", Variant.CVAE_2, List.of(Variant.values()), "The member of the family"));

    public static final Key<Integer> LATENT =
            KEYS.add(Key.integer("latent", 32, Check.atLeast(1), "Width of z").asParam("latentDim"));

    public static final Key<HiddenLayers> HIDDEN = KEYS.add(
            Key.json(
                    "hidden",
                    HiddenLayers.class,
                    "list or map",
                    HiddenLayers.of(LayerSpec.dense(List.of(512, 512))),
                    "Hidden layers of every network, or {encoder: […], decoder: […], prior: […], classifier: […], condition: […]}"));

    public static final Key<Activation> ACTIVATION = KEYS.add(Key.choice(
            "activation", Activation.RELU, Activation.ofHiddenLayers(), "The nonlinearity after every hidden layer"));

    public static final Key<List<Integer>> IMAGE = KEYS.add(
            Key.integers("image", null, "[channels, height, width] of the target, for convolutions and shifts"));

    public static final Key<Decoder> DECODER = KEYS.add(Key.choice(
                    "decoder",
                    Decoder.AUTO,
                    List.of(Decoder.values()),
                    "How p(x∣z,c) is made: independent generates all columns at once, each from z and c alone; autoregressive one after the other, each also from those before it; auto is autoregressive for tables")
            .unwritten());

    public static final Key<Order> ORDER = KEYS.add(Key.json(
                    "order",
                    Order.class,
                    "list or any",
                    null,
                    "Of an autoregressive decoder: the target columns in the order in which they are generated, what others will predict from the rest last; or any: any columns may be given when rows are sampled, at twice the time of training")
            .absentIs("that of the targets"));

    public static final Key<Integer> EMBEDDING = KEYS.add(Key.integer(
                    "embedding",
                    16,
                    Check.atLeast(1),
                    "Of an autoregressive decoder: the widest vector that is learned for a level or bin of a target")
            .unwritten());

    public static final Key<Integer> HEAD_WIDTH = KEYS.add(Key.integer(
                    "headWidth",
                    32,
                    Check.atLeast(1),
                    "Of an autoregressive decoder: a column of K levels or bins has this times ln K hidden units")
            .unwritten());

    public static final Key<Boolean> LAYER_NORM =
            KEYS.add(Key.flag("layerNorm", false, "Normalises hidden dense layers (Ba et al. 2016)")
                    .unwritten());

    public static final Key<Boolean> RESIDUAL = KEYS.add(Key.flag(
                    "residual",
                    false,
                    "Makes residual blocks of hidden dense layers that are as wide as the one before (He et al. 2016)")
            .unwritten());

    public static final Key<Double> DROPOUT = KEYS.add(Key.number(
                    "dropout",
                    0.0,
                    new Check<>("must be from 0 to 0.99", share -> share >= 0 && share <= 0.99),
                    "Share of the values of hidden dense layers that a training step drops (Srivastava et al. 2014); what passes a residual block is never dropped")
            .unwritten());

    public static final Key<List<Integer>> CONDITION_IMAGE = KEYS.add(Key.integers(
            "conditionImage",
            null,
            "[channels, height, width] of the first condition, for convolutions: half an image, a frame"));

    public static final Key<Join> JOIN_CONDITIONS = KEYS.add(Key.choice(
                    "joinConditions",
                    Join.DENSE,
                    List.of(Join.values()),
                    "Where conditions join an encoder of convolutions: at its first dense layer, or each value as a channel of the image; a conditionImage of the same size is channels already")
            .unwritten());

    public static final Key<PriorConfig> PRIOR = KEYS.add(Key.json(
                    "prior",
                    PriorConfig.class,
                    "name or map",
                    null,
                    "p(z∣c): a type by its name, or a map with the keys of model.prior")
            .absentIs("the variant's"));

    public static final Key<ObjectiveSpec.Type> OBJECTIVE = KEYS.add(Key.choice(
                    "objective",
                    ObjectiveSpec.Type.ELBO,
                    List.of(ObjectiveSpec.Type.values()),
                    "The bound; elbo-monte-carlo estimates its KL by the draws, iwae is importance-weighted (Burda et al. 2016) with the plain reparameterised gradient")
            .unwritten());

    public static final Key<Integer> SAMPLES_PER_ROW =
            KEYS.add(Key.integer("samplesPerRow", null, Check.atLeast(1), "Draws of z per row and step")
                    .absentIs("1, of iwae " + IWAE_SAMPLES));

    public static final Key<Double> ALPHA = KEYS.add(Key.number(
                    "alpha",
                    null,
                    Check.notNegative(),
                    "Of cvae-3, at most 1: share of the ELBO in the hybrid objective, the rest is the prediction's own loss; of m2: weight of −log q(c∣x) of a labelled row")
            .absentIs("cvae-3: %s, m2: %s / labelledShare"
                    .formatted(
                            Variant.CVAE_3.loss().defaultAlpha(1),
                            Variant.M2.loss().defaultAlpha(1))));

    public static final Key<Double> LABELLED_SHARE = KEYS.add(
            Key.number("labelledShare", 0.1, Check.betweenZeroAndOne(), "Of m2: share of labelled rows in a batch")
                    .unwritten());

    /** What holds where a job says nothing. */
    public static final ModelConfig DEFAULT = new ModelConfig(new Values());

    /**
     * The order in which an autoregressive decoder generates the columns.
     *
     * @param columns all targets; null: any order
     */
    public record Order(@Nullable List<String> columns) implements java.io.Serializable {
        private static final String ANY = "any";

        public Order {
            columns = columns == null ? null : List.copyOf(columns);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Order of(JsonNode json) {
            if (json.isTextual() && json.asText().equals(ANY)) {
                return new Order(null);
            }
            List<String> columns = new java.util.ArrayList<>();
            json.forEach(name -> columns.add(name.asText()));
            if (!json.isArray()) {
                throw new IllegalArgumentException(
                        "model.order must be any or a list of the target columns, found " + json);
            }
            return new Order(columns);
        }

        @JsonValue
        public Object json() {
            return columns == null ? ANY : columns;
        }
    }

    /** How the decoder generates the columns of a row. */
    public enum Decoder {
        AUTO,
        INDEPENDENT,
        AUTOREGRESSIVE;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where conditions join an encoder of convolutions. */
    public enum Join {
        DENSE,
        CHANNELS;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public ModelConfig(Values values) {
        super(values);
        NetworkSpec unusedNetworks = toNetworks();
        ConditionSpec unusedConditions = toConditions(Integer.MAX_VALUE, List.of());
        requireImageToJoin();
        PriorSpec unusedPrior = toPrior();
        ObjectiveSpec unusedObjective = toObjective();
        if (has(LABELLED_SHARE) && !variant().hasClassifier()) {
            throw new IllegalArgumentException(
                    "model.labelledShare is for m2, found %s for %s".formatted(labelledShare(), variant()));
        }
    }

    /** What a job says; throws for keys that are not known, values that are not taken and what does not go together. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static ModelConfig of(JsonNode json) {
        return new ModelConfig(KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected ModelConfig of(Values other) {
        return new ModelConfig(other);
    }

    /** Returns whether the decoder is said to generate x column by column. */
    public boolean isAutoregressive() {
        return get(DECODER) == Decoder.AUTOREGRESSIVE;
    }

    public Variant variant() {
        return get(VARIANT);
    }

    /** The width of z: how many latents the encoder gives per row. */
    public int latent() {
        return get(LATENT);
    }

    public HiddenLayers hidden() {
        return get(HIDDEN);
    }

    /** Channels, height and width of the target; null: it is no image. */
    public @Nullable List<Integer> image() {
        return find(IMAGE);
    }

    /** The share of labelled rows in a batch of m2. */
    public double labelledShare() {
        return get(LABELLED_SHARE);
    }

    /** What the networks' layers have in common. */
    public NetworkSpec toNetworks() {
        return new NetworkSpec(get(ACTIVATION), image(), get(LAYER_NORM), get(RESIDUAL), get(DROPOUT), false);
    }

    private void requireImageToJoin() {
        List<LayerSpec> encoder = hidden().encoder();
        boolean convolves = !encoder.isEmpty() && encoder.get(0).takesImage();
        if (get(JOIN_CONDITIONS) == Join.CHANNELS && (image() == null || !convolves)) {
            throw new IllegalArgumentException(
                    "model.joinConditions: channels needs model.image and an encoder that begins with {conv: …}, found image %s and %s"
                            .formatted(image(), encoder));
        }
    }

    /** How conditions of {@code width} floats, some of them level numbers, enter the networks. */
    public ConditionSpec toConditions(int width, List<Embedding.Table> embeddings) {
        boolean channels = get(JOIN_CONDITIONS) == Join.CHANNELS;
        return new ConditionSpec(width, embeddings, find(CONDITION_IMAGE), hidden().condition(), channels);
    }

    /** The distribution p(z|c) of these settings; throws for what does not go together. */
    public PriorSpec toPrior() {
        PriorConfig prior = find(PRIOR);
        if (prior == null) {
            return PriorSpec.of(variant().prior());
        }
        if (prior.type() != variant().prior() && !variant().hasChoiceOfBound()) {
            throw new IllegalArgumentException("model.prior %s is for %s; variant %s has a prior of its own"
                    .formatted(prior.type(), variantsWithChoice(), variant()));
        }
        return prior.toSpec();
    }

    /**
     * How an autoregressive decoder generates the columns; null for another decoder.
     *
     * @param targets the columns' names
     */
    public @Nullable AutoregressiveSpec toAutoregressive(List<String> targets) {
        if (get(DECODER) != Decoder.AUTOREGRESSIVE) {
            return null;
        }
        Order order = find(ORDER);
        boolean any = order != null && order.columns() == null;
        List<String> said = order == null ? null : order.columns();
        List<String> names = said == null ? targets : said;
        if (!names.stream().sorted().toList().equals(targets.stream().sorted().toList())) {
            throw new IllegalArgumentException(
                    "model.order must name each target column once, found %s; the targets are %s"
                            .formatted(names, targets));
        }
        return new AutoregressiveSpec(
                get(EMBEDDING),
                get(HEAD_WIDTH),
                names.stream().map(targets::indexOf).toList(),
                any);
    }

    /** The objective of these settings; throws for what the variant does not have. */
    public ObjectiveSpec toObjective() {
        ObjectiveSpec.Type type = get(OBJECTIVE);
        if (type != ObjectiveSpec.Type.ELBO && !variant().hasChoiceOfBound()) {
            throw new IllegalArgumentException("model.objective %s is for %s; variant %s has an objective of its own"
                    .formatted(type, variantsWithChoice(), variant()));
        }
        Integer asked = find(SAMPLES_PER_ROW);
        int draws = asked != null ? asked : type == ObjectiveSpec.Type.IWAE ? IWAE_SAMPLES : 1;
        if (draws > 1 && !variant().hasPrior()) {
            throw new IllegalArgumentException(
                    "model.samplesPerRow is for variants with a distribution over z, which %s has not"
                            .formatted(variant()));
        }
        return new ObjectiveSpec(type, draws, settledAlpha());
    }

    private static String variantsWithChoice() {
        return Stream.of(Variant.values())
                .filter(Variant::hasChoiceOfBound)
                .map(Variant::toString)
                .collect(Collectors.joining(", "));
    }

    private double settledAlpha() {
        Double alpha = find(ALPHA);
        Variant.Loss loss = variant().loss();
        if (alpha == null) {
            return loss.defaultAlpha(labelledShare());
        }
        if (loss.mostAlpha() == 0) {
            throw new IllegalArgumentException(
                    "model.alpha is for cvae-3 (share of the ELBO) and m2 (weight of the classification); variant is "
                            + variant());
        }
        if (alpha > loss.mostAlpha()) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "model.alpha must lie between 0 and %.0f, found %s", loss.mostAlpha(), alpha));
        }
        return alpha;
    }
}
