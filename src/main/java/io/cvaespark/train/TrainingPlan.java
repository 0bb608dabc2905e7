package io.cvaespark.train;

import io.cvaespark.batch.Dealing;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.optim.Optimizer;
import io.cvaespark.optim.Schedule;

/**
 * The plan of a training, fixed before the first step: how rows are dealt to shards, how many steps there are, and the
 * update rule.
 *
 * <p>Step t has the gradient G, summed over n rows. The update clips g = G/n to the norm {@code clipNorm} and calls the
 * optimiser with the schedule's learning rate.
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

    /** The epoch of step {@code step}; both count from 0. */
    public int epochOf(long step) {
        return (int) (step / dealing.stepsPerEpoch());
    }

    /** The number of step {@code step} within its epoch; both count from 0. */
    public int stepInEpoch(long step) {
        return (int) (step % dealing.stepsPerEpoch());
    }

    /** β of step {@code step}, from 0. */
    public double beta(long step) {
        return beta.at(progress(step));
    }

    /** β at the end of training, which validation uses. */
    public double finalBeta() {
        return beta.at(1.0);
    }

    public double learningRate(long step) {
        return learningRate.at(progress(step));
    }

    /** Applies step {@code step} (from 0) to θ and the moments of {@code state}. */
    public void update(TrainingState state, float[] summedGradient, long step, long rows) {
        float scale = clips() ? scale(rows, GradientNorm.of(summedGradient)) : scale(rows);
        update(state.parameters(), 0, summedGradient, 0, scale, state.moments(), 0, step, summedGradient.length);
    }

    /** True if gradients are clipped, so that the update first needs the norm of the whole gradient. */
    public boolean clips() {
        return config.optimizer().clipNorm() != null;
    }

    /** The factor that turns the summed gradient of {@code rows} rows into the mean gradient. */
    public float scale(long rows) {
        return 1f / rows;
    }

    /**
     * The same factor with clipping, for a summed gradient of norm {@code summedNorm}: the mean gradient gets a norm of
     * at most {@code clipNorm}.
     */
    public float scale(long rows, double summedNorm) {
        Double clip = config.optimizer().clipNorm();
        double norm = summedNorm / rows;
        return clip != null && norm > clip ? (float) (clip / norm / rows) : scale(rows);
    }

    /** Applies step {@code step} (from 0) to {@code n} parameters; see {@link Optimizer#update}. */
    public void update(
            float[] parameters,
            int at,
            float[] gradient,
            int gradientAt,
            float scale,
            float[][] moments,
            int momentsAt,
            long step,
            int n) {
        optimizer.update(
                parameters, at, gradient, gradientAt, scale, moments, momentsAt, learningRate(step), step + 1, n);
    }

    private double progress(long step) {
        return (double) step / totalSteps();
    }
}
