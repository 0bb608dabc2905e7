package io.cvaespark.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.optim.Adam;
import io.cvaespark.optim.Optimizer;
import io.cvaespark.optim.Plateau;
import io.cvaespark.optim.Schedule;
import io.cvaespark.optim.Sgd;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The optimiser and its learning rate: {@code training.optimizer} of a job. */
public final class OptimizerConfig extends Section<OptimizerConfig> {
    public static final Keys KEYS = new Keys("training.optimizer");

    public static final Key<Type> TYPE =
            KEYS.add(Key.choice("type", Type.ADAM, List.of(Type.values()), "The update rule"));

    public static final Key<Double> LEARNING_RATE = KEYS.add(
            Key.number("learningRate", 0.001, Check.positive(), "The learning rate, at its largest over training")
                    .asParam("stepSize"));

    public static final Key<Course> SCHEDULE = KEYS.add(
            Key.choice(
                    "schedule",
                    Course.CONSTANT,
                    List.of(Course.values()),
                    "How the learning rate goes on: constant; cosine to minimum; step: times factor after each every of the steps; plateau: times factor after plateauEpochs epochs whose validation loss is no better"));

    public static final Key<Double> WARMUP = KEYS.add(Key.number(
            "warmup",
            0.0,
            new Check<>("is a share of all steps, at least 0 and below 1", share -> share >= 0 && share < 1),
            "The steps over which the learning rate rises from 0"));

    public static final Key<Double> MINIMUM =
            KEYS.add(Key.number("minimum", 0.0, Check.atLeast(0), "The learning rate that cosine ends at"));

    public static final Key<Double> FACTOR = KEYS.add(
            Key.number("factor", 0.5, Check.positive(), "What step and plateau multiply the learning rate by"));

    public static final Key<Double> EVERY = KEYS.add(Key.number(
            "every",
            0.25,
            new Check<>("is a share of all steps, above 0 and at most 1", share -> share > 0 && share <= 1),
            "The steps between two changes of step"));

    public static final Key<Integer> PLATEAU_EPOCHS = KEYS.add(Key.integer(
                    "plateauEpochs",
                    3,
                    Check.atLeast(1),
                    "Of plateau: epochs in a row without a better validation loss after which the learning rate falls")
            .unwritten());

    public static final Key<Double> WEIGHT_DECAY = KEYS.add(
            Key.number("weightDecay", 0.0, Check.atLeast(0), "Decay of the weights, decoupled from the gradient"));

    public static final Key<Double> CLIP_NORM = KEYS.add(Key.number(
            "clipNorm", null, Check.positive(), "The largest norm of the whole gradient; a longer one is cut to it"));

    public static final Key<Double> BETA1 =
            KEYS.add(Key.number("beta1", 0.9, Check.belowOne(), "Of adam: decay of the gradient's average"));

    public static final Key<Double> BETA2 = KEYS.add(
            Key.number("beta2", 0.999, Check.betweenZeroAndOne(), "Of adam: decay of the squared gradient's average"));

    public static final Key<Double> EPSILON = KEYS.add(Key.number(
            "epsilon",
            1e-8,
            new Check<>("must be above 0 and at most 1", n -> n > 0 && n <= 1),
            "Of adam: what is added to the root of the second average"));

    public static final Key<Double> MOMENTUM =
            KEYS.add(Key.number("momentum", 0.9, Check.belowOne(), "Of sgd: decay of the gradients' sum"));

    /** Adam with η = 1e-3, constant. */
    public static final OptimizerConfig DEFAULT = new OptimizerConfig(new Values());

    /** The update rules. */
    public enum Type {
        ADAM,
        SGD;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How the learning rate goes on after its warm-up. */
    public enum Course {
        CONSTANT,
        COSINE,
        STEP,
        PLATEAU;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public OptimizerConfig(Values values) {
        super(values);
        if (get(SCHEDULE) == Course.PLATEAU && get(FACTOR) >= 1) {
            throw new IllegalArgumentException(
                    "training.optimizer.factor of a plateau must be below 1, found " + get(FACTOR));
        }
    }

    /** What a job says; throws for keys that are not known and values that are not taken. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static OptimizerConfig of(JsonNode json) {
        return new OptimizerConfig(KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected OptimizerConfig of(Values other) {
        return new OptimizerConfig(other);
    }

    /** Largest global gradient norm; null: not clipped. */
    public @Nullable Double clipNorm() {
        return find(CLIP_NORM);
    }

    /** The update rule. */
    public Optimizer toOptimizer() {
        return switch (get(TYPE)) {
            case ADAM -> new Adam(get(BETA1), get(BETA2), get(EPSILON), get(WEIGHT_DECAY));
            case SGD -> new Sgd(get(MOMENTUM), get(WEIGHT_DECAY));
        };
    }

    /** What the validation losses multiply the learning rate by; null: nothing. */
    public @Nullable Plateau toPlateau() {
        return get(SCHEDULE) == Course.PLATEAU ? new Plateau(get(FACTOR), get(PLATEAU_EPOCHS)) : null;
    }

    /** η as a function of the share of steps done. */
    public Schedule toSchedule() {
        double rate = get(LEARNING_RATE);
        Schedule base =
                switch (get(SCHEDULE)) {
                    case CONSTANT, PLATEAU -> new Schedule.Constant(rate);
                    case COSINE -> new Schedule.Cosine(rate, get(MINIMUM));
                    case STEP -> new Schedule.Steps(rate, get(FACTOR), get(EVERY));
                };
        double warmup = get(WARMUP);
        return warmup > 0 ? new Schedule.Warmup(warmup, base) : base;
    }
}
