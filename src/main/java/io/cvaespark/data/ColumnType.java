package io.cvaespark.data;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The registered kinds of columns, by the names that job files and schema.json know them by; a vector column is a vector of
 * one of them. {@link ColumnKind} says how to add one.
 */
public enum ColumnType {
    /** Numbers on a scale; standardised. */
    CONTINUOUS(new ContinuousKind()),
    /** Yes or no, or numbers in [0,1]. */
    BINARY(new BinaryKind()),
    /** One of a set of levels; one-hot. */
    CATEGORICAL(new CategoricalKind()),
    /** How many: 0, 1, 2, …; as it is in x, standardised ln(1 + v) in c. */
    COUNT(new CountKind());

    private final ColumnKind kind;

    ColumnType(ColumnKind kind) {
        this.kind = kind;
    }

    /** All that depends on what the values mean. */
    public ColumnKind kind() {
        return kind;
    }

    /** The type that the likelihood called {@code name} means; null when no kind claims it. */
    static @Nullable ColumnType ofLikelihood(@Nullable String name) {
        return Arrays.stream(values())
                .filter(t -> name != null && t.kind.likelihoods().contains(name))
                .findFirst()
                .orElse(null);
    }

    /** The type of a column of the SQL type called {@code name}; {@link #CONTINUOUS} for all that no kind claims. */
    public static ColumnType ofSqlType(String name) {
        return Arrays.stream(values())
                .filter(t -> t.kind.sqlTypes().contains(name))
                .findFirst()
                .orElse(CONTINUOUS);
    }

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
