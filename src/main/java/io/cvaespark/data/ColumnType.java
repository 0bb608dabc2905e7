package io.cvaespark.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a column's values mean; a vector column is a vector of one of them. */
public enum ColumnType {
    /** Numbers on a scale; standardised. */
    CONTINUOUS,
    /** Yes or no, or numbers in [0,1]. */
    BINARY,
    /** One of a set of levels; one-hot. */
    CATEGORICAL,
    /** How many: 0, 1, 2, …; as it is in x, standardised ln(1 + v) in c. */
    COUNT;

    /** The type called {@code name} in job files; throws naming the known ones. */
    public static ColumnType of(String name) {
        return Arrays.stream(values())
                .filter(t -> t.toString().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("Unknown column type '%s'; known: %s"
                        .formatted(
                                name,
                                Arrays.stream(values())
                                        .map(ColumnType::toString)
                                        .collect(Collectors.joining(", ")))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
