package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import java.io.Serializable;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One column of the table as the model knows it.
 *
 * @param column its name
 * @param dataType its Spark SQL type, as JSON, which samples are cast back to
 * @param type what its values mean
 * @param codec fitted
 * @param likelihood p(x|η) of a target column; null for a condition
 * @param variance of {@code gaussian-fixed}; null elsewhere
 * @param binarize whether its values are probabilities of which a new 0/1 draw is made at every visit
 */
public record Field(
        String column,
        String dataType,
        ColumnType type,
        Codec codec,
        @Nullable String likelihood,
        @Nullable Double variance,
        boolean binarize)
        implements Serializable {

    /** The form of its cells: vectors are of the SQL types that have parts (arrays, Spark ML vectors), objects as JSON. */
    public CellForm form() {
        return form(type, dataType);
    }

    static CellForm form(ColumnType type, String dataType) {
        if (type.kind().hasLevels()) {
            return CellForm.LEVEL;
        }
        return dataType.startsWith("{") ? CellForm.VECTOR : CellForm.NUMBER;
    }

    /** The code of an empty cell; −1 where an empty cell has none, and counts for nothing. */
    public int missingCode() {
        return codec instanceof Codec.OrMissing ? codec.codes() - 1 : -1;
    }

    /** This column without its empty cells. */
    Field ofPresentCells() {
        return codec instanceof Codec.OrMissing orMissing
                ? new Field(column, dataType, type, orMissing.known(), likelihood, variance, binarize)
                : this;
    }

    /** Returns whether its cells are levels rather than numbers. */
    public boolean hasLevels() {
        return type.kind().hasLevels();
    }

    /** The levels, in the order of their numbers; throws for a column that has none. */
    public List<String> levels() {
        if (!hasLevels()) {
            throw new IllegalArgumentException(
                    "Only a categorical column has levels to go through; '%s' is %s".formatted(column, type));
        }
        return codec.levels();
    }

    /** Returns whether it has levels, and no more than {@code most} of them. */
    public boolean hasLevelsUpTo(int most) {
        return hasLevels() && codec.levels().size() <= most;
    }

    /** Throws unless {@code level} is one of the levels. */
    public void requireLevel(String level) {
        if (!levels().contains(level)) {
            throw CategoricalKind.unknownLevel(this, level);
        }
    }
}
