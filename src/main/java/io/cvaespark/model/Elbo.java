package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Network;
import org.jspecify.annotations.Nullable;

/**
 * The negative ELBO: loss = −log p(x | z, c) + β·KL(q(z|x,c) ‖ p(z|c)), z = μ + σ ⊙ ε.
 *
 * <p>Kingma and Welling 2014, eq. 10, with {@code draws} (L) draws of ε averaged and the analytic KL; β of Higgins et al. 2017.
 * For a point posterior (an autoencoder) z = μ and the KL is absent; without a latent (the feed-forward baseline) the loss is
 * −log p(x | c). {@code freeBits} λ is per row and latent dimension: the loss has max(λ, KL_j).
 *
 * <p>With {@code alpha} below 1 it is the hybrid of Sohn et al. 2015, eq. 7: α·(the above) + (1 − α)·GSNN, where the Gaussian
 * stochastic network's loss −log p(x | z, c) has z from the learned prior p(z|c), as in prediction.
 */
public record Elbo(float freeBits, double alpha, int draws) implements Objective {

    /** The ELBO alone, with one draw. */
    public Elbo(float freeBits) {
        this(freeBits, 1, 1);
    }

    public Elbo {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("alpha must lie between 0 and 1, found " + alpha);
        }
        if (!(freeBits >= 0)) {
            throw new IllegalArgumentException("freeBits must be 0 or more nats, found " + freeBits);
        }
    }

    /** What generates x: the Gaussian of z as a network gave it, or z itself, and where its gradient is added. */
    private record Source(
            Matrix gaussian,
            boolean point,
            Noise.Purpose purpose,
            @Nullable Matrix gradient) {}

    @Override
    public void accumulate(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            double beta,
            RowLosses losses,
            @Nullable Gradient gradient,
            Workspace workspace) {
        int rows = batch.rows();
        losses.reset(rows);
        long[] dropout = network.dropout(noise, 0, batch, gradient);
        Network.Trace posterior =
                network.encoder() == null ? null : network.encode(parameters, batch, dropout, workspace);
        Network.Trace prior = network.prior(parameters, batch.c(), dropout, workspace);
        Matrix posteriorGradient = zeros(posterior, gradient, workspace);
        Matrix priorGradient = zeros(prior, gradient, workspace);
        boolean point = network.variant().posterior() != Variant.Posterior.GAUSSIAN;
        Matrix q = posterior == null ? workspace.matrix(rows, 0) : posterior.output();
        Source source = new Source(q, point, Noise.Purpose.POSTERIOR, posteriorGradient);
        generate(network, parameters, batch, noise, source, alpha, losses.reconstruction(), gradient, workspace);
        double[] predictive = workspace.zeroDoubles(rows);
        if (alpha < 1) {
            Source guess = new Source(requirePrior(network, prior), false, Noise.Purpose.PRIOR, priorGradient);
            generate(network, parameters, batch, noise, guess, 1 - alpha, predictive, gradient, workspace);
        }
        double[] penalty = workspace.zeroDoubles(rows);
        if (!point) {
            DiagonalGaussian.kl(
                    q,
                    prior == null ? null : prior.output(),
                    freeBits,
                    scaled(batch.weights(), rows, alpha * beta, workspace),
                    losses.kl(),
                    penalty,
                    posteriorGradient,
                    priorGradient,
                    workspace);
        }
        backward(network.encoder(), parameters, posterior, posteriorGradient, gradient, workspace);
        backward(network.prior(), parameters, prior, priorGradient, gradient, workspace);
        for (int r = 0; r < rows; r++) {
            double elbo = losses.reconstruction()[r] + beta * penalty[r];
            losses.loss()[r] = alpha == 1 ? elbo : alpha * elbo + (1 - alpha) * predictive[r];
        }
    }

    /** −log p(x | z, c) averaged over the draws of z: its losses, {@code share} times its gradient. */
    private void generate(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            Source source,
            double share,
            double[] losses,
            @Nullable Gradient gradient,
            Workspace workspace) {
        int rows = batch.rows();
        int draws = source.point() ? 1 : this.draws;
        float[] weights = scaled(batch.weights(), rows, share / draws, workspace);
        int mark = workspace.mark();
        for (int draw = 0; draw < draws; draw++) {
            workspace.release(mark);
            Matrix decoderInput = network.decoderInput(batch.c(), workspace);
            Matrix z = network.latentOf(decoderInput);
            Matrix epsilon = workspace.matrix(rows, network.latent());
            Matrix sigma = workspace.matrix(rows, network.latent());
            if (source.point()) {
                z.copyFrom(source.gaussian());
            } else {
                noise.fill(source.purpose(), draw, batch, epsilon, workspace.math());
                DiagonalGaussian.reparameterize(source.gaussian(), epsilon, sigma, z, workspace);
            }
            long[] dropout = network.dropout(noise, draw, batch, gradient);
            Network.Trace generated = network.decode(parameters, decoderInput, dropout, workspace);
            Matrix etaGradient = workspace.matrix(rows, generated.output().cols());
            double[] loss = workspace.zeroDoubles(rows);
            network.likelihood()
                    .lossAndGradient(
                            batch.x(), generated.output(), batch.observed(), weights, loss, etaGradient, workspace);
            for (int r = 0; r < rows; r++) {
                losses[r] += draws == 1 ? loss[r] : loss[r] / draws;
            }
            if (gradient == null) {
                continue;
            }
            Matrix zGradient = source.gradient() == null ? null : workspace.matrix(rows, network.latent());
            network.decoder().backward(parameters, generated, etaGradient, zGradient, gradient, workspace);
            if (source.gradient() != null && zGradient != null) {
                if (source.point()) {
                    source.gradient().copyFrom(zGradient);
                } else {
                    DiagonalGaussian.reparameterizeGradient(
                            source.gaussian(), epsilon, sigma, zGradient, source.gradient());
                }
            }
        }
    }

    private static Matrix requirePrior(CvaeNetwork network, Network.@Nullable Trace prior) {
        if (prior == null) {
            throw new IllegalArgumentException(
                    "alpha below 1 needs a learned prior p(z|c); variant %s has none, use cvae-3"
                            .formatted(network.variant()));
        }
        return prior.output();
    }

    /** Zeros in the shape of the network's output; null where there is nothing to compute. */
    private static @Nullable Matrix zeros(
            Network.@Nullable Trace trace, @Nullable Gradient gradient, Workspace workspace) {
        if (trace == null || gradient == null) {
            return null;
        }
        Matrix zeros = workspace.matrix(trace.output().rows(), trace.output().cols());
        zeros.fill(0f);
        return zeros;
    }

    private static void backward(
            @Nullable Network network,
            float[] parameters,
            Network.@Nullable Trace trace,
            @Nullable Matrix outputGradient,
            @Nullable Gradient gradient,
            Workspace workspace) {
        if (network != null && trace != null && outputGradient != null && gradient != null) {
            network.backward(parameters, trace, outputGradient, null, gradient, workspace);
        }
    }

    private static float[] scaled(float[] weights, int rows, double factor, Workspace workspace) {
        if (factor == 1) {
            return weights;
        }
        float[] scaled = workspace.matrix(1, rows).data();
        for (int r = 0; r < rows; r++) {
            scaled[r] = (float) (factor * weights[r]);
        }
        return scaled;
    }
}
