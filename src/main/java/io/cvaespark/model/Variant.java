package io.cvaespark.model;

import io.cvaespark.model.prior.PriorSpec;
import java.util.Locale;

/**
 * A member of the family, as data: what the posterior and the decoder see, which prior the latent has, and what it is trained
 * by.
 *
 * <p>A new variant is one new constant, and a {@link Loss} with its {@link Objective} only if its objective is new.
 */
public enum Variant {
    /** Autoencoder: z(x), p(x|z). */
    AE(Posterior.POINT, false, PriorSpec.Type.NONE, false, Loss.BOUND),
    /** Kingma and Welling 2014, β of Higgins et al. 2017: q(z|x), N(0, I), p(x|z). */
    VAE(Posterior.GAUSSIAN, false, PriorSpec.Type.STANDARD, false, Loss.BOUND),
    /** q(z|x,c), p(z|c) learned, p(x|z,c). */
    CVAE_1(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, true, Loss.BOUND),
    /** q(z|x,c), N(0, I), p(x|z,c). */
    CVAE_2(Posterior.GAUSSIAN, true, PriorSpec.Type.STANDARD, true, Loss.BOUND),
    /** Sohn et al. 2015, to predict x from a rich c: {@link #CVAE_1} trained by the hybrid objective. */
    CVAE_3(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, true, Loss.HYBRID),
    /** CMMA (Pandey and Dukkipati 2017): q(z|x,c), p(z|c) learned, p(x|z). */
    CVAE_4(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, false, Loss.BOUND),
    /** Kingma et al. 2014, semi-supervised: {@link #CVAE_2} with a classifier q(c|x), for a c that few rows know. */
    M2(Posterior.GAUSSIAN, true, PriorSpec.Type.STANDARD, true, Loss.SEMI_SUPERVISED),
    /** A feed-forward network p(x|c), to compare with: no latent. */
    BASELINE(Posterior.NONE, false, PriorSpec.Type.NONE, true, Loss.BOUND);

    /** What the encoder gives: z itself, or the mean and log-variance of q(z|·); or there is no z. */
    public enum Posterior {
        NONE,
        POINT,
        GAUSSIAN
    }

    /**
     * What a variant is trained by. Its weight is the job's {@code model.alpha}.
     *
     * <p>A new objective is a constant here and the class that it makes.
     */
    public enum Loss {
        /** The bound that {@code model.objective} names; it has no weight. */
        BOUND {
            @Override
            Objective objective(ObjectiveSpec spec, float freeBits) {
                return new Elbo(freeBits, 1, spec.draws());
            }
        },
        /** α·ELBO + (1 − α)·GSNN (Sohn et al. 2015). */
        HYBRID {
            @Override
            Objective objective(ObjectiveSpec spec, float freeBits) {
                return new Elbo(freeBits, spec.alpha(), spec.draws());
            }

            @Override
            public double defaultAlpha(double labelledShare) {
                return 0.5;
            }

            @Override
            public double mostAlpha() {
                return 1;
            }
        },
        /** The marginalised ELBO, and α·(−log q(c|x)) of the rows that know their c (Kingma et al. 2014). */
        SEMI_SUPERVISED {
            @Override
            Objective objective(ObjectiveSpec spec, float freeBits) {
                return new SemiSupervised(new Elbo(freeBits, 1, spec.draws()), spec.alpha());
            }

            /** The classification weighs 0.1 of a row, as Kingma et al. 2014 have it. */
            @Override
            public double defaultAlpha(double labelledShare) {
                return 0.1 / labelledShare;
            }

            @Override
            public double mostAlpha() {
                return Double.MAX_VALUE;
            }
        };

        abstract Objective objective(ObjectiveSpec spec, float freeBits);

        /** α where a job says nothing. */
        public double defaultAlpha(double labelledShare) {
            return 1;
        }

        /** The largest α that a job may ask for; 0: it may not say one. */
        public double mostAlpha() {
            return 0;
        }
    }

    private final Posterior posterior;
    private final boolean posteriorSeesCondition;
    private final PriorSpec.Type prior;
    private final boolean decoderSeesCondition;
    private final Loss loss;

    Variant(
            Posterior posterior,
            boolean posteriorSeesCondition,
            PriorSpec.Type prior,
            boolean decoderSeesCondition,
            Loss loss) {
        this.posterior = posterior;
        this.posteriorSeesCondition = posteriorSeesCondition;
        this.prior = prior;
        this.decoderSeesCondition = decoderSeesCondition;
        this.loss = loss;
    }

    /** The name in job files, such as {@code cvae-2}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    public Posterior posterior() {
        return posterior;
    }

    public boolean posteriorSeesCondition() {
        return posteriorSeesCondition;
    }

    /** p(z|c) unless a job asks for another. */
    public PriorSpec.Type prior() {
        return prior;
    }

    public boolean decoderSeesCondition() {
        return decoderSeesCondition;
    }

    /** Returns whether the conditions enter the model at all. */
    public boolean usesCondition() {
        return posteriorSeesCondition || decoderSeesCondition || prior == PriorSpec.Type.LEARNED;
    }

    /** What it is trained by. */
    public Loss loss() {
        return loss;
    }

    /** Returns whether a job may choose the bound and the distribution over z. */
    public boolean hasChoiceOfBound() {
        return hasPrior() && loss == Loss.BOUND;
    }

    /** Returns whether a classifier q(c|x) belongs to it. */
    public boolean hasClassifier() {
        return loss == Loss.SEMI_SUPERVISED;
    }

    /** Returns whether there is a latent at all. */
    public boolean hasLatent() {
        return posterior != Posterior.NONE;
    }

    /** Returns whether p(x|c) is defined, so that rows can be sampled and scored: there is a distribution over z, or no z. */
    public boolean isGenerative() {
        return hasPrior() || !hasLatent();
    }

    /** Returns whether there is a distribution p(z|·) over z. */
    public boolean hasPrior() {
        return prior != PriorSpec.Type.NONE;
    }
}
