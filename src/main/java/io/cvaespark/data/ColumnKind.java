package io.cvaespark.data;

import io.cvaespark.data.codec.Codec;
import java.util.List;

/**
 * One kind of column: what its values mean, which of them it can hold, what is learnt of them, and how a cell becomes floats
 * and comes back. Cells are plain Java values ({@link CellForm}); there is no Spark here.
 *
 * <p>A kind has no state of its own: what is fitted to a column is in the column's {@link Codec}.
 *
 * <p>To add a kind, touch two files:
 *
 * <ol>
 *   <li>Write a class of this package: extend {@link NumberKind} where cells are numbers, or implement this interface. A
 *       codec of its own is a nested record, which implements {@link Codec.Numbers} or {@link Codec.Categories}, carries its
 *       name in schema.json as {@code @JsonTypeName}, and is listed by {@link #codecs}.
 *   <li>Register it as a constant of {@link ColumnType}, whose name is the {@code type} of job files.
 * </ol>
 *
 * <p>{@code ColumnKindTest} then checks it, once that has values of it. Spark casts what it can to text and to doubles; a
 * kind of columns that Spark casts to neither (dates) needs its casts in {@code spark.table.Columns} as well.
 */
public interface ColumnKind {

    /** Returns whether a cell is one of a set of levels, rather than a number or a vector of numbers. */
    boolean hasLevels();

    /** The likelihood p(x|η) of a target for which the job names none. */
    String defaultLikelihood(ColumnRequest column);

    /** The likelihoods that are of this kind alone: a job that names one, and no type, means it. */
    default List<String> likelihoods() {
        return List.of();
    }

    /** Returns whether a target of this kind may have a likelihood that means the kind {@code implied}. */
    default boolean takesLikelihoodsOf(ColumnType implied) {
        return implied.kind() == this;
    }

    /** The names of the SQL types whose columns are of this kind when the job says nothing. */
    default List<String> sqlTypes() {
        return List.of();
    }

    /** Returns whether a target may have a {@code range}. */
    default boolean takesRange() {
        return false;
    }

    /** Returns whether a target may be binarised anew at every visit. */
    default boolean takesBinarize() {
        return false;
    }

    /** Returns whether a condition may have an {@code embedding}. */
    default boolean takesEmbedding() {
        return false;
    }

    /** Prepares to look at the cells of a column. */
    ColumnSummary summary(ColumnRequest column);

    /**
     * Fits the column's codec.
     *
     * @param seen what {@link #summary} has seen of the rows
     * @throws IllegalArgumentException when there is too little to fit
     */
    Codec fit(ColumnRequest column, ColumnSummary seen);

    /** The classes of codecs that {@link #fit} can return. */
    List<Class<? extends Codec>> codecs();

    /** Prepares to encode many cells of a fitted column; the result is for one thread. */
    CellEncoder encoder(Field field);

    /** Prepares to decode many cells of a fitted column; the result is for one thread. */
    CellDecoder decoder(Field field);

    /** The cell that lies {@code share} of the way from one cell to another; the first where there is nothing in between. */
    default Object between(Object from, Object to, double share) {
        return from;
    }

    /** Returns whether small noise leaves a value one of this kind. */
    default boolean takesNoise() {
        return false;
    }

    /** Returns whether the networks see ln(1 + x) of a target x. */
    default boolean isSeenAsLogarithm() {
        return false;
    }

    /** A cell that its column cannot hold: the fault of one row, which {@link HandleInvalid} decides about. */
    final class InvalidCellException extends IllegalArgumentException {

        /** @param message the column, what was expected, and what was found */
        InvalidCellException(String message) {
            super(message);
        }
    }

    /** Writes the floats of one cell. */
    @FunctionalInterface
    interface CellEncoder {
        /**
         * Writes the floats of a known cell, and NaN for each unknown number of a vector.
         *
         * @return whether all of the cell is known
         * @throws IllegalArgumentException naming the column, for what it cannot hold
         */
        boolean encode(Object cell, float[] out, int offset);
    }

    /** Reads one cell back. */
    @FunctionalInterface
    interface CellDecoder {
        Object decode(float[] in, int offset);
    }
}
