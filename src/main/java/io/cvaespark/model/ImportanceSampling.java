package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.LatentPrior;
import io.cvaespark.nn.Network;

/**
 * The importance-weighted estimate of log p(x | c), in nats (Burda et al. 2016, eq. 8).
 *
 * <p>log p̂ = log 1/K Σ_k exp(log w_k), log w_k = log p(x|z_k,c) + log p(z_k|c) − log q(z_k|x,c), z_k ~ q. The sum is
 * taken as the draws come (streaming log-sum-exp), so memory does not grow with K. A row of m2 whose class is not known has
 * log p(x) = log 1/C Σ_c p(x | c).
 */
public final class ImportanceSampling {
    private ImportanceSampling() {}

    /**
     * Writes the estimate for each row to {@code logLikelihood}.
     *
     * @throws IllegalArgumentException for a model without a prior, whose likelihood is not defined
     */
    public static void logLikelihood(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            int draws,
            double[] logLikelihood,
            Workspace workspace) {
        if (!network.variant().isGenerative()) {
            throw new IllegalArgumentException(
                    "A log-likelihood needs a distribution over the latent, and variant %s has none; use vae or a cvae variant"
                            .formatted(network.variant()));
        }
        if (draws < 1) {
            throw new IllegalArgumentException("Importance sampling needs at least one draw, found " + draws);
        }
        if (network.variant().hasClassifier()) {
            marginal(network, parameters, batch, noise, draws, logLikelihood, workspace);
        } else {
            conditional(network, parameters, batch, noise, draws, logLikelihood, workspace);
        }
    }

    /** Of each row given its class, or averaged over the classes where it is not known. */
    private static void marginal(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            int draws,
            double[] logLikelihood,
            Workspace workspace) {
        int rows = batch.rows();
        int classes = batch.c().cols();
        double[][] byClass = new double[classes][rows];
        Matrix xc = Matrix.zeros(rows, batch.xc().cols());
        Batch of = new Batch(xc, batch.x().cols(), batch.observed(), batch.weights(), batch.ids());
        for (int k = 0; k < classes; k++) {
            xc.copyFrom(batch.xc());
            for (int r = 0; r < rows; r++) {
                if (!SemiSupervised.labelled(batch, r)) {
                    of.c().set(r, k, 1f);
                }
            }
            conditional(network, parameters, of, noise, draws, byClass[k], workspace);
        }
        for (int r = 0; r < rows; r++) {
            double largest = Double.NEGATIVE_INFINITY;
            for (double[] ofClass : byClass) {
                largest = Math.max(largest, ofClass[r]);
            }
            double sum = 0;
            for (double[] ofClass : byClass) {
                sum += StrictMath.exp(ofClass[r] - largest);
            }
            logLikelihood[r] =
                    SemiSupervised.labelled(batch, r) ? byClass[0][r] : largest + StrictMath.log(sum / classes);
        }
    }

    private static void conditional(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            int draws,
            double[] logLikelihood,
            Workspace workspace) {
        int rows = batch.rows();
        workspace.reset();
        if (!network.variant().hasLatent()) {
            exact(network, parameters, batch, logLikelihood, workspace);
            return;
        }
        Network.Trace posterior = network.encode(parameters, batch, workspace);
        LatentPrior prior = network.latentPrior(parameters, batch.c(), workspace);
        Matrix decoderInput = network.decoderInput(batch.c(), workspace);
        Matrix z = network.latentOf(decoderInput);
        Matrix epsilon = workspace.matrix(rows, network.latent());
        Matrix sigma = workspace.matrix(rows, network.latent());
        Matrix etaGradient = workspace.matrix(rows, network.likelihood().etaWidth());
        double[] largest = workspace.zeroDoubles(rows);
        double[] scaled = workspace.zeroDoubles(rows);
        int mark = workspace.mark();
        for (int k = 0; k < draws; k++) {
            workspace.release(mark);
            noise.fill(Noise.Purpose.POSTERIOR, k, batch, epsilon, workspace.math());
            DiagonalGaussian.reparameterize(posterior.output(), epsilon, sigma, z, workspace);
            double[] logQ = workspace.zeroDoubles(rows);
            double[] logP = workspace.zeroDoubles(rows);
            double[] loss = workspace.zeroDoubles(rows);
            DiagonalGaussian.logDensity(posterior.output(), z, logQ, workspace);
            prior.logDensity(z, logP);
            Matrix eta = network.decode(parameters, decoderInput, workspace).output();
            network.likelihood()
                    .lossAndGradient(batch.x(), eta, batch.observed(), batch.weights(), loss, etaGradient, workspace);
            for (int r = 0; r < rows; r++) {
                double logWeight = logP[r] - loss[r] - logQ[r];
                if (k == 0) {
                    largest[r] = logWeight;
                    scaled[r] = 1;
                } else if (logWeight <= largest[r]) {
                    scaled[r] += StrictMath.exp(logWeight - largest[r]);
                } else {
                    scaled[r] = scaled[r] * StrictMath.exp(largest[r] - logWeight) + 1;
                    largest[r] = logWeight;
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            logLikelihood[r] = largest[r] + StrictMath.log(scaled[r] / draws);
        }
    }

    /** log p(x|c) of a model without a latent. */
    private static void exact(
            CvaeNetwork network, float[] parameters, Batch batch, double[] logLikelihood, Workspace workspace) {
        Matrix eta = network.decode(parameters, network.decoderInput(batch.c(), workspace), workspace)
                .output();
        double[] loss = workspace.zeroDoubles(batch.rows());
        network.likelihood()
                .lossAndGradient(
                        batch.x(),
                        eta,
                        batch.observed(),
                        batch.weights(),
                        loss,
                        workspace.matrix(batch.rows(), eta.cols()),
                        workspace);
        for (int r = 0; r < batch.rows(); r++) {
            logLikelihood[r] = -loss[r];
        }
    }
}
