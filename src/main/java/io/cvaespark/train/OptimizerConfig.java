package io.cvaespark.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.cvaespark.optim.Adam;
import io.cvaespark.optim.Optimizer;
import io.cvaespark.optim.Schedule;
import io.cvaespark.optim.Sgd;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * The optimiser and its learning rate: {@code training.optimizer} of a job.
 *
 * @param type {@code adam} or {@code sgd}
 * @param learningRate η, the largest over training
 * @param schedule {@code constant}, {@code cosine} (to {@code minimum}) or {@code step} (times {@code factor} after every
 *     {@code every} of the steps)
 * @param warmup share of all steps over which η rises from 0
 * @param weightDecay λ, decoupled
 * @param clipNorm largest global gradient norm; null: not clipped
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OptimizerConfig(
        String type,
        Double learningRate,
        String schedule,
        Double warmup,
        Double minimum,
        Double factor,
        Double every,
        Double weightDecay,
        @Nullable Double clipNorm,
        Double beta1,
        Double beta2,
        Double epsilon,
        Double momentum)
        implements Serializable {

    /** Adam with η = 1e-3, constant. */
    public static final OptimizerConfig DEFAULT =
            new OptimizerConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);

    @JsonCreator
    public OptimizerConfig(
            @JsonProperty("type") @Nullable String type,
            @JsonProperty("learningRate") @Nullable Double learningRate,
            @JsonProperty("schedule") @Nullable String schedule,
            @JsonProperty("warmup") @Nullable Double warmup,
            @JsonProperty("minimum") @Nullable Double minimum,
            @JsonProperty("factor") @Nullable Double factor,
            @JsonProperty("every") @Nullable Double every,
            @JsonProperty("weightDecay") @Nullable Double weightDecay,
            @JsonProperty("clipNorm") @Nullable Double clipNorm,
            @JsonProperty("beta1") @Nullable Double beta1,
            @JsonProperty("beta2") @Nullable Double beta2,
            @JsonProperty("epsilon") @Nullable Double epsilon,
            @JsonProperty("momentum") @Nullable Double momentum) {
        this.type = TrainingConfig.oneOf("training.optimizer.type", type == null ? "adam" : type, "adam", "sgd");
        this.learningRate = learningRate == null ? 0.001 : learningRate;
        this.schedule = TrainingConfig.oneOf(
                "training.optimizer.schedule", schedule == null ? "constant" : schedule, "constant", "cosine", "step");
        this.warmup = warmup == null ? 0.0 : warmup;
        this.minimum = minimum == null ? 0.0 : minimum;
        this.factor = factor == null ? 0.5 : factor;
        this.every = every == null ? 0.25 : every;
        this.weightDecay = weightDecay == null ? 0.0 : weightDecay;
        this.clipNorm = clipNorm;
        this.beta1 = beta1 == null ? 0.9 : beta1;
        this.beta2 = beta2 == null ? 0.999 : beta2;
        this.epsilon = epsilon == null ? 1e-8 : epsilon;
        this.momentum = momentum == null ? 0.9 : momentum;
        requirePositive("learningRate", this.learningRate);
        requirePositive("factor", this.factor);
        requirePositive("epsilon", this.epsilon);
        if (clipNorm != null) {
            requirePositive("clipNorm", clipNorm);
        }
        require(this.minimum >= 0, "minimum", "must be 0 or more", this.minimum);
        require(this.weightDecay >= 0, "weightDecay", "must be 0 or more", this.weightDecay);
        requireShare("warmup", "is a share of all steps,", this.warmup);
        requireShare("beta1", "must be", this.beta1);
        requireShare("beta2", "must be", this.beta2);
        requireShare("momentum", "must be", this.momentum);
        require(
                this.every > 0 && this.every <= 1,
                "every",
                "is a share of all steps, above 0 and at most 1",
                this.every);
    }

    private static void requirePositive(String key, double value) {
        require(value > 0 && value < Double.POSITIVE_INFINITY, key, "must be a positive number", value);
    }

    private static void requireShare(String key, String what, double value) {
        require(value >= 0 && value < 1, key, what + " at least 0 and below 1", value);
    }

    private static void require(boolean holds, String key, String expected, double found) {
        if (!holds) {
            throw new IllegalArgumentException("training.optimizer.%s %s, found %s".formatted(key, expected, found));
        }
    }

    /** The same with another learning rate. */
    public OptimizerConfig withLearningRate(double rate) {
        return new OptimizerConfig(
                type,
                rate,
                schedule,
                warmup,
                minimum,
                factor,
                every,
                weightDecay,
                clipNorm,
                beta1,
                beta2,
                epsilon,
                momentum);
    }

    /** The update rule. */
    public Optimizer toOptimizer() {
        return type.equals("adam") ? new Adam(beta1, beta2, epsilon, weightDecay) : new Sgd(momentum, weightDecay);
    }

    /** η as a function of the share of steps done. */
    public Schedule toSchedule() {
        Schedule base =
                switch (schedule) {
                    case "cosine" -> new Schedule.Cosine(learningRate, minimum);
                    case "step" -> new Schedule.Steps(learningRate, factor, every);
                    default -> new Schedule.Constant(learningRate);
                };
        return warmup > 0 ? new Schedule.Warmup(warmup, base) : base;
    }
}
