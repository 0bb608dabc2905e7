package io.cvaespark.model;

import io.cvaespark.data.Batch;
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
 * <p>Kingma and Welling 2014, eq. 10, with one draw of ε and the analytic KL; β of Higgins et al. 2017. For a point
 * posterior (an autoencoder) z = μ and the KL is absent. {@code freeBits} λ is per row and latent dimension: the loss has
 * max(λ, KL_j).
 *
 * <p>With {@code alpha} below 1 it is the hybrid of Sohn et al. 2015, eq. 7: α·(the above) + (1 − α)·GSNN, where the Gaussian
 * stochastic network's loss −log p(x | z, c) has z from the learned prior p(z|c), as in prediction.
 */
public record Elbo(float freeBits, double alpha) implements Objective {

    /** The ELBO alone. */
    public Elbo(float freeBits) {
        this(freeBits, 1);
    }

    public Elbo {
        if (!(alpha >= 0 && alpha <= 1)) {
            throw new IllegalArgumentException("alpha must lie between 0 and 1, found " + alpha);
        }
        if (!(freeBits >= 0)) {
            throw new IllegalArgumentException("freeBits must be 0 or more nats, found " + freeBits);
        }
    }

    /** What inference leaves for generation and for the way back. */
    private record Inference(
            Network.Trace posterior,
            Network.@Nullable Trace prior,
            Matrix decoderInput,
            Matrix epsilon,
            Matrix sigma) {}

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
        Inference inference = infer(network, parameters, batch, noise, workspace);
        float[] weights = alpha == 1 ? batch.weights() : scaled(batch.weights(), rows, alpha, workspace);
        Network.Trace generated = network.decode(parameters, inference.decoderInput(), workspace);
        Matrix etaGradient = workspace.matrix(rows, generated.output().cols());
        network.likelihood()
                .lossAndGradient(
                        batch.x(),
                        generated.output(),
                        batch.observed(),
                        weights,
                        losses.reconstruction(),
                        etaGradient,
                        workspace);
        Matrix posteriorGradient = null;
        if (gradient != null) {
            posteriorGradient =
                    decoderGradient(network, parameters, inference, generated, etaGradient, gradient, workspace);
        }
        Network.Trace prior = inference.prior();
        Matrix priorGradient = null;
        if (prior != null && gradient != null) {
            priorGradient = workspace.matrix(rows, prior.output().cols());
            priorGradient.fill(0f);
        }
        double[] predictive = workspace.zeroDoubles(rows);
        if (alpha < 1) {
            gsnn(network, parameters, batch, noise, inference, predictive, priorGradient, gradient, workspace);
        }
        double[] penalty = workspace.zeroDoubles(rows);
        if (!isPoint(network)) {
            kl(batch, inference, weights, beta, losses, penalty, posteriorGradient, priorGradient, workspace);
        }
        if (gradient != null && posteriorGradient != null) {
            network.encoder().backward(parameters, inference.posterior(), posteriorGradient, null, gradient, workspace);
        }
        if (prior != null && priorGradient != null && gradient != null && network.prior() != null) {
            network.prior().backward(parameters, prior, priorGradient, null, gradient, workspace);
        }
        for (int r = 0; r < rows; r++) {
            double elbo = losses.reconstruction()[r] + beta * penalty[r];
            losses.loss()[r] = alpha == 1 ? elbo : alpha * elbo + (1 - alpha) * predictive[r];
        }
    }

    private static float[] scaled(float[] weights, int rows, double factor, Workspace workspace) {
        float[] scaled = workspace.matrix(1, rows).data();
        for (int r = 0; r < rows; r++) {
            scaled[r] = (float) (factor * weights[r]);
        }
        return scaled;
    }

    /** −log p(x | z, c) with z = μ_p + σ_p ⊙ ε from the prior: its losses, and (1 − α) times its gradient. */
    private void gsnn(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            Inference inference,
            double[] predictive,
            @Nullable Matrix priorGradient,
            @Nullable Gradient gradient,
            Workspace workspace) {
        Network.Trace prior = inference.prior();
        if (prior == null) {
            throw new IllegalArgumentException(
                    "alpha below 1 needs a learned prior p(z|c); variant %s has none, use cvae-3"
                            .formatted(network.variant()));
        }
        int rows = batch.rows();
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        Matrix epsilon = workspace.matrix(rows, network.latent());
        Matrix sigma = workspace.matrix(rows, network.latent());
        noise.fill(Noise.Purpose.PRIOR, 0, batch, epsilon, workspace.math());
        DiagonalGaussian.reparameterize(prior.output(), epsilon, sigma, network.latentOf(decoderInput), workspace);
        Network.Trace generated = network.decode(parameters, decoderInput, workspace);
        Matrix etaGradient = workspace.matrix(rows, generated.output().cols());
        float[] weights = scaled(batch.weights(), rows, 1 - alpha, workspace);
        network.likelihood()
                .lossAndGradient(
                        batch.x(), generated.output(), batch.observed(), weights, predictive, etaGradient, workspace);
        if (gradient != null && priorGradient != null) {
            Matrix zGradient = workspace.matrix(rows, network.latent());
            network.decoder().backward(parameters, generated, etaGradient, zGradient, gradient, workspace);
            DiagonalGaussian.reparameterizeGradient(prior.output(), epsilon, sigma, zGradient, priorGradient);
        }
    }

    private static boolean isPoint(CvaeNetwork network) {
        return network.variant().posterior() == Variant.Posterior.POINT;
    }

    /** q(z|x,c), p(z|c), and z in the decoder's input. */
    private static Inference infer(
            CvaeNetwork network, float[] parameters, Batch batch, LatentNoise noise, Workspace workspace) {
        Network.Trace posterior = network.encode(parameters, batch, workspace);
        Network.Trace prior = network.prior(parameters, batch.c(), workspace);
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        Matrix z = network.latentOf(decoderInput);
        Matrix epsilon = workspace.matrix(batch.rows(), network.latent());
        Matrix sigma = workspace.matrix(batch.rows(), network.latent());
        if (isPoint(network)) {
            z.copyFrom(posterior.output());
        } else {
            noise.fill(Noise.Purpose.POSTERIOR, 0, batch, epsilon, workspace.math());
            DiagonalGaussian.reparameterize(posterior.output(), epsilon, sigma, z, workspace);
        }
        return new Inference(posterior, prior, decoderInput, epsilon, sigma);
    }

    /** Back through the decoder and the reparameterisation: ∂L/∂[μ | log σ²] of the reconstruction term. */
    private static Matrix decoderGradient(
            CvaeNetwork network,
            float[] parameters,
            Inference inference,
            Network.Trace generated,
            Matrix etaGradient,
            Gradient gradient,
            Workspace workspace) {
        Matrix posterior = inference.posterior().output();
        Matrix posteriorGradient = workspace.matrix(posterior.rows(), posterior.cols());
        boolean point = isPoint(network);
        Matrix zGradient = point ? posteriorGradient : workspace.matrix(posterior.rows(), network.latent());
        network.decoder().backward(parameters, generated, etaGradient, zGradient, gradient, workspace);
        if (!point) {
            DiagonalGaussian.reparameterizeGradient(
                    posterior, inference.epsilon(), inference.sigma(), zGradient, posteriorGradient);
        }
        return posteriorGradient;
    }

    /** The KL term: its losses, and its part of ∂L/∂[μ | log σ²] of both Gaussians. */
    private void kl(
            Batch batch,
            Inference inference,
            float[] weights,
            double beta,
            RowLosses losses,
            double[] penalty,
            @Nullable Matrix posteriorGradient,
            @Nullable Matrix priorGradient,
            Workspace workspace) {
        Network.Trace prior = inference.prior();
        DiagonalGaussian.kl(
                inference.posterior().output(),
                prior == null ? null : prior.output(),
                freeBits,
                scaled(weights, batch.rows(), (float) beta, workspace),
                losses.kl(),
                penalty,
                posteriorGradient,
                priorGradient,
                workspace);
    }
}
