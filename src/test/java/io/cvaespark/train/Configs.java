package io.cvaespark.train;

import io.cvaespark.train.TrainingConfig.CheckpointEvery;
import org.jspecify.annotations.Nullable;

/** Training configurations for tests: what matters to the test, defaults for the rest. */
final class Configs {
    private Configs() {}

    static TrainingConfig of(int epochs, int batch, OptimizerConfig optimizer, TrainingConfig.@Nullable Beta beta) {
        return new TrainingConfig(epochs, batch, optimizer, beta, null, null, null, null, null, null, null, null, null);
    }

    static TrainingConfig of(int epochs, int batch) {
        return of(epochs, batch, sgd(0.1, null), null);
    }

    static TrainingConfig with(TrainingConfig c, @Nullable Integer patience, @Nullable CheckpointEvery every) {
        return new TrainingConfig(
                c.epochs(),
                c.batch(),
                c.optimizer(),
                c.beta(),
                c.freeBits(),
                c.augment(),
                c.seed(),
                c.shards(),
                c.exchange(),
                c.roundSteps(),
                c.blas(),
                patience,
                every);
    }

    /** SGD without momentum: θ ← θ − η·g. */
    static OptimizerConfig sgd(double learningRate, @Nullable Double clipNorm) {
        return new OptimizerConfig(
                "sgd", learningRate, null, null, null, null, null, null, clipNorm, null, null, null, 0.0);
    }
}
