package io.cvaespark.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import io.cvaespark.batch.Augmentation;
import io.cvaespark.optim.Schedule;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How a model is trained: the {@code training} section of a job.
 *
 * @param epochs passes over the training rows
 * @param batch B, global rows per step, whatever the number of workers
 * @param optimizer and its learning rate
 * @param beta weight of the KL term over training
 * @param freeBits λ, nats per row and latent dimension below which the KL costs nothing more
 * @param augment how rows are changed at every visit; null: not at all
 * @param seed of everything random
 * @param shards S, a power of two; null: chosen from the slots at the first training
 * @param exchange how gradients are combined: {@code allreduce}, {@code driver}, or {@code auto}
 * @param roundSteps most steps between two returns of the state to the driver; null: an epoch's
 * @param blas {@code native} or {@code java}
 * @param patience epochs without a better validation loss before training stops; null: never
 * @param checkpointEvery how often a checkpoint is written
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record TrainingConfig(
        Integer epochs,
        Integer batch,
        OptimizerConfig optimizer,
        Beta beta,
        Double freeBits,
        @Nullable Augmentation augment,
        Long seed,
        ShardCount shards,
        String exchange,
        @Nullable Integer roundSteps,
        String blas,
        @Nullable Integer patience,
        CheckpointEvery checkpointEvery)
        implements Serializable {

    /** Every key may be absent; null stands for its default. */
    @JsonCreator
    public TrainingConfig(
            @JsonProperty("epochs") @Nullable Integer epochs,
            @JsonProperty("batch") @Nullable Integer batch,
            @JsonProperty("optimizer") @Nullable OptimizerConfig optimizer,
            @JsonProperty("beta") @Nullable Beta beta,
            @JsonProperty("freeBits") @Nullable Double freeBits,
            @JsonProperty("augment") @Nullable Augmentation augment,
            @JsonProperty("seed") @Nullable Long seed,
            @JsonProperty("shards") @Nullable ShardCount shards,
            @JsonProperty("exchange") @Nullable String exchange,
            @JsonProperty("roundSteps") @Nullable Integer roundSteps,
            @JsonProperty("blas") @Nullable String blas,
            @JsonProperty("patience") @Nullable Integer patience,
            @JsonProperty("checkpointEvery") @Nullable CheckpointEvery checkpointEvery) {
        this.epochs = atLeastOne("training.epochs", epochs == null ? 20 : epochs);
        this.batch = atLeastOne("training.batch", batch == null ? 512 : batch);
        this.optimizer = optimizer == null ? OptimizerConfig.DEFAULT : optimizer;
        this.beta = beta == null ? Beta.ONE : beta;
        this.freeBits = freeBits == null ? 0.0 : freeBits;
        this.augment = augment;
        this.seed = seed == null ? 0L : seed;
        this.shards = shards == null ? ShardCount.AUTO : shards;
        this.exchange = oneOf("training.exchange", exchange == null ? "auto" : exchange, "auto", "allreduce", "driver");
        this.roundSteps = roundSteps == null ? null : Integer.valueOf(atLeastOne("training.roundSteps", roundSteps));
        this.blas = oneOf("training.blas", blas == null ? "native" : blas, "native", "java");
        this.patience = patience == null ? null : Integer.valueOf(atLeastOne("training.patience", patience));
        this.checkpointEvery = checkpointEvery == null ? new CheckpointEvery(1, null, null) : checkpointEvery;
        if (this.shards.value() != null && Integer.bitCount(this.shards.value()) != 1) {
            throw new IllegalArgumentException(
                    "training.shards must be auto or a power of two (1, 2, 4, …), found " + this.shards.value());
        }
        if (!(this.freeBits >= 0)) {
            throw new IllegalArgumentException("training.freeBits must be 0 or more, found " + freeBits);
        }
        // Here, so that a key that is not known is told first.
        if (augment != null && augment.shift() == null && augment.noise() == null) {
            throw new IllegalArgumentException(
                    "training.augment needs shift, noise or both, such as {shift: 2, noise: 0.1}");
        }
    }

    /** All defaults. */
    public static TrainingConfig defaults() {
        return new TrainingConfig(null, null, null, null, null, null, null, null, null, null, null, null, null);
    }

    /** The same with the number of shards settled. */
    public TrainingConfig withShards(int settled) {
        return new TrainingConfig(
                epochs,
                batch,
                optimizer,
                beta,
                freeBits,
                augment,
                seed,
                new ShardCount(settled),
                exchange,
                roundSteps,
                blas,
                patience,
                checkpointEvery);
    }

    /** The number of shards, or {@code auto}. */
    public record ShardCount(@Nullable Integer value) implements Serializable {
        public static final ShardCount AUTO = new ShardCount((Integer) null);

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static ShardCount of(Object value) {
            if ("auto".equals(value)) {
                return AUTO;
            }
            if (value instanceof Integer n && n >= 1) {
                return new ShardCount(n);
            }
            throw new IllegalArgumentException(
                    "training.shards must be auto or a power of two, found '%s'".formatted(value));
        }

        @JsonValue
        public Object json() {
            return value == null ? "auto" : value;
        }
    }

    /** When a checkpoint is written: every so many epochs, steps or minutes; exactly one is set. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record CheckpointEvery(
            @Nullable Integer epochs,
            @Nullable Long steps,
            @Nullable Double minutes) implements Serializable {
        public CheckpointEvery {
            long set = java.util.stream.Stream.of(epochs, steps, minutes)
                    .filter(java.util.Objects::nonNull)
                    .count();
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
        public static final Beta ONE = of(1.0);

        public Beta {
            if (cycles != null) {
                atLeastOne("training.beta.cycles", cycles);
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
            java.util.Map<String, Object> map = new java.util.LinkedHashMap<>();
            if (warmup != null) {
                map.put("warmup", warmup);
            }
            if (cycles != null) {
                map.put("cycles", cycles);
                map.put("rise", rise == null ? 0.5 : rise);
            }
            map.put("to", to == null ? 1.0 : to);
            return map;
        }

        /** β as a function of the share of steps done. */
        public Schedule toSchedule() {
            double target = to == null ? 1.0 : to;
            if (constant != null) {
                return new Schedule.Constant(constant);
            }
            return cycles != null
                    ? new Schedule.Cyclic(cycles, rise == null ? 0.5 : rise, target)
                    : new Schedule.Warmup(warmup == null ? 1.0 : warmup, new Schedule.Constant(target));
        }
    }

    static int atLeastOne(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException("%s must be at least 1, found %s".formatted(key, value));
        }
        return value;
    }

    static String oneOf(String key, String value, String... allowed) {
        if (!java.util.List.of(allowed).contains(value)) {
            throw new IllegalArgumentException(
                    "%s must be one of %s, found '%s'".formatted(key, String.join(", ", allowed), value));
        }
        return value;
    }
}
