package io.cvaespark.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.data.codec.Range;
import io.cvaespark.data.computed.Formula;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a job says of one column. A further key is one more component here, and one more null in the constructor of a bare name.
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
 * @param missing what an empty cell of a target is; null: a value, where the decoder can generate one
 * @param formula of a target that is not modelled, because it follows from other columns: see {@link Formula}; null elsewhere
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
        @Nullable Integer maxLevels,
        @Nullable Missing missing,
        @Nullable String formula) {

    /** What an empty cell of a target is. */
    public enum Missing {
        /** One more value, which is generated as others are. */
        GENERATE,
        /** A value that is not known: it counts for nothing, and is never generated. */
        IGNORE;

        /** The value called {@code name} in job files. */
        @JsonCreator
        static Missing of(String name) {
            for (Missing each : values()) {
                if (each.toString().equals(name)) {
                    return each;
                }
            }
            throw new IllegalArgumentException("missing must be generate or ignore, found '%s'".formatted(name));
        }

        /** The name in job files. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public static final int DEFAULT_MAX_LEVELS = 1000;

    /** The type of a target that is an {@link io.cvaespark.data.computed.Identifier}. */
    public static final String ID = "id";

    @JsonCreator
    public ColumnSpec {
        if (type != null && !type.equals(ID)) {
            ColumnType.of(type);
        }
        boolean modelled =
                likelihood != null || binarize != null || range != null || embedding != null || missing != null;
        if ((ID.equals(type) || formula != null) && modelled || (type != null && formula != null)) {
            throw new IllegalArgumentException("Column '%s' has %s, so it is not modelled: leave its other settings out"
                    .formatted(column, formula == null ? "type id" : "a formula"));
        }
        if (formula != null) {
            Formula unused = Formula.parse(formula);
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
        this(column, null, null, null, null, null, null, null, null, null, null);
    }

    /** The type that the spec itself determines; null when only the column can tell. */
    public @Nullable ColumnType statedType() {
        if (!isModelled()) {
            throw new IllegalStateException("A column that is not modelled has no type: '%s'".formatted(column));
        }
        return type != null ? ColumnType.of(type) : ColumnType.ofLikelihood(likelihood);
    }

    /** The same with a type. */
    public ColumnSpec withType(String other) {
        return with("type", other);
    }

    /**
     * The same with another value of a key.
     *
     * @param key as in a job file
     * @param value null: the job says nothing of it
     */
    public ColumnSpec with(String key, @Nullable Object value) {
        ObjectNode tree = Json.MAPPER.valueToTree(this);
        if (value == null) {
            tree.remove(key);
        } else {
            tree.putPOJO(key, value);
        }
        try {
            return Json.MAPPER.readValue(Json.MAPPER.writeValueAsBytes(tree), ColumnSpec.class);
        } catch (JsonProcessingException e) {
            String why =
                    e.getCause() == null ? e.getOriginalMessage() : e.getCause().getMessage();
            throw new IllegalArgumentException(why, e);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** Returns whether the column is part of the model: it is no identifier, and does not follow from others. */
    @JsonIgnore
    public boolean isModelled() {
        return !ID.equals(type) && formula == null;
    }

    public boolean dynamicBinarization() {
        return binarize != null;
    }

    public int levelLimit() {
        return maxLevels == null ? DEFAULT_MAX_LEVELS : maxLevels;
    }
}
