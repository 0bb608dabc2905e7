package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.util.List;
import java.util.Locale;

/** The distribution p(z|c): {@code model.prior} of a job, a name or a map. */
public final class PriorConfig extends Section<PriorConfig> {
    public static final Keys KEYS = new Keys("model.prior");

    public static final Key<PriorSpec.Type> TYPE = KEYS.add(Key.choice(
            "type",
            PriorSpec.Type.STANDARD,
            PriorSpec.Type.ofModels(),
            "The kind; a name in place of the map is this"));

    public static final Key<Integer> COMPONENTS = KEYS.add(
            Key.integer("components", 20, Check.atLeast(1), "Of mixture and vamp: how many components they have")
                    .unwritten());

    public static final Key<Weights> WEIGHTS = KEYS.add(Key.choice(
                    "weights",
                    Weights.LEARNED,
                    List.of(Weights.values()),
                    "Of mixture: the components' weights are learned numbers, or a network of the condition gives them")
            .unwritten());

    /** What gives the weights of a mixture. */
    public enum Weights {
        LEARNED,
        CONDITION;

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public PriorConfig(Values values) {
        super(values);
    }

    /** What a job says, a name or a map; throws for keys that are not known and values that are not taken. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static PriorConfig of(JsonNode json) {
        return new PriorConfig(json.isTextual() ? new Values().set(TYPE, TYPE.read(json)) : KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected PriorConfig of(Values other) {
        return new PriorConfig(other);
    }

    public PriorSpec.Type type() {
        return get(TYPE);
    }

    /** The prior of these settings; throws for what its type does not have. */
    PriorSpec toSpec() {
        if (has(COMPONENTS) && !type().mixes()) {
            throw new IllegalArgumentException(
                    "model.prior.components is for a mixture or vamp prior, found %s of %s: leave it out"
                            .formatted(get(COMPONENTS), type()));
        }
        if (has(WEIGHTS) && type() != PriorSpec.Type.MIXTURE) {
            throw new IllegalArgumentException(
                    "model.prior.weights is for a mixture, found type %s: leave it out".formatted(type()));
        }
        return new PriorSpec(type(), type().mixes() ? get(COMPONENTS) : 0, get(WEIGHTS) == Weights.CONDITION);
    }
}
