package io.cvaespark.model;

/** Which objective an architecture is trained by. */
public final class Objectives {
    private Objectives() {}

    /** The objective of {@code architecture}, with {@code freeBits} nats per row and latent dimension that cost nothing. */
    public static Objective of(Architecture architecture, float freeBits) {
        ObjectiveSpec spec = architecture.objective();
        return switch (architecture.variant()) {
            case AE, VAE, CVAE_1, CVAE_2, CVAE_4, BASELINE -> new Elbo(freeBits, 1, spec.draws());
            case CVAE_3 -> new Elbo(freeBits, spec.alpha(), spec.draws());
            case M2 -> new SemiSupervised(new Elbo(freeBits, 1, spec.draws()), spec.alpha());
        };
    }
}
