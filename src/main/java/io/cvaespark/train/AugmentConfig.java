package io.cvaespark.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.batch.Augmentation;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;

/** How rows are changed at every visit: {@code training.augment} of a job. */
public final class AugmentConfig extends Section<AugmentConfig> {
    public static final Keys KEYS = new Keys("training.augment");

    public static final Key<Integer> SHIFT = KEYS.add(Key.integer(
            "shift",
            null,
            Check.atLeast(1),
            "The most pixels by which the target image is moved up or down and left or right"));

    public static final Key<Double> NOISE = KEYS.add(Key.number(
            "noise",
            null,
            new Check<>(
                    "must be a positive number", n -> n.floatValue() > 0 && n.floatValue() < Float.POSITIVE_INFINITY),
            "The standard deviation of the normal noise that is added to what the networks see of x"));

    public AugmentConfig(Values values) {
        super(values);
        if (find(SHIFT) == null && find(NOISE) == null) {
            throw new IllegalArgumentException(
                    "training.augment needs shift, noise or both, such as {shift: 2, noise: 0.1}");
        }
    }

    /** What a job says; throws for keys that are not known and values that are not taken. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static AugmentConfig of(JsonNode json) {
        return new AugmentConfig(KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected AugmentConfig of(Values other) {
        return new AugmentConfig(other);
    }

    Augmentation toAugmentation() {
        return new Augmentation(find(SHIFT), find(NOISE));
    }
}
