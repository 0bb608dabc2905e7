package io.cvaespark.train;

import io.cvaespark.batch.Dealing;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.optim.Optimizer;
import io.cvaespark.optim.Plateau;
import io.cvaespark.optim.Schedule;
import io.cvaespark.optim.WeightAverage;
import org.jspecify.annotations.Nullable;

/**
 * The plan of a training, fixed before the first step: how rows are dealt to shards, how many steps there are, and the
 * update rule.
 *
 * <p>Step t has the gradient G, summed over n rows. The update clips g = G/n to the norm {@code clipNorm} and calls the
 * optimiser with the schedule's learning rate; then the average of the parameters takes them in.
 */
public final class TrainingPlan {
    private final TrainingConfig config;
    private final Dealing dealing;
    private final Optimizer optimizer;
    private final Schedule learningRate;
    private final @Nullable Plateau plateau;
    private final @Nullable WeightAverage averaging;
    private final Schedule beta;

    public TrainingPlan(TrainingConfig config, Dealing dealing) {
        this.config = config;
        this.dealing = dealing;
        this.optimizer = config.optimizer().toOptimizer();
        this.learningRate = config.optimizer().toSchedule();
        this.plateau = config.optimizer().toPlateau();
        this.averaging = config.averaging();
        this.beta = config.beta().toSchedule();
    }

    public TrainingConfig config() {
        return config;
    }

    public Dealing dealing() {
        return dealing;
    }

    /**
     * The number of arrays, each [P], that a training state holds beside the parameters: the optimiser's moments, and at the end
     * the average of the parameters if there is one.
     */
    public int moments() {
        return optimizer.moments() + (averaging == null ? 0 : 1);
    }

    /** The parameters that are validated and kept: the average if there is one. */
    public float[] kept(TrainingState state) {
        return averaging == null || state.step() == 0 ? state.parameters() : state.moments()[optimizer.moments()];
    }

    /** θ of the model that a training gives: the best by validation loss, or the last if there is no validation. */
    public float[] selected(TrainingState state) {
        TrainingState.Best best = state.best();
        return best == null ? kept(state) : best.parameters();
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

    /**
     * The learning rate of step {@code step}.
     *
     * @param rateFactor {@link #rateFactor} of the state before the epoch of the step
     */
    public double learningRate(long step, double rateFactor) {
        return rateFactor * learningRate.at(progress(step));
    }

    /** What the validation losses so far multiply the learning rate by: 1 without a plateau schedule. */
    public double rateFactor(TrainingState state) {
        if (plateau == null) {
            return 1;
        }
        return plateau.after(state.history().stream()
                .filter(row -> row.split().equals(HistoryRow.VALIDATION))
                .mapToDouble(HistoryRow::loss)
                .toArray());
    }

    /** Applies step {@code step} (from 0) to θ and the moments of {@code state}. */
    public void update(TrainingState state, float[] summedGradient, long step, long rows) {
        float scale = clips() ? scale(rows, GradientNorm.of(summedGradient)) : scale(rows);
        update(
                state.parameters(),
                0,
                summedGradient,
                0,
                scale,
                state.moments(),
                0,
                step,
                rateFactor(state),
                summedGradient.length);
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

    /** Applies step {@code step} (from 0) to {@code n} parameters and their average; see {@link Optimizer#update}. */
    public void update(
            float[] parameters,
            int at,
            float[] gradient,
            int gradientAt,
            float scale,
            float[][] moments,
            int momentsAt,
            long step,
            double rateFactor,
            int n) {
        double rate = learningRate(step, rateFactor);
        optimizer.update(parameters, at, gradient, gradientAt, scale, moments, momentsAt, rate, step + 1, n);
        if (averaging != null) {
            averaging.update(parameters, at, moments[optimizer.moments()], momentsAt, step + 1, n);
        }
    }

    private double progress(long step) {
        return (double) step / totalSteps();
    }
}
