package io.cvaespark.spark.inference;

import io.cvaespark.data.Field;
import io.cvaespark.model.Variant;

/** A column that a model can add to rows. */
public enum RowOutput {
    LATENT(Kind.VECTOR, true),
    LATENT_STD(Kind.VECTOR, true),
    LATENT_DRAW(Kind.VECTOR, true),
    RECONSTRUCTION(Kind.ROW, true),
    RECONSTRUCTION_LOSS(Kind.NUMBER, true),
    ELBO(Kind.NUMBER, true),
    LOG_LIKELIHOOD(Kind.NUMBER, true),
    PREDICTION(Kind.ROW, false),
    PROBABILITY(Kind.VECTOR, false),
    /** KL(q‖p) of each latent dimension. */
    KL_PER_DIMENSION(Kind.VECTOR, true),
    /** E[z|c]. */
    PRIOR_MEAN(Kind.VECTOR, false),
    /** σ of a learned Gaussian p(z|c), else 1. */
    PRIOR_STD(Kind.VECTOR, false);

    /** What a cell is: a number, a vector, or a row of targets. */
    enum Kind {
        NUMBER,
        VECTOR,
        ROW
    }

    final Kind kind;
    private final boolean fromTargets;

    RowOutput(Kind kind, boolean fromTargets) {
        this.kind = kind;
        this.fromTargets = fromTargets;
    }

    /** Returns whether it says something of the class; a classifier q(c|x) says that from x alone. */
    private boolean isOfClass() {
        return this == PREDICTION || this == PROBABILITY;
    }

    boolean needsTargets(Variant variant) {
        return fromTargets || (variant.hasClassifier() && isOfClass());
    }

    boolean needsConditions(Variant variant) {
        return !(variant.hasClassifier() && isOfClass());
    }

    /** Returns whether models of {@code variant} define it; a probability needs a class besides. */
    boolean isPossible(Variant variant) {
        return switch (this) {
            case ELBO, RECONSTRUCTION_LOSS, PREDICTION, PROBABILITY -> true;
            case LATENT, RECONSTRUCTION, PRIOR_MEAN, PRIOR_STD -> variant.hasLatent();
            case LATENT_STD, LATENT_DRAW, KL_PER_DIMENSION -> variant.posterior() == Variant.Posterior.GAUSSIAN;
            case LOG_LIKELIHOOD -> variant.isGenerative();
        };
    }

    /** Throws when {@code model} cannot say it. */
    void require(TrainedModel model) {
        Variant variant = model.stored().architecture().variant();
        if (!isPossible(variant)) {
            throw new IllegalArgumentException(
                    "Variant %s has no %s, since %s. Leave that column out, or use vae or a cvae variant"
                            .formatted(
                                    variant,
                                    name().toLowerCase(java.util.Locale.ROOT),
                                    variant.hasLatent()
                                            ? "its latent is a point without a distribution"
                                            : "it has no latent"));
        }
        if (this == PROBABILITY && model.classField() == null) {
            throw noClass(model.schema().targets().stream().map(Field::column).toList());
        }
    }

    static IllegalArgumentException noClass(java.util.List<String> targets) {
        return new IllegalArgumentException(
                "A probability column needs a class to predict: exactly one target column, which is categorical, or variant m2; the targets are %s. Leave the column out (an empty probabilityCol), or train such a model"
                        .formatted(targets));
    }
}
