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
 */
public record Elbo(float freeBits) implements Objective {

    public Elbo {
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
        Network.Trace generated = network.decode(parameters, inference.decoderInput(), workspace);
        Matrix etaGradient = workspace.matrix(rows, generated.output().cols());
        network.likelihood()
                .lossAndGradient(
                        batch.x(),
                        generated.output(),
                        batch.weights(),
                        losses.reconstruction(),
                        etaGradient,
                        workspace);
        Matrix posteriorGradient = null;
        if (gradient != null) {
            posteriorGradient =
                    decoderGradient(network, parameters, inference, generated, etaGradient, gradient, workspace);
        }
        double[] penalty = workspace.zeroDoubles(rows);
        if (!isPoint(network)) {
            kl(network, parameters, batch, inference, beta, losses, penalty, posteriorGradient, gradient, workspace);
        }
        if (gradient != null && posteriorGradient != null) {
            network.encoder().backward(parameters, inference.posterior(), posteriorGradient, null, gradient, workspace);
        }
        for (int r = 0; r < rows; r++) {
            losses.loss()[r] = losses.reconstruction()[r] + beta * penalty[r];
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

    /** The KL term: its losses, its part of ∂L/∂[μ | log σ²], and the way back through a learned prior. */
    private void kl(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            Inference inference,
            double beta,
            RowLosses losses,
            double[] penalty,
            @Nullable Matrix posteriorGradient,
            @Nullable Gradient gradient,
            Workspace workspace) {
        Network.Trace prior = inference.prior();
        Matrix priorGradient = null;
        if (prior != null && gradient != null) {
            priorGradient = workspace.matrix(batch.rows(), prior.output().cols());
            priorGradient.fill(0f);
        }
        float[] klWeights = workspace.matrix(1, batch.rows()).data();
        for (int r = 0; r < batch.rows(); r++) {
            klWeights[r] = (float) beta * batch.weights()[r];
        }
        DiagonalGaussian.kl(
                inference.posterior().output(),
                prior == null ? null : prior.output(),
                freeBits,
                klWeights,
                losses.kl(),
                penalty,
                posteriorGradient,
                priorGradient,
                workspace);
        if (prior != null && priorGradient != null && gradient != null && network.prior() != null) {
            network.prior().backward(parameters, prior, priorGradient, null, gradient, workspace);
        }
    }
}
