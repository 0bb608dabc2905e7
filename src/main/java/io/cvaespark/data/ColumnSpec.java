package io.cvaespark.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.cvaespark.data.codec.Range;
import org.jspecify.annotations.Nullable;

/**
 * What a job says of one column.
 *
 * @param column its name
 * @param type what its values mean; null: from the likelihood, else from the column's own type
 * @param likelihood of a target; null: the type's default
 * @param variance σ² of {@code gaussian-fixed}
 * @param binarize {@code dynamic}: values are probabilities, a new 0/1 draw at every visit
 * @param standardize whether a continuous column is standardised; null means yes
 * @param range of a continuous target: its values lie there, and what the model generates is cut to it; null: unbounded
 * @param embedding width of a vector that the networks learn for each level of a categorical condition; null: it is one-hot
 * @param maxLevels most levels a categorical column may have; null means {@value #DEFAULT_MAX_LEVELS}
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ColumnSpec(
        @JsonProperty(value = "column", required = true) String column,
        @Nullable String type,
        @Nullable String likelihood,
        @Nullable Double variance,
        @Nullable String binarize,
        @Nullable Boolean standardize,
        @Nullable Range range,
        @Nullable Integer embedding,
        @Nullable Integer maxLevels) {

    public static final int DEFAULT_MAX_LEVELS = 1000;

    /** The type of a target that is an {@link Identifier}. */
    public static final String ID = "id";

    @JsonCreator
    public ColumnSpec {
        if (type != null && !type.equals(ID)) {
            ColumnType.of(type);
        }
        if (ID.equals(type) && (likelihood != null || binarize != null || range != null || embedding != null)) {
            throw new IllegalArgumentException(
                    "Column '%s' has type id, which is not modelled: leave its other settings out".formatted(column));
        }
        ColumnType implied = ColumnType.ofLikelihood(likelihood);
        if (type != null && implied != null && !ColumnType.of(type).kind().takesLikelihoodsOf(implied)) {
            throw new IllegalArgumentException(
                    "Column '%s' has type %s and likelihood %s, which is for type %s. Leave one of the two out"
                            .formatted(column, type, likelihood, implied));
        }
        if (embedding != null && embedding < 1) {
            throw new IllegalArgumentException(
                    "embedding of column '%s' must be a width of at least 1, found %s".formatted(column, embedding));
        }
        if (binarize != null && !binarize.equals("dynamic")) {
            throw new IllegalArgumentException(
                    "binarize of column '%s' must be dynamic or absent, found '%s'".formatted(column, binarize));
        }
    }

    /** A bare column name: everything from the column's own type. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ColumnSpec(String column) {
        this(column, null, null, null, null, null, null, null, null);
    }

    /** The type that the spec itself determines; null when only the column can tell. */
    public @Nullable ColumnType statedType() {
        if (tellsRowsApart()) {
            throw new IllegalStateException("An identifier has no type: '%s'".formatted(column));
        }
        return type != null ? ColumnType.of(type) : ColumnType.ofLikelihood(likelihood);
    }

    /** The same with a type. */
    public ColumnSpec withType(String other) {
        return new ColumnSpec(column, other, likelihood, variance, binarize, standardize, range, embedding, maxLevels);
    }

    /** Returns whether the column only tells rows apart. */
    public boolean tellsRowsApart() {
        return ID.equals(type);
    }

    public boolean dynamicBinarization() {
        return binarize != null;
    }

    public int levelLimit() {
        return maxLevels == null ? DEFAULT_MAX_LEVELS : maxLevels;
    }
}
