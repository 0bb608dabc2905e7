package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.data.AllowedCodes;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.LatentPrior;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Network;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One step over one batch: all that an {@link Objective} computes with, and the networks' outputs for this batch.
 *
 * <p>A network runs when its output is first asked for, and the output is kept: whoever asks again gets the same. Outputs lie
 * in the workspace and are valid until it is reset. A loop that releases a part of the workspace must therefore ask for what
 * is kept before it takes its mark.
 */
public final class ObjectiveStep {
    private final CvaeNetwork network;
    private final float[] parameters;
    private final Batch batch;
    private final LatentNoise noise;
    private final double beta;
    private final RowLosses losses;
    private final @Nullable Gradient gradient;
    private final Workspace workspace;

    private Network.@Nullable Trace posterior;
    private Network.@Nullable Trace prior;
    private Network.@Nullable Trace classified;
    private @Nullable LatentPrior latentPrior;
    private @Nullable Draw first;
    private @Nullable Matrix etaAtMean;

    /** One draw of z [B×Z] = μ + σ ⊙ ε, and the decoder's output for it. */
    record Draw(Matrix z, Matrix epsilon, Matrix sigma, Network.Trace generated) {
        /** η [B×H]. */
        Matrix eta() {
            return generated.output();
        }
    }

    /**
     * A step in which nothing has been computed yet.
     *
     * @param parameters θ [P]
     * @param beta weight of the KL term
     * @param losses receives loss, reconstruction and KL per row
     * @param gradient [P]; null to compute losses only, in which case no layer drops values
     */
    public ObjectiveStep(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            double beta,
            RowLosses losses,
            @Nullable Gradient gradient,
            Workspace workspace) {
        this.network = network;
        this.parameters = parameters;
        this.batch = batch;
        this.noise = noise;
        this.beta = beta;
        this.losses = losses;
        this.gradient = gradient;
        this.workspace = workspace;
    }

    /** The same step over other rows. */
    ObjectiveStep over(Batch rows, LatentNoise ofRows, RowLosses lossesOfRows) {
        return new ObjectiveStep(network, parameters, rows, ofRows, beta, lossesOfRows, gradient, workspace);
    }

    CvaeNetwork network() {
        return network;
    }

    Batch batch() {
        return batch;
    }

    int rows() {
        return batch.rows();
    }

    LatentNoise noise() {
        return noise;
    }

    double beta() {
        return beta;
    }

    RowLosses losses() {
        return losses;
    }

    @Nullable
    Gradient gradient() {
        return gradient;
    }

    Workspace workspace() {
        return workspace;
    }

    /** What the encoder gives, [B×2Z], or [B×Z] for a point posterior; throws where there is no latent. */
    Network.Trace posterior() {
        if (posterior == null) {
            posterior = network.encode(parameters, batch, dropout(0), workspace);
        }
        return posterior;
    }

    /** What the network of p(z|c) gives: [μ | log σ²] or a mixture's logits; null where there is no such network. */
    Network.@Nullable Trace prior() {
        if (prior == null) {
            prior = network.prior(parameters, batch.c(), dropout(0), workspace);
        }
        return prior;
    }

    /** p(z|c); throws where there is no distribution over z. */
    LatentPrior latentPrior() {
        if (latentPrior == null) {
            latentPrior = network.latentPrior(parameters, prior(), workspace);
        }
        return latentPrior;
    }

    /** Logits of q(c|x), [B×C]; throws where there is no classifier. */
    Network.Trace classified() {
        if (classified == null) {
            classified = network.classify(parameters, batch.seenX(), dropout(0), workspace);
        }
        return classified;
    }

    /** Draw {@code k} from the posterior, decoded; a point posterior has one z only. The first draw is kept. */
    Draw draw(int k) {
        if (k > 0) {
            return drawFrom(Noise.Purpose.POSTERIOR, posterior().output(), k);
        }
        if (first == null) {
            first = switch (network.variant().posterior()) {
                case NONE -> decoded(workspace.matrix(batch.rows(), 0));
                case POINT -> decoded(posterior().output());
                case GAUSSIAN -> drawFrom(Noise.Purpose.POSTERIOR, posterior().output(), 0);
            };
        }
        return first;
    }

    /** Draw {@code k} from a Gaussian [μ | log σ²], decoded; not kept. */
    Draw drawFrom(Noise.Purpose purpose, Matrix gaussian, int k) {
        Matrix decoderInput = network.decoderInput(batch, workspace);
        Matrix z = network.latentOf(decoderInput);
        Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
        Matrix sigma = workspace.matrix(batch.rows(), network.latent());
        noise.fill(purpose, k, batch, epsilon, workspace.math());
        DiagonalGaussian.reparameterize(gaussian, epsilon, sigma, z, workspace);
        return new Draw(z, epsilon, sigma, network.decode(parameters, decoderInput, dropout(k), workspace));
    }

    /** η [B×H] at the posterior's mean, which is kept. */
    Matrix etaAtMean() {
        if (network.variant().posterior() != Variant.Posterior.GAUSSIAN) {
            return draw(0).eta();
        }
        if (etaAtMean == null) {
            etaAtMean = etaAt(posterior().output().columns(0, network.latent()));
        }
        return etaAtMean;
    }

    /**
     * x generated column by column at a given z, [B×X]; not kept.
     *
     * @param allowed see {@link ColumnGenerator#generate}
     * @param keys noise of each row; null: the mean, or the most probable level, of each column given those before it
     */
    Matrix generated(Matrix latent, Map<Integer, AllowedCodes> allowed, long @Nullable [] keys) {
        Matrix decoderInput = network.decoderInput(batch, workspace);
        network.latentOf(decoderInput).copyFrom(latent);
        return new ColumnGenerator(network.architecture(), network.decoder())
                .generate(parameters, decoderInput, allowed, keys, workspace);
    }

    /** η [B×H] at a given z [B×Z]; not kept. */
    Matrix etaAt(Matrix z) {
        return decoded(z).eta();
    }

    /** A given z without a distribution, decoded. */
    private Draw decoded(Matrix given) {
        Matrix decoderInput = network.decoderInput(batch, workspace);
        Matrix z = network.latentOf(decoderInput);
        z.copyFrom(given);
        Matrix none = workspace.matrix(batch.rows(), 0);
        return new Draw(z, none, none, network.decode(parameters, decoderInput, dropout(0), workspace));
    }

    /** −log p(x|η) of each row, added to {@code loss}; its gradient, times the weights, is written to {@code etaGradient}. */
    void score(Matrix eta, float[] weights, double[] loss, Matrix etaGradient) {
        network.likelihood().lossAndGradient(batch.x(), eta, batch.observed(), weights, loss, etaGradient, workspace);
    }

    /** Zeros in the shape of a network's output, to sum its gradient in; null where no gradient is wanted. */
    @Nullable
    Matrix gradientOf(Network.@Nullable Trace trace) {
        return trace == null || gradient == null
                ? null
                : workspace.zeros(trace.output().rows(), trace.output().cols());
    }

    /** Adds the gradient of a network's parameters; nothing where there is no such network or no gradient is wanted. */
    void backward(@Nullable Network of, Network.@Nullable Trace trace, @Nullable Matrix outputGradient) {
        if (of != null && trace != null && outputGradient != null && gradient != null) {
            of.backward(parameters, trace, outputGradient, null, gradient, workspace);
        }
    }

    /** The same for the decoder, with the gradient by z [B×Z]. */
    void backward(Draw draw, Matrix etaGradient, @Nullable Matrix zGradient) {
        if (gradient != null) {
            network.decoder().backward(parameters, draw.generated(), etaGradient, zGradient, gradient, workspace);
        }
    }

    /**
     * Keys of what the layers draw in draw {@code k} of z, such as what they drop, the same each time that it is computed; null
     * where nothing is drawn: without dropout and orders, and where no gradient is wanted.
     */
    private long @Nullable [] dropout(int k) {
        return gradient == null || !network.drawsInTraining() ? null : noise.dropoutKeys(k, batch);
    }
}
