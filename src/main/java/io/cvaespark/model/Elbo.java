package io.cvaespark.model;

import io.cvaespark.data.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
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

    @Override
    public void accumulate(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            double beta,
            RowLosses losses,
            float @Nullable [] gradient,
            Workspace workspace) {
        int rows = batch.rows();
        boolean point = network.variant().posterior() == Variant.Posterior.POINT;
        losses.reset(rows);

        // Inference: q(z|x,c), p(z|c), z.
        Network.Trace posterior = network.encode(parameters, batch, workspace);
        Network.Trace prior = network.prior(parameters, batch.c(), workspace);
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        Matrix z = network.latentOf(decoderInput);
        Matrix epsilon = workspace.matrix(rows, network.latent());
        Matrix sigma = workspace.matrix(rows, network.latent());
        if (point) {
            z.copyFrom(posterior.output());
        } else {
            noise.fill(Noise.Purpose.POSTERIOR, 0, batch, epsilon, workspace.math());
            DiagonalGaussian.reparameterize(posterior.output(), epsilon, sigma, z, workspace);
        }

        // Generation: η = decoder(z, c), −log p(x|η).
        Network.Trace generated = network.decode(parameters, decoderInput, workspace);
        Matrix eta = generated.output();
        Matrix etaGradient = workspace.matrix(rows, eta.cols());
        network.likelihood()
                .lossAndGradient(batch.x(), eta, batch.weights(), losses.reconstruction(), etaGradient, workspace);

        Matrix posteriorGradient = workspace.matrix(rows, posterior.output().cols());
        Matrix zGradient = point ? posteriorGradient : workspace.matrix(rows, network.latent());
        if (gradient != null) {
            network.decoder().backward(parameters, generated, etaGradient, zGradient, gradient, workspace);
            if (!point) {
                DiagonalGaussian.reparameterizeGradient(
                        posterior.output(), epsilon, sigma, zGradient, posteriorGradient);
            }
        }

        double[] penalty = workspace.zeroDoubles(rows);
        if (!point) {
            Matrix priorGradient = prior == null || gradient == null
                    ? null
                    : workspace.matrix(rows, prior.output().cols());
            if (priorGradient != null) {
                priorGradient.fill(0f);
            }
            Matrix klWeights = workspace.matrix(1, rows);
            for (int r = 0; r < rows; r++) {
                klWeights.data()[r] = (float) beta * batch.weights()[r];
            }
            DiagonalGaussian.kl(
                    posterior.output(),
                    prior == null ? null : prior.output(),
                    freeBits,
                    klWeights.data(),
                    losses.kl(),
                    penalty,
                    gradient == null ? null : posteriorGradient,
                    priorGradient,
                    workspace);
            if (gradient != null && prior != null && network.prior() != null && priorGradient != null) {
                network.prior().backward(parameters, prior, priorGradient, null, gradient, workspace);
            }
        }
        if (gradient != null) {
            network.encoder().backward(parameters, posterior, posteriorGradient, null, gradient, workspace);
        }
        for (int r = 0; r < rows; r++) {
            losses.loss()[r] = losses.reconstruction()[r] + beta * penalty[r];
        }
    }
}
