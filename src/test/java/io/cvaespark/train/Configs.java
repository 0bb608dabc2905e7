package io.cvaespark.train;

import static io.cvaespark.train.OptimizerConfig.CLIP_NORM;
import static io.cvaespark.train.OptimizerConfig.LEARNING_RATE;
import static io.cvaespark.train.OptimizerConfig.MOMENTUM;
import static io.cvaespark.train.OptimizerConfig.TYPE;
import static io.cvaespark.train.TrainingConfig.BATCH;
import static io.cvaespark.train.TrainingConfig.BETA;
import static io.cvaespark.train.TrainingConfig.EPOCHS;
import static io.cvaespark.train.TrainingConfig.OPTIMIZER;

import org.jspecify.annotations.Nullable;

/** Training configurations for tests: what matters to the test, defaults for the rest. */
final class Configs {
    private Configs() {}

    static TrainingConfig of(int epochs, int batch, OptimizerConfig optimizer, TrainingConfig.Beta beta) {
        return of(epochs, batch).with(OPTIMIZER, optimizer).with(BETA, beta);
    }

    static TrainingConfig of(int epochs, int batch) {
        return TrainingConfig.DEFAULT.with(EPOCHS, epochs).with(BATCH, batch).with(OPTIMIZER, sgd(0.1, null));
    }

    /** SGD without momentum: θ ← θ − η·g. */
    static OptimizerConfig sgd(double learningRate, @Nullable Double clipNorm) {
        return OptimizerConfig.DEFAULT
                .with(TYPE, OptimizerConfig.Type.SGD)
                .with(LEARNING_RATE, learningRate)
                .with(CLIP_NORM, clipNorm)
                .with(MOMENTUM, 0.0);
    }
}
