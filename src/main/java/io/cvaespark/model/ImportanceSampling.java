package io.cvaespark.model;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.prior.LatentPrior;

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
     * Writes the estimate for each row of the step to {@code logLikelihood}.
     *
     * @throws IllegalArgumentException for a model without a prior, whose likelihood is not defined
     */
    public static void logLikelihood(ObjectiveStep step, int draws, double[] logLikelihood) {
        Variant variant = step.network().variant();
        if (!variant.isGenerative()) {
            throw new IllegalArgumentException(
                    "A log-likelihood needs a distribution over the latent, and variant %s has none; use vae or a cvae variant"
                            .formatted(variant));
        }
        if (draws < 1) {
            throw new IllegalArgumentException("Importance sampling needs at least one draw, found " + draws);
        }
        if (variant.hasClassifier()) {
            marginal(step, draws, logLikelihood);
        } else if (variant.hasLatent()) {
            conditional(step, draws, logLikelihood);
        } else {
            exact(step, logLikelihood);
        }
    }

    /**
     * Of each row given its class, or averaged over the classes where it is not known; where all rows that have a weight know
     * theirs, one class does for those that have none.
     */
    private static void marginal(ObjectiveStep step, int draws, double[] logLikelihood) {
        Batch batch = step.batch();
        int rows = batch.rows();
        int classes = anyUnknown(batch) ? batch.c().cols() : 1;
        double[][] byClass = new double[classes][rows];
        Matrix xc = Matrix.zeros(rows, batch.xc().cols());
        Batch of = new Batch(xc, batch.x().cols(), batch.observed(), batch.weights(), batch.ids());
        int mark = step.workspace().mark();
        for (int k = 0; k < classes; k++) {
            xc.copyFrom(batch.xc());
            for (int r = 0; r < rows; r++) {
                if (!SemiSupervised.labelled(batch, r)) {
                    of.c().set(r, k, 1f);
                }
            }
            step.workspace().release(mark);
            conditional(step.over(of, step.noise(), step.losses()), draws, byClass[k]);
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

    /** Returns whether a row that counts has no class. */
    private static boolean anyUnknown(Batch batch) {
        for (int r = 0; r < batch.rows(); r++) {
            if (batch.weights()[r] != 0f && !SemiSupervised.labelled(batch, r)) {
                return true;
            }
        }
        return false;
    }

    private static void conditional(ObjectiveStep step, int draws, double[] logLikelihood) {
        Workspace workspace = step.workspace();
        int rows = step.rows();
        Matrix posterior = step.posterior().output();
        LatentPrior prior = step.latentPrior();
        Matrix etaGradient = workspace.matrix(rows, step.network().likelihood().etaWidth());
        double[] largest = workspace.zeroDoubles(rows);
        double[] scaled = workspace.zeroDoubles(rows);
        step.draw(0);
        int mark = workspace.mark();
        for (int k = 0; k < draws; k++) {
            workspace.release(mark);
            ObjectiveStep.Draw draw = step.draw(k);
            double[] logQ = workspace.zeroDoubles(rows);
            double[] logP = workspace.zeroDoubles(rows);
            double[] loss = workspace.zeroDoubles(rows);
            DiagonalGaussian.logDensity(posterior, draw.z(), logQ, workspace);
            prior.logDensity(draw.z(), logP);
            step.score(draw.eta(), step.batch().weights(), loss, etaGradient);
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
    private static void exact(ObjectiveStep step, double[] logLikelihood) {
        Workspace workspace = step.workspace();
        Matrix eta = step.draw(0).eta();
        double[] loss = workspace.zeroDoubles(step.rows());
        step.score(eta, step.batch().weights(), loss, workspace.matrix(step.rows(), eta.cols()));
        for (int r = 0; r < step.rows(); r++) {
            logLikelihood[r] = -loss[r];
        }
    }
}
