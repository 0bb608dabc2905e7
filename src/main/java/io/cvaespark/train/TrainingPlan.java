package io.cvaespark.train;

import io.cvaespark.data.Dealing;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.optim.Optimizer;
import io.cvaespark.optim.Schedule;

/**
 * What is settled before the first step: how rows are dealt, how many steps there are, and the update rule.
 *
 * <p>The update of step t from its summed gradient G over n rows: g = G/n, clipped to {@code clipNorm}, then the
 * optimiser at the schedule's learning rate.
 */
public final class TrainingPlan {
    private final TrainingConfig config;
    private final Dealing dealing;
    private final Optimizer optimizer;
    private final Schedule learningRate;
    private final Schedule beta;

    public TrainingPlan(TrainingConfig config, Dealing dealing) {
        this.config = config;
        this.dealing = dealing;
        this.optimizer = config.optimizer().toOptimizer();
        this.learningRate = config.optimizer().toSchedule();
        this.beta = config.beta().toSchedule();
    }

    public TrainingConfig config() {
        return config;
    }

    public Dealing dealing() {
        return dealing;
    }

    public Optimizer optimizer() {
        return optimizer;
    }

    public long totalSteps() {
        return (long) config.epochs() * dealing.stepsPerEpoch();
    }

    /** Epoch of step {@code step}, from 0. */
    public int epochOf(long step) {
        return (int) (step / dealing.stepsPerEpoch());
    }

    /** Number of step {@code step} within its epoch, from 0. */
    public int stepInEpoch(long step) {
        return (int) (step % dealing.stepsPerEpoch());
    }

    /** β of step {@code step}, from 0. */
    public double beta(long step) {
        return beta.at(progress(step));
    }

    /** β at the end of training: what validation is judged by. */
    public double finalBeta() {
        return beta.at(1.0);
    }

    public double learningRate(long step) {
        return learningRate.at(progress(step));
    }

    /** Applies step {@code step} (from 0) to θ and the moments of {@code state}. */
    public void update(TrainingState state, float[] summedGradient, long step, long rows) {
        float scale = 1f / rows;
        Double clip = config.optimizer().clipNorm();
        if (clip != null) {
            double norm = GradientNorm.of(summedGradient) / rows;
            if (norm > clip) {
                scale = (float) (clip / norm / rows);
            }
        }
        optimizer.update(
                state.parameters(),
                summedGradient,
                scale,
                state.moments(),
                learningRate(step),
                step + 1,
                0,
                summedGradient.length);
    }

    private double progress(long step) {
        return (double) step / totalSteps();
    }
}
