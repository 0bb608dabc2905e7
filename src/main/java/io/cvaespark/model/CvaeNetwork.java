package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.Likelihood;
import io.cvaespark.dist.Likelihoods;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.LatentPrior;
import io.cvaespark.model.prior.Prior;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.nn.Branch;
import io.cvaespark.nn.ConditionSpec;
import io.cvaespark.nn.Dense;
import io.cvaespark.nn.Layer;
import io.cvaespark.nn.Network;
import io.cvaespark.nn.NetworkSpec;
import io.cvaespark.nn.SharedColumns;
import io.cvaespark.nn.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The networks of one model over one flat parameter array: encoder, prior (where learned), decoder,
 * classifier (of m2), in this order.
 *
 * <p>Shapes: encoder [B×(X+C)] → [B×2Z] (Z wide for a point posterior), prior [B×C] → [B×2Z], decoder [B×(Z+C)] →
 * η [B×H].
 */
public final class CvaeNetwork {
    private final Architecture architecture;
    private final Likelihood likelihood;
    private final @Nullable Network encoder;
    private final @Nullable Prior prior;
    private final Network decoder;
    private final @Nullable Network classifier;
    private final TargetsAsSeen seenTargets;

    public CvaeNetwork(Architecture architecture) {
        this(architecture, network -> network);
    }

    /** @param around replaces each network by another of the same parameters, such as one that counts its runs */
    CvaeNetwork(Architecture architecture, UnaryOperator<Network> around) {
        this.architecture = architecture;
        this.likelihood = Likelihoods.of(architecture.fields());
        Variant variant = architecture.variant();
        ConditionSpec conditions = architecture.conditions();
        NetworkSpec networks = architecture.networks();
        seenTargets = new TargetsAsSeen(architecture.fields(), networks.logCounts());
        encoder = variant.hasLatent() ? around.apply(encoder(architecture, seenTargets.width())) : null;
        int end = encoder == null ? 0 : encoder.end();
        prior = encoder == null
                ? null
                : architecture
                        .latentPrior()
                        .create(new Prior.Site(
                                networks, conditions, architecture.prior(), encoder, architecture.latent(), around));
        end = prior == null ? end : prior.end();
        decoder = around.apply(decoder(architecture, likelihood, latent(), end));
        if (variant.hasClassifier()) {
            NetworkSpec.Input x = new NetworkSpec.Input(seenTargets.width(), true, null);
            classifier = around.apply(
                    networks.network("classifier", x, architecture.classifier(), conditions.width(), decoder.end()));
        } else {
            classifier = null;
        }
    }

    private static Network encoder(Architecture architecture, int width) {
        Variant variant = architecture.variant();
        ConditionSpec seen = variant.posteriorSeesCondition() ? architecture.conditions() : null;
        boolean point = variant.posterior() == Variant.Posterior.POINT;
        int outputs = point ? architecture.latent() : 2 * architecture.latent();
        return architecture
                .networks()
                .network("encoder", new NetworkSpec.Input(width, true, seen), architecture.encoder(), outputs, 0);
    }

    /** The parameters of the likelihood that all rows share follow those of the layers. */
    private static Network decoder(Architecture architecture, Likelihood likelihood, int latent, int offset) {
        List<Boolean> shared = IntStream.range(0, likelihood.etaWidth())
                .mapToObj(likelihood::shared)
                .toList();
        int own = (int) shared.stream().filter(common -> !common).count();
        boolean seesCondition = architecture.variant().decoderSeesCondition()
                && architecture.conditions().width() > 0;
        ConditionSpec seen = seesCondition ? architecture.conditions() : null;
        AutoregressiveSpec autoregressive = architecture.autoregressive();
        if (autoregressive != null) {
            if (own < shared.size()) {
                throw new IllegalArgumentException(
                        "An autoregressive decoder needs likelihoods without parameters that all rows share; replace gaussian-shared");
            }
            List<AutoregressiveSpec.Site> sites = architecture.fields().stream()
                    .map(f -> new AutoregressiveSpec.Site(
                            f.width(),
                            f.codeCount(),
                            f.partCount(),
                            Likelihoods.of(f).etaWidth(),
                            f.codes() == null ? List.of() : f.codes().ranks()))
                    .toList();
            return architecture
                    .networks()
                    .autoregressive(
                            "decoder", new NetworkSpec.Input(latent, false, seen), autoregressive, sites, offset);
        }
        Network decoder = architecture
                .networks()
                .network("decoder", new NetworkSpec.Input(latent, false, seen), architecture.decoder(), own, offset);
        return own == shared.size() ? decoder : decoder.followedBy(new SharedColumns(shared));
    }

    public Architecture architecture() {
        return architecture;
    }

    public Variant variant() {
        return architecture.variant();
    }

    /** Z; 0 where there is no latent. */
    public int latent() {
        return architecture.variant().hasLatent() ? architecture.latent() : 0;
    }

    public Likelihood likelihood() {
        return likelihood;
    }

    /** q(z|x,c); null where there is no latent. */
    public @Nullable Network encoder() {
        return encoder;
    }

    /** The network of p(z|c), [μ | log σ²] or a mixture's logits; null where there is none. */
    public @Nullable Network prior() {
        return prior == null ? null : prior.network();
    }

    public Network decoder() {
        return decoder;
    }

    /** Logits of q(c|x); null where c is always given. */
    public @Nullable Network classifier() {
        return classifier;
    }

    /** q(c|x); throws where there is none. */
    Network requireClassifier() {
        if (classifier == null) {
            throw new IllegalArgumentException("Variant %s has no classifier q(c|x); use m2".formatted(variant()));
        }
        return classifier;
    }

    /** P, the length of the parameter array. */
    public int parameterCount() {
        return classifier == null ? decoder.end() : classifier.end();
    }

    /** Every tensor, in the order of the parameter array. */
    public List<Tensor> tensors() {
        List<Tensor> tensors = new ArrayList<>();
        for (Network network : networks()) {
            if (network == decoder && prior != null) {
                tensors.addAll(prior.tensors());
            }
            tensors.addAll(network.tensors());
        }
        return tensors;
    }

    /** New initial parameters, a pure function of {@code seed}. */
    public float[] initialize(long seed) {
        float[] parameters = new float[parameterCount()];
        for (Network network : networks()) {
            network.initialize(seed, parameters);
        }
        if (prior != null) {
            prior.initialize(seed, parameters);
        }
        return parameters;
    }

    /**
     * New initial parameters in which the conditions speak as loudly to the decoder as z does.
     *
     * <p>z has Z inputs of unit variance, a one-hot condition of K levels a single active one: under equal weights z would be
     * heard first and take over what c says. So the weights of c in the decoder's first layer are multiplied by √(Z/E‖c‖²),
     * where that is above 1. On MNIST this ends at a lower KL, a better ELBO, and samples of the digit that was asked for.
     *
     * <p>Conditions with layers of their own are left as they start.
     *
     * @param conditionNorm E‖c‖²: about 1 for each one-hot, embedded or standardised column
     */
    public float[] initialize(long seed, double conditionNorm) {
        float[] parameters = initialize(seed);
        double factor = Math.sqrt(latent() / conditionNorm);
        if (!variant().hasLatent()
                || !variant().decoderSeesCondition()
                || !architecture.conditions().entersAsItIs()
                || factor <= 1) {
            return parameters;
        }
        Layer first = decoder.layers().get(0);
        boolean embeds = first instanceof Branch;
        if ((embeds ? decoder.layers().get(1) : first) instanceof Dense dense) {
            int offset = decoder.offset() + (embeds ? first.parameterCount() : 0);
            dense.scaleInputs(parameters, offset, latent(), (float) factor);
        }
        return parameters;
    }

    /**
     * Floating-point operations of one training row, counted as 2·(3P − first layers' weights), a convolution's weights once for
     * each place: forward, and backward to
     * weights and to inputs, which no first layer needs.
     */
    public long trainingOperationsPerRow() {
        long products = 0;
        for (Network network : networks()) {
            List<Layer> layers = network.layers();
            Layer first = layers.get(0);
            boolean needsGradient = first instanceof Branch || first.tensors().isEmpty();
            long spared = needsGradient
                    ? 0
                    : first.products() - first.tensors().get(1).size();
            products += 3 * layers.stream().mapToLong(Layer::products).sum() - spared;
        }
        return 2 * products;
    }

    /** [x̃ | c] or x̃, whichever q sees. */
    public Network.Trace encode(float[] parameters, Batch batch, Workspace workspace) {
        return encode(parameters, batch, null, workspace);
    }

    Network.Trace encode(float[] parameters, Batch batch, long @Nullable [] dropout, Workspace workspace) {
        Matrix input = variant().posteriorSeesCondition() ? batch.seen() : batch.seenX();
        return requireEncoder().forward(parameters, seenTargets.of(input, workspace), dropout, workspace);
    }

    /**
     * p(z|c) for the rows of a batch; throws where there is no distribution over z.
     *
     * @param ofCondition what {@link #prior} gives for their c
     */
    LatentPrior latentPrior(float[] parameters, Network.@Nullable Trace ofCondition, Workspace workspace) {
        if (prior == null) {
            throw new IllegalArgumentException("Variant %s has no distribution over the latent".formatted(variant()));
        }
        return prior.prepare(parameters, ofCondition, workspace);
    }

    /** q(z|x,c); throws where there is no latent. */
    Network requireEncoder() {
        if (encoder == null) {
            throw new IllegalArgumentException("Variant %s has no latent".formatted(variant()));
        }
        return encoder;
    }

    /** Logits of q(c|x) [B×C]; throws where there is no classifier. */
    public Network.Trace classify(float[] parameters, Matrix x, Workspace workspace) {
        return classify(parameters, x, null, workspace);
    }

    Network.Trace classify(float[] parameters, Matrix x, long @Nullable [] dropout, Workspace workspace) {
        return requireClassifier().forward(parameters, seenTargets.of(x, workspace), dropout, workspace);
    }

    /** [μ | log σ²] of p(z|c), [B×2Z]; null where it is N(0, I). */
    public Network.@Nullable Trace prior(float[] parameters, Matrix c, Workspace workspace) {
        return prior(parameters, c, null, workspace);
    }

    Network.@Nullable Trace prior(float[] parameters, Matrix c, long @Nullable [] dropout, Workspace workspace) {
        Network network = prior();
        return network == null ? null : network.forward(parameters, c, dropout, workspace);
    }

    /**
     * A new decoder input [z | c], or [z | c | x] of an autoregressive decoder, whose first Z columns are still to be written; see
     * {@link #latentOf}.
     */
    public Matrix decoderInput(Batch batch, Workspace workspace) {
        Matrix input = workspace.matrix(batch.rows(), decoder.inputWidth());
        int end = latent();
        if (variant().decoderSeesCondition()) {
            int width = batch.c().cols();
            input.columns(end, end + width).copyFrom(batch.c());
            end += width;
        }
        if (isAutoregressive()) {
            input.columns(end, input.cols()).copyFrom(batch.x());
        }
        return input;
    }

    /** Returns whether layers draw random numbers in a training step: what they drop, or the order of the columns. */
    boolean drawsInTraining() {
        AutoregressiveSpec spec = architecture.autoregressive();
        return architecture.networks().dropout() > 0 || (spec != null && spec.anyOrder());
    }

    /** Returns whether the decoder generates x column by column. */
    public boolean isAutoregressive() {
        return architecture.autoregressive() != null;
    }

    /** The z part of a decoder input. */
    public Matrix latentOf(Matrix decoderInput) {
        return decoderInput.columns(0, latent());
    }

    /** η [B×H] for a decoder input. */
    public Network.Trace decode(float[] parameters, Matrix decoderInput, Workspace workspace) {
        return decode(parameters, decoderInput, null, workspace);
    }

    Network.Trace decode(float[] parameters, Matrix decoderInput, long @Nullable [] dropout, Workspace workspace) {
        return decoder.forward(parameters, decoderInput, dropout, workspace);
    }

    private List<Network> networks() {
        return Stream.of(encoder, prior(), decoder, classifier)
                .flatMap(Stream::ofNullable)
                .toList();
    }
}
