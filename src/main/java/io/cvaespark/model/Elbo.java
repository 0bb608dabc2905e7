package io.cvaespark.model;

import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
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

    /** A Gaussian [μ | log σ²] to draw z from, or z itself, and where its gradient is added. */
    private record Source(
            Matrix gaussian,
            boolean point,
            Noise.Purpose purpose,
            @Nullable Matrix gradient) {

        ObjectiveStep.Draw draw(ObjectiveStep step, int k) {
            return purpose == Noise.Purpose.POSTERIOR ? step.draw(k) : step.drawFrom(purpose, gaussian, k);
        }

        /** Adds ∂L/∂[μ | log σ²] given ∂L/∂z. */
        void backward(ObjectiveStep.Draw draw, Matrix zGradient, Matrix sum) {
            if (point) {
                sum.copyFrom(zGradient);
            } else {
                DiagonalGaussian.reparameterizeGradient(gaussian, draw.epsilon(), draw.sigma(), zGradient, sum);
            }
        }
    }

    @Override
    public void accumulate(ObjectiveStep step) {
        CvaeNetwork network = step.network();
        Workspace workspace = step.workspace();
        RowLosses losses = step.losses();
        int rows = step.rows();
        losses.reset(rows);
        Network.Trace posterior = network.encoder() == null ? null : step.posterior();
        Network.Trace prior = step.prior();
        Matrix posteriorGradient = step.gradientOf(posterior);
        Matrix priorGradient = step.gradientOf(prior);
        boolean point = network.variant().posterior() != Variant.Posterior.GAUSSIAN;
        Matrix q = posterior == null ? workspace.matrix(rows, 0) : posterior.output();
        Source source = new Source(q, point, Noise.Purpose.POSTERIOR, posteriorGradient);
        generate(step, source, alpha, losses.reconstruction());
        double[] predictive = workspace.zeroDoubles(rows);
        if (alpha < 1) {
            Source guess = new Source(requirePrior(network, prior), false, Noise.Purpose.PRIOR, priorGradient);
            generate(step, guess, 1 - alpha, predictive);
        }
        double[] penalty = workspace.zeroDoubles(rows);
        if (!point) {
            DiagonalGaussian.kl(
                    q,
                    prior == null ? null : prior.output(),
                    freeBits,
                    scaled(step, alpha * step.beta()),
                    losses.kl(),
                    penalty,
                    posteriorGradient,
                    priorGradient,
                    workspace);
        }
        step.backward(network.encoder(), posterior, posteriorGradient);
        step.backward(network.prior(), prior, priorGradient);
        for (int r = 0; r < rows; r++) {
            double elbo = losses.reconstruction()[r] + step.beta() * penalty[r];
            losses.loss()[r] = alpha == 1 ? elbo : alpha * elbo + (1 - alpha) * predictive[r];
        }
    }

    /** −log p(x | z, c) averaged over the draws of z: its losses, {@code share} times its gradient. */
    private void generate(ObjectiveStep step, Source source, double share, double[] losses) {
        Workspace workspace = step.workspace();
        int rows = step.rows();
        int draws = source.point() ? 1 : this.draws;
        float[] weights = scaled(step, share / draws);
        ObjectiveStep.Draw draw = source.draw(step, 0);
        int mark = workspace.mark();
        for (int k = 0; k < draws; k++) {
            if (k > 0) {
                workspace.release(mark);
                draw = source.draw(step, k);
            }
            Matrix etaGradient = workspace.matrix(rows, draw.eta().cols());
            double[] loss = workspace.zeroDoubles(rows);
            step.score(draw.eta(), weights, loss, etaGradient);
            for (int r = 0; r < rows; r++) {
                losses[r] += draws == 1 ? loss[r] : loss[r] / draws;
            }
            if (step.gradient() == null) {
                continue;
            }
            Matrix sum = source.gradient();
            Matrix zGradient =
                    sum == null ? null : workspace.matrix(rows, step.network().latent());
            step.backward(draw, etaGradient, zGradient);
            if (sum != null && zGradient != null) {
                source.backward(draw, zGradient, sum);
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

    /** The rows' weights times {@code factor}. */
    private static float[] scaled(ObjectiveStep step, double factor) {
        float[] weights = step.batch().weights();
        if (factor == 1) {
            return weights;
        }
        float[] scaled = step.workspace().matrix(1, step.rows()).data();
        for (int r = 0; r < step.rows(); r++) {
            scaled[r] = (float) (factor * weights[r]);
        }
        return scaled;
    }
}
