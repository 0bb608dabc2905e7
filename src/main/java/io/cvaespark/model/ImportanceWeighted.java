package io.cvaespark.model;

import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
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
 * <p>For K above 1 the draws between the first and the last are decoded twice, once for the weights and once for the gradient:
 * memory does not grow with K.
 */
public record ImportanceWeighted(int draws, boolean weighted) implements Objective {

    /** A decoded draw of z and the gradient of its reconstruction loss by η. */
    private record Scored(ObjectiveStep.Draw draw, Matrix etaGradient) {}

    @Override
    public void accumulate(ObjectiveStep step) {
        Workspace workspace = step.workspace();
        RowLosses losses = step.losses();
        int rows = step.rows();
        losses.reset(rows);
        Network.Trace posterior = step.posterior();
        LatentPrior prior = step.latentPrior();
        double[] logWeights = workspace.zeroDoubles(rows * draws);
        Matrix shares = workspace.matrix(draws, rows);
        Matrix posteriorGradient = workspace.zeros(rows, posterior.output().cols());
        step.draw(0);
        int mark = workspace.mark();
        Scored scored = score(step, 0, losses, logWeights);
        for (int k = 1; k < draws; k++) {
            workspace.release(mark);
            scored = score(step, k, losses, logWeights);
        }
        for (int r = 0; r < rows; r++) {
            losses.loss()[r] = combine(logWeights, r, rows, shares);
            losses.reconstruction()[r] /= draws;
            losses.kl()[r] /= draws;
        }
        Gradient gradient = step.gradient();
        if (gradient == null) {
            return;
        }
        for (int k = draws - 1; k >= 0; k--) {
            if (k < draws - 1) {
                workspace.release(mark);
                scored = score(step, k, null, logWeights);
            }
            backward(step, scored, k, shares, posteriorGradient);
        }
        workspace.release(mark);
        prior.backward(gradient);
        step.backward(step.network().encoder(), posterior, posteriorGradient);
    }

    /** Draws z_k, decodes it, and writes log w_k; {@code losses} receive its reconstruction and log q − log p. */
    private static Scored score(ObjectiveStep step, int k, @Nullable RowLosses losses, double[] logWeights) {
        Workspace workspace = step.workspace();
        int rows = step.rows();
        ObjectiveStep.Draw draw = step.draw(k);
        double[] logQ = workspace.zeroDoubles(rows);
        double[] logP = workspace.zeroDoubles(rows);
        double[] loss = workspace.zeroDoubles(rows);
        DiagonalGaussian.logDensity(step.posterior().output(), draw.z(), logQ, workspace);
        step.latentPrior().logDensity(draw.z(), logP);
        Matrix etaGradient = workspace.matrix(rows, draw.eta().cols());
        step.score(draw.eta(), step.batch().weights(), loss, etaGradient);
        for (int r = 0; r < rows; r++) {
            logWeights[k * rows + r] = -loss[r] + step.beta() * (logP[r] - logQ[r]);
            if (losses != null) {
                losses.reconstruction()[r] += loss[r];
                losses.kl()[r] += logQ[r] - logP[r];
            }
        }
        return new Scored(draw, etaGradient);
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
    private static void backward(ObjectiveStep step, Scored scored, int k, Matrix shares, Matrix posteriorGradient) {
        Workspace workspace = step.workspace();
        int rows = step.rows();
        Matrix etaGradient = scored.etaGradient();
        float[] priorWeights = workspace.matrix(1, rows).data();
        for (int r = 0; r < rows; r++) {
            float share = shares.get(k, r);
            for (int j = 0; j < etaGradient.cols(); j++) {
                etaGradient.set(r, j, share * etaGradient.get(r, j));
            }
            priorWeights[r] = (float) (step.beta() * share * step.batch().weights()[r]);
        }
        Matrix zGradient = workspace.matrix(rows, step.network().latent());
        ObjectiveStep.Draw draw = scored.draw();
        step.backward(draw, etaGradient, zGradient);
        step.latentPrior().gradient(draw.z(), priorWeights, zGradient);
        Matrix posterior = step.posterior().output();
        DiagonalGaussian.reparameterizeGradient(posterior, draw.epsilon(), draw.sigma(), zGradient, posteriorGradient);
        DiagonalGaussian.entropyGradient(posterior, priorWeights, posteriorGradient);
    }
}
