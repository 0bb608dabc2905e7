package io.cvaespark.data.codec;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;

/** The numbers from {@code low} to {@code high}, both included; in JSON and YAML {@code [low, high]}. */
public record Range(double low, double high) implements Serializable {
    public Range {
        if (!(low < high) || Double.isInfinite(low) || Double.isInfinite(high)) {
            throw new IllegalArgumentException(
                    "range must be [low, high], two numbers, the lower one first, found [%s, %s]".formatted(low, high));
        }
    }

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static Range of(List<Double> ends) {
        if (ends.size() != 2 || ends.contains(null)) {
            throw new IllegalArgumentException(
                    "range must be [low, high], two numbers, the lower one first, found " + ends);
        }
        return new Range(ends.get(0), ends.get(1));
    }

    @JsonValue
    public List<Double> ends() {
        return List.of(low, high);
    }

    public boolean contains(double value) {
        return value >= low && value <= high;
    }

    /** Such as {@code 17 to 90}. */
    String describe() {
        return "%s to %s".formatted(text(low), text(high));
    }

    private static String text(double end) {
        return BigDecimal.valueOf(end)
                .round(new MathContext(7))
                .stripTrailingZeros()
                .toPlainString();
    }

    /** The nearest number of the range; NaN stays. */
    public double cut(double value) {
        return Math.min(high, Math.max(low, value));
    }
}
