package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.LatentPrior;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Network;
import org.jspecify.annotations.Nullable;

/**
 * Objectives from K draws z_k ~ q(z|x,c) with their weights log w_k = log p(x|z_k,c) + β·(log p(z_k|c) − log q(z_k|x,c)), for any
 * prior whose density can be evaluated.
 *
 * <p>{@code weighted}: the importance-weighted bound, loss = −log 1/K Σ_k w_k (Burda et al. 2016, eq. 8), with the plain
 * reparameterised gradient Σ_k w̃_k ∇(−log w_k), w̃ = w/Σw (eq. 14). Otherwise the ELBO with its KL estimated by the draws, loss =
 * −1/K Σ_k log w_k (the estimator A of Kingma and Welling 2014).
 *
 * <p>For K above 1 the draws are decoded twice, once for the weights and once for the gradient: memory does not grow with K.
 */
public record ImportanceWeighted(int draws, boolean weighted) implements Objective {

    /** One draw of z with all that its gradient needs. */
    private record Draw(Matrix z, Matrix epsilon, Matrix sigma, Network.Trace generated, Matrix etaGradient) {}

    /** What all draws of one batch share. */
    private record Shared(
            CvaeNetwork network,
            float[] parameters,
            Batch batch,
            LatentNoise noise,
            Network.Trace posterior,
            LatentPrior prior,
            @Nullable Gradient gradient,
            Workspace workspace) {

        /** Keys of what is dropped in draw k: the same each time that it is decoded. */
        long @Nullable [] dropout(int k) {
            return network.dropout(noise, k, batch, gradient);
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
            @Nullable Gradient gradient,
            Workspace workspace) {
        int rows = batch.rows();
        losses.reset(rows);
        long[] dropout = network.dropout(noise, 0, batch, gradient);
        Network.Trace posterior = network.encode(parameters, batch, dropout, workspace);
        LatentPrior prior = network.latentPrior(parameters, batch.c(), dropout, workspace);
        Shared shared = new Shared(network, parameters, batch, noise, posterior, prior, gradient, workspace);
        double[] logWeights = workspace.zeroDoubles(rows * draws);
        Matrix shares = workspace.matrix(draws, rows);
        Matrix posteriorGradient = workspace.zeros(rows, posterior.output().cols());
        int mark = workspace.mark();
        Draw draw = draw(shared, 0, beta, losses, logWeights);
        for (int k = 1; k < draws; k++) {
            workspace.release(mark);
            draw = draw(shared, k, beta, losses, logWeights);
        }
        for (int r = 0; r < rows; r++) {
            losses.loss()[r] = combine(logWeights, r, rows, shares);
            losses.reconstruction()[r] /= draws;
            losses.kl()[r] /= draws;
        }
        if (gradient == null) {
            return;
        }
        for (int k = draws - 1; k >= 0; k--) {
            if (k < draws - 1) {
                workspace.release(mark);
                draw = draw(shared, k, beta, null, logWeights);
            }
            backward(shared, draw, k, beta, shares, posteriorGradient, gradient);
        }
        workspace.release(mark);
        prior.backward(gradient);
        network.requireEncoder().backward(parameters, posterior, posteriorGradient, null, gradient, workspace);
    }

    /** Draws z_k, decodes it, and writes log w_k; {@code losses} receive its reconstruction and log q − log p. */
    private Draw draw(Shared s, int k, double beta, @Nullable RowLosses losses, double[] logWeights) {
        Workspace workspace = s.workspace();
        CvaeNetwork network = s.network();
        int rows = s.batch().rows();
        Matrix decoderInput = network.decoderInput(s.batch().c(), workspace);
        Matrix z = network.latentOf(decoderInput);
        Matrix epsilon = workspace.matrix(rows, network.latent());
        Matrix sigma = workspace.matrix(rows, network.latent());
        s.noise().fill(Noise.Purpose.POSTERIOR, k, s.batch(), epsilon, workspace.math());
        DiagonalGaussian.reparameterize(s.posterior().output(), epsilon, sigma, z, workspace);
        double[] logQ = workspace.zeroDoubles(rows);
        double[] logP = workspace.zeroDoubles(rows);
        double[] loss = workspace.zeroDoubles(rows);
        DiagonalGaussian.logDensity(s.posterior().output(), z, logQ, workspace);
        s.prior().logDensity(z, logP);
        Network.Trace generated = network.decode(s.parameters(), decoderInput, s.dropout(k), workspace);
        Matrix etaGradient = workspace.matrix(rows, generated.output().cols());
        network.likelihood()
                .lossAndGradient(
                        s.batch().x(),
                        generated.output(),
                        s.batch().observed(),
                        s.batch().weights(),
                        loss,
                        etaGradient,
                        workspace);
        for (int r = 0; r < rows; r++) {
            logWeights[k * rows + r] = -loss[r] + beta * (logP[r] - logQ[r]);
            if (losses != null) {
                losses.reconstruction()[r] += loss[r];
                losses.kl()[r] += logQ[r] - logP[r];
            }
        }
        return new Draw(z, epsilon, sigma, generated, etaGradient);
    }

    /** A row's loss; writes each draw's share of its gradient. */
    private double combine(double[] logWeights, int r, int rows, Matrix shares) {
        if (!weighted) {
            double sum = 0;
            for (int k = 0; k < draws; k++) {
                sum += logWeights[k * rows + r];
                shares.set(k, r, 1f / draws);
            }
            return -sum / draws;
        }
        double largest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < draws; k++) {
            largest = Math.max(largest, logWeights[k * rows + r]);
        }
        double sum = 0;
        for (int k = 0; k < draws; k++) {
            sum += StrictMath.exp(logWeights[k * rows + r] - largest);
        }
        for (int k = 0; k < draws; k++) {
            shares.set(k, r, (float) (StrictMath.exp(logWeights[k * rows + r] - largest) / sum));
        }
        return -largest - StrictMath.log(sum / draws);
    }

    /** Adds share·∇(−log w_k). */
    private static void backward(
            Shared s, Draw draw, int k, double beta, Matrix shares, Matrix posteriorGradient, Gradient gradient) {
        Workspace workspace = s.workspace();
        int rows = s.batch().rows();
        float[] priorWeights = workspace.matrix(1, rows).data();
        for (int r = 0; r < rows; r++) {
            float share = shares.get(k, r);
            for (int j = 0; j < draw.etaGradient().cols(); j++) {
                draw.etaGradient().set(r, j, share * draw.etaGradient().get(r, j));
            }
            priorWeights[r] = (float) (beta * share * s.batch().weights()[r]);
        }
        Matrix zGradient = workspace.matrix(rows, s.network().latent());
        s.network()
                .decoder()
                .backward(s.parameters(), draw.generated(), draw.etaGradient(), zGradient, gradient, workspace);
        s.prior().gradient(draw.z(), priorWeights, zGradient);
        DiagonalGaussian.reparameterizeGradient(
                s.posterior().output(), draw.epsilon(), draw.sigma(), zGradient, posteriorGradient);
        DiagonalGaussian.entropyGradient(s.posterior().output(), priorWeights, posteriorGradient);
    }
}
