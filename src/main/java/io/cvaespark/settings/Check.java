package io.cvaespark.settings;

import java.io.Serializable;

/**
 * The values that a key takes.
 *
 * @param expected completes a sentence that begins with the key, such as {@code must be at least 1}; empty: every value
 * @param test holds for the values that are taken
 */
public record Check<T>(String expected, Test<T> test) implements Serializable {

    /** A condition that can be sent to executors. */
    @FunctionalInterface
    public interface Test<T> extends Serializable {
        boolean holds(T value);
    }

    /** Every value of the key's type. */
    public static <T> Check<T> anything() {
        return new Check<>("", value -> true);
    }

    /** Numbers of at least {@code least}. */
    public static <N extends Number> Check<N> atLeast(int least) {
        String expected = least == 0 ? "must be 0 or more" : "must be at least %s".formatted(least);
        return new Check<>(expected, n -> n.doubleValue() >= least);
    }

    /** Finite numbers above 0. */
    public static Check<Double> positive() {
        return new Check<>("must be a positive number", n -> n > 0 && n < Double.POSITIVE_INFINITY);
    }

    /** Finite numbers from 0. */
    public static Check<Double> notNegative() {
        return new Check<>("must be a number of at least 0", n -> n >= 0 && n < Double.POSITIVE_INFINITY);
    }

    /** Numbers from 0, 1 excluded. */
    public static Check<Double> belowOne() {
        return new Check<>("must be at least 0 and below 1", n -> n >= 0 && n < 1);
    }

    /** Numbers between 0 and 1, neither included. */
    public static Check<Double> betweenZeroAndOne() {
        return new Check<>("must lie between 0 and 1", n -> n > 0 && n < 1);
    }

    /** The range as a table shows it, such as {@code at least 1}. */
    public String range() {
        return expected.replaceFirst("^(must be|must lie|is) ", "");
    }
}
