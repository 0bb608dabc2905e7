package io.cvaespark.model;

/** Which objective an architecture is trained by. */
public final class Objectives {
    private Objectives() {}

    /** An objective with the reconstruction and the KL of {@code architecture}'s own, and nothing else to compute. */
    static Objective bound(Architecture architecture) {
        ObjectiveSpec spec = architecture.objective();
        return of(architecture.withObjective(new ObjectiveSpec(spec.type(), spec.draws(), 1)), 0f);
    }

    /**
     * The objective of {@code architecture}.
     *
     * @param freeBits nats per row and latent dimension that cost nothing
     * @throws IllegalArgumentException for free bits where the KL is not computed per dimension
     */
    public static Objective of(Architecture architecture, float freeBits) {
        ObjectiveSpec spec = architecture.objective();
        boolean byDraws = spec.type() != ObjectiveSpec.Type.ELBO
                || !architecture.latentPrior().hasClosedFormKl();
        if (byDraws) {
            if (freeBits > 0) {
                throw new IllegalArgumentException(
                        "training.freeBits needs the KL per dimension: objective elbo with a standard or learned prior, found %s with %s"
                                .formatted(
                                        spec.type(), architecture.latentPrior().type()));
            }
            return new ImportanceWeighted(spec.draws(), spec.type() == ObjectiveSpec.Type.IWAE);
        }
        return architecture.variant().loss().objective(spec, freeBits);
    }
}
