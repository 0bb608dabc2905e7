package io.cvaespark.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.batch.Augmentation;
import io.cvaespark.linalg.Blas;
import io.cvaespark.optim.Schedule;
import io.cvaespark.optim.WeightAverage;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * How a model is trained: the {@code training} section of a job.
 *
 * <p>A new key is one constant here, with its accessor, and the code that uses it: job file, Spark ML param, {@code describe
 * --keys} and reference page follow.
 */
public final class TrainingConfig extends Section<TrainingConfig> {
    public static final Keys KEYS = new Keys("training");

    public static final Key<Integer> EPOCHS =
            KEYS.add(Key.integer("epochs", 20, Check.atLeast(1), "Passes over the training rows")
                    .asParam("maxIter"));

    public static final Key<Integer> BATCH =
            KEYS.add(Key.integer("batch", 512, Check.atLeast(1), "Global rows per step, whatever the number of workers")
                    .asParam("batchSize"));

    public static final Key<OptimizerConfig> OPTIMIZER = KEYS.add(Key.json(
            "optimizer",
            OptimizerConfig.class,
            "map",
            OptimizerConfig.DEFAULT,
            "The update rule and its learning rate, with the keys of training.optimizer"));

    public static final Key<Double> AVERAGING = KEYS.add(Key.number(
                    "averaging",
                    null,
                    Check.betweenZeroAndOne(),
                    "Decay of an exponential average of the weights over the steps, such as 0.999; the average is what is validated, kept and used")
            .unwritten());

    public static final Key<Beta> BETA = KEYS.add(Key.json(
                    "beta",
                    Beta.class,
                    "number or map",
                    Beta.ONE,
                    "Weight of the KL: a number from 0, {warmup: share, to: value}, or {cycles: n, rise: share, to: value}; shares of all steps, never epochs")
            .asParam("betaSchedule"));

    public static final Key<Double> FREE_BITS = KEYS.add(Key.number(
            "freeBits",
            0.0,
            new Check<>("must be from 0 to 1000", nats -> nats >= 0 && nats <= 1000),
            "Nats per row and latent dimension below which the KL costs nothing more"));

    public static final Key<AugmentConfig> AUGMENT = KEYS.add(Key.json(
            "augment",
            AugmentConfig.class,
            "map",
            null,
            "How rows are changed at every visit: a map with the keys of training.augment, one or both"));

    public static final Key<Long> SEED = KEYS.add(Key.longInteger("seed", 0L, "The seed of everything random"));

    public static final Key<Integer> SHARDS = KEYS.add(Key.integer(
                    "shards",
                    null,
                    new Check<>("must be auto or a power of two (1, 2, 4, …)", n -> n > 0 && Integer.bitCount(n) == 1),
                    "Parts that the rows are dealt to; auto takes as many as fit the slots at the first training and records it in the run. Fix it for results that do not depend on the cluster")
            .absentBy("auto")
            .asParam("numShards"));

    public static final Key<ExchangeKind> EXCHANGE = KEYS.add(Key.choice(
                    "exchange",
                    ExchangeKind.AUTO,
                    List.of(ExchangeKind.values()),
                    "How gradients are combined: allreduce between the executors, or driver; auto is allreduce unless Spark allocates executors dynamically")
            .keepsResult());

    public static final Key<Integer> ROUND_STEPS = KEYS.add(Key.integer(
                    "roundSteps",
                    null,
                    Check.atLeast(1),
                    "Steps of one barrier stage, at most an epoch's. What an executor lost in the middle of a round did is done again, so where an epoch takes hours, make this as many steps as you can spare")
            .absentIs("an epoch")
            .keepsResult());

    public static final Key<Blas.Library> BLAS = KEYS.add(Key.choice(
            "blas",
            Blas.Library.NATIVE,
            List.of(Blas.Library.values()),
            "The library of matrix products: java where there is no native library, some 25 times slower"));

    public static final Key<Integer> PATIENCE = KEYS.add(
            Key.integer(
                    "patience",
                    null,
                    Check.atLeast(1),
                    "Epochs without a better validation loss before training stops. Validation judges by the last value of beta; the best parameters are kept"));

    public static final Key<CheckpointEvery> CHECKPOINT_EVERY = KEYS.add(Key.json(
                    "checkpointEvery",
                    CheckpointEvery.class,
                    "map",
                    CheckpointEvery.ofEpochs(1),
                    "When a checkpoint is written: {epochs: n}, {steps: n} or {minutes: m}")
            .keepsResult());

    /** All defaults. */
    public static final TrainingConfig DEFAULT = new TrainingConfig(new Values());

    /** How gradients are combined. */
    public enum ExchangeKind {
        AUTO,
        ALLREDUCE,
        DRIVER;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public TrainingConfig(Values values) {
        super(values);
    }

    /** What a job says; throws for keys that are not known and values that are not taken. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static TrainingConfig of(JsonNode json) {
        return new TrainingConfig(KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected TrainingConfig of(Values other) {
        return new TrainingConfig(other);
    }

    public int epochs() {
        return get(EPOCHS);
    }

    /** B, global rows per step. */
    public int batch() {
        return get(BATCH);
    }

    public OptimizerConfig optimizer() {
        return get(OPTIMIZER);
    }

    /** The average of the weights that is kept in place of the weights; null: none. */
    public @Nullable WeightAverage averaging() {
        Double decay = find(AVERAGING);
        return decay == null ? null : new WeightAverage(decay);
    }

    public Beta beta() {
        return get(BETA);
    }

    /** λ, in nats. */
    public double freeBits() {
        return get(FREE_BITS);
    }

    /** How rows are changed at every visit; null: not at all. */
    public @Nullable Augmentation augment() {
        AugmentConfig augment = find(AUGMENT);
        return augment == null ? null : augment.toAugmentation();
    }

    public long seed() {
        return get(SEED);
    }

    /** S, a power of two; null: chosen from the slots at the first training. */
    public @Nullable Integer shards() {
        return find(SHARDS);
    }

    public ExchangeKind exchange() {
        return get(EXCHANGE);
    }

    /** Most steps between two returns of the state to the driver; null: an epoch's. */
    public @Nullable Integer roundSteps() {
        return find(ROUND_STEPS);
    }

    public Blas.Library blas() {
        return get(BLAS);
    }

    /** Epochs without a better validation loss before training stops; null: never. */
    public @Nullable Integer patience() {
        return find(PATIENCE);
    }

    public CheckpointEvery checkpointEvery() {
        return get(CHECKPOINT_EVERY);
    }

    /** When a checkpoint is written: every so many epochs, steps or minutes; exactly one is set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CheckpointEvery(
            @Nullable Integer epochs,
            @Nullable Long steps,
            @Nullable Double minutes) implements Serializable {
        public CheckpointEvery {
            long set =
                    Stream.of(epochs, steps, minutes).filter(Objects::nonNull).count();
            if (set != 1) {
                throw new IllegalArgumentException(
                        "training.checkpointEvery needs exactly one of epochs, steps or minutes, found " + set);
            }
            if ((epochs != null && epochs < 1) || (steps != null && steps < 1) || (minutes != null && !(minutes > 0))) {
                throw new IllegalArgumentException(
                        "training.checkpointEvery: epochs, steps and minutes must be above 0, found %s"
                                .formatted(epochs != null ? epochs : steps != null ? steps : minutes));
            }
        }

        /** After every {@code epochs} epochs. */
        public static CheckpointEvery ofEpochs(int epochs) {
            return new CheckpointEvery(epochs, null, null);
        }
    }

    /** A constant β, or a schedule over shares of all steps: {@code {warmup, to}} or {@code {cycles, rise, to}}. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Beta(
            @Nullable Double constant,
            @Nullable Double warmup,
            @Nullable Integer cycles,
            @Nullable Double rise,
            @Nullable Double to)
            implements Serializable {
        private static final double HALF_A_CYCLE = 0.5;
        private static final double FULL = 1.0;

        public static final Beta ONE = of(FULL);

        public Beta {
            if (cycles != null && cycles < 1) {
                throw new IllegalArgumentException("training.beta.cycles must be at least 1, found " + cycles);
            }
            require(constant, false, "training.beta must be 0 or more");
            require(to, false, "training.beta.to must be 0 or more");
            require(warmup, true, "training.beta.warmup is a share of all steps, above 0 and at most 1");
            require(rise, true, "training.beta.rise is a share of a cycle, above 0 and at most 1");
        }

        private static void require(@Nullable Double value, boolean share, String expected) {
            boolean holds = value == null || (share ? value > 0 && value <= 1 : value >= 0);
            if (!holds) {
                throw new IllegalArgumentException(expected + ", found " + value);
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.PROPERTIES)
        public static Beta schedule(
                @JsonProperty("warmup") @Nullable Double warmup,
                @JsonProperty("cycles") @Nullable Integer cycles,
                @JsonProperty("rise") @Nullable Double rise,
                @JsonProperty("to") @Nullable Double to) {
            if ((warmup == null) == (cycles == null)) {
                throw new IllegalArgumentException(
                        "training.beta is a number, {warmup: share, to: value} or {cycles: n, rise: share, to: value}");
            }
            return new Beta(null, warmup, cycles, rise, to);
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Beta of(double value) {
            return new Beta(value, null, null, null, null);
        }

        @JsonValue
        public Object json() {
            if (constant != null) {
                return constant;
            }
            Map<String, Object> map = new LinkedHashMap<>();
            if (warmup != null) {
                map.put("warmup", warmup);
            }
            if (cycles != null) {
                map.put("cycles", cycles);
                map.put("rise", rise == null ? HALF_A_CYCLE : rise);
            }
            map.put("to", to == null ? FULL : to);
            return map;
        }

        /** β as a function of the share of steps done. */
        public Schedule toSchedule() {
            double target = to == null ? FULL : to;
            if (constant != null) {
                return new Schedule.Constant(constant);
            }
            return cycles != null
                    ? new Schedule.Cyclic(cycles, rise == null ? HALF_A_CYCLE : rise, target)
                    : new Schedule.Warmup(warmup == null ? FULL : warmup, new Schedule.Constant(target));
        }
    }
}
