package io.cvaespark.model;

import io.cvaespark.model.prior.PriorSpec;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A member of the family, as data: what the posterior and the decoder see, and which prior the latent has.
 *
 * <p>A new variant is one new constant, plus an {@link Objective} only if its objective is new.
 */
public enum Variant {
    /** Autoencoder: z(x), p(x|z). */
    AE(Posterior.POINT, false, PriorSpec.Type.NONE, false),
    /** Kingma and Welling 2014, β of Higgins et al. 2017: q(z|x), N(0, I), p(x|z). */
    VAE(Posterior.GAUSSIAN, false, PriorSpec.Type.STANDARD, false),
    /** q(z|x,c), p(z|c) learned, p(x|z,c). */
    CVAE_1(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, true),
    /** q(z|x,c), N(0, I), p(x|z,c). */
    CVAE_2(Posterior.GAUSSIAN, true, PriorSpec.Type.STANDARD, true),
    /** Sohn et al. 2015, to predict x from a rich c: {@link #CVAE_1} trained by the hybrid objective. */
    CVAE_3(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, true),
    /** CMMA (Pandey and Dukkipati 2017): q(z|x,c), p(z|c) learned, p(x|z). */
    CVAE_4(Posterior.GAUSSIAN, true, PriorSpec.Type.LEARNED, false),
    /** Kingma et al. 2014, semi-supervised: {@link #CVAE_2} with a classifier q(c|x), for a c that few rows know. */
    M2(Posterior.GAUSSIAN, true, PriorSpec.Type.STANDARD, true),
    /** A feed-forward network p(x|c), to compare with: no latent. */
    BASELINE(Posterior.NONE, false, PriorSpec.Type.NONE, true);

    /** What the encoder gives: z itself, or the mean and log-variance of q(z|·); or there is no z. */
    public enum Posterior {
        NONE,
        POINT,
        GAUSSIAN
    }

    private final Posterior posterior;
    private final boolean posteriorSeesCondition;
    private final PriorSpec.Type prior;
    private final boolean decoderSeesCondition;

    Variant(Posterior posterior, boolean posteriorSeesCondition, PriorSpec.Type prior, boolean decoderSeesCondition) {
        this.posterior = posterior;
        this.posteriorSeesCondition = posteriorSeesCondition;
        this.prior = prior;
        this.decoderSeesCondition = decoderSeesCondition;
    }

    /** The variant called {@code name} in job files; throws naming the known ones. */
    public static Variant of(String name) {
        for (Variant v : values()) {
            if (v.toString().equals(name)) {
                return v;
            }
        }
        throw new IllegalArgumentException("Unknown variant '%s'; known: %s"
                .formatted(name, Arrays.stream(values()).map(Variant::toString).collect(Collectors.joining(", "))));
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

    /** Whether the conditions enter the model at all. */
    public boolean usesCondition() {
        return posteriorSeesCondition || decoderSeesCondition || prior == PriorSpec.Type.LEARNED;
    }

    /** Whether a classifier q(c|x) belongs to it. */
    public boolean hasClassifier() {
        return this == M2;
    }

    /** Whether there is a latent at all. */
    public boolean hasLatent() {
        return posterior != Posterior.NONE;
    }

    /** Whether p(x|c) is defined, so that rows can be sampled and scored: there is a distribution over z, or no z. */
    public boolean isGenerative() {
        return hasPrior() || !hasLatent();
    }

    /** Whether there is a distribution p(z|·) over z. */
    public boolean hasPrior() {
        return prior != PriorSpec.Type.NONE;
    }
}
