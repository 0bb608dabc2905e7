package io.cvaespark.data;

import java.io.Serializable;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over the table learns of one column: exact moments, levels, and whatever is wrong with it.
 *
 * <p>Merging is exact, so the result does not depend on the partitioning; of several bad rows the example is the one with
 * the smallest hash.
 */
public final class ColumnSummary implements Serializable {
    private final boolean hasLevels;
    private final int levelLimit;
    private final boolean moments;
    private long nulls;
    private long notFinite;
    private long outsideUnit;
    private int shortest = Integer.MAX_VALUE;
    private int longest = -1;
    private @Nullable Example nullExample;
    private @Nullable Example notFiniteExample;
    private @Nullable Example outsideExample;
    private ExactSum[] sums = {};
    private ExactSum[] squares = {};
    private long rows;
    private final Set<String> levels = new HashSet<>();

    /** A row to show, with its hash. */
    record Example(long hash, String text) implements Serializable {
        static Example smaller(@Nullable Example a, @Nullable Example b) {
            if (a == null) {
                return java.util.Objects.requireNonNull(b);
            }
            return b == null || Long.compareUnsigned(a.hash, b.hash) <= 0 ? a : b;
        }
    }

    /**
     * @param hasLevels whether cells are levels rather than numbers
     * @param levelLimit levels are collected up to one more than this
     * @param moments whether Σv and Σv² are wanted
     */
    public ColumnSummary(boolean hasLevels, int levelLimit, boolean moments) {
        this.hasLevels = hasLevels;
        this.levelLimit = levelLimit;
        this.moments = moments;
    }

    /** A new summary of the same kind that has seen nothing. */
    public ColumnSummary empty() {
        return new ColumnSummary(hasLevels, levelLimit, moments);
    }

    public boolean hasLevels() {
        return hasLevels;
    }

    /** Counts a null cell. */
    public void addNull(long hash, String row) {
        nulls++;
        nullExample = Example.smaller(nullExample, new Example(hash, row));
    }

    /** Counts a level. */
    public void addLevel(String level) {
        rows++;
        if (levels.size() <= levelLimit) {
            levels.add(level);
        }
    }

    /**
     * Counts a numeric cell, {@code cell[0 .. length)}.
     *
     * @param fitted whether the row is a training row, of which moments are taken
     */
    public void addNumbers(double[] cell, int length, boolean fitted, long hash, Supplier row) {
        rows++;
        shortest = Math.min(shortest, length);
        longest = Math.max(longest, length);
        boolean finite = true;
        boolean inside = true;
        for (int j = 0; j < length; j++) {
            finite &= Math.abs(cell[j]) <= Float.MAX_VALUE;
            inside &= cell[j] >= 0 && cell[j] <= 1;
        }
        if (!finite) {
            notFinite++;
            notFiniteExample = Example.smaller(notFiniteExample, new Example(hash, row.get()));
        } else if (!inside) {
            if (outsideUnit++ == 0 || outsideExample == null || Long.compareUnsigned(hash, outsideExample.hash()) < 0) {
                outsideExample = Example.smaller(outsideExample, new Example(hash, row.get()));
            }
        }
        if (moments && finite && fitted) {
            grow(length);
            for (int j = 0; j < length; j++) {
                sums[j].add(cell[j]);
                squares[j].addSquare(cell[j]);
            }
        }
    }

    /** A row's text, made only when it is needed. */
    public interface Supplier {
        String get();
    }

    public ColumnSummary merge(ColumnSummary other) {
        nulls += other.nulls;
        notFinite += other.notFinite;
        outsideUnit += other.outsideUnit;
        shortest = Math.min(shortest, other.shortest);
        longest = Math.max(longest, other.longest);
        rows += other.rows;
        if (nullExample != null || other.nullExample != null) {
            nullExample = Example.smaller(nullExample, other.nullExample);
        }
        if (notFiniteExample != null || other.notFiniteExample != null) {
            notFiniteExample = Example.smaller(notFiniteExample, other.notFiniteExample);
        }
        if (outsideExample != null || other.outsideExample != null) {
            outsideExample = Example.smaller(outsideExample, other.outsideExample);
        }
        grow(other.sums.length);
        for (int j = 0; j < other.sums.length; j++) {
            sums[j].add(other.sums[j]);
            squares[j].add(other.squares[j]);
        }
        levels.addAll(other.levels);
        return this;
    }

    /** The cell's length in every row; for scalars 1. */
    public int length() {
        return longest;
    }

    /** Levels seen, unsorted; one more than the limit when there are too many. */
    public Set<String> levels() {
        return levels;
    }

    /** Exact Σv of component {@code j} over the training rows. */
    public ExactSum sum(int j) {
        return sums[j];
    }

    /** Exact Σv² of component {@code j} over the training rows. */
    public ExactSum squares(int j) {
        return squares[j];
    }

    /**
     * Throws {@link IllegalArgumentException} for whatever the column cannot be trained with.
     *
     * @param unit whether its values must lie in [0,1]
     */
    public void check(String column, boolean unit) {
        if (nulls > 0) {
            throw bad(column, nulls, "null", nullExample);
        }
        if (notFinite > 0) {
            throw bad(column, notFinite, "NaN or infinite values (as float32)", notFiniteExample);
        }
        if (longest >= 0 && shortest != longest) {
            throw new IllegalArgumentException(
                    "Column '%s' has vectors of differing lengths: %s and %s. All must have the same length"
                            .formatted(column, shortest, longest));
        }
        if (longest == 0) {
            throw new IllegalArgumentException("Column '%s' has vectors of length 0".formatted(column));
        }
        if (unit && outsideUnit > 0) {
            throw new IllegalArgumentException(
                    "Column '%s' must lie in [0, 1] for a binary type (Bernoulli likelihood), but %s of %s rows do not, such as %s. Scale it, or use type: continuous"
                            .formatted(column, outsideUnit, rows, text(outsideExample)));
        }
        if (hasLevels && levels.size() > levelLimit) {
            throw new IllegalArgumentException(
                    "Column '%s' has more than %s levels. Raise maxLevels of the column if it really is categorical, or use type: continuous"
                            .formatted(column, levelLimit));
        }
        if (hasLevels && levels.size() == 1) {
            throw new IllegalArgumentException(
                    "Categorical column '%s' has one category only, '%s'; leave it out, it says nothing"
                            .formatted(column, levels.iterator().next()));
        }
    }

    private IllegalArgumentException bad(String column, long count, String what, @Nullable Example example) {
        return new IllegalArgumentException(
                "Column '%s' is or contains %s in %s of %s rows, such as %s. Filter these rows out or fill them in"
                        .formatted(column, what, count, rows + nulls, text(example)));
    }

    private static String text(@Nullable Example example) {
        return example == null ? "?" : example.text();
    }

    private void grow(int length) {
        if (sums.length < length) {
            int before = sums.length;
            sums = java.util.Arrays.copyOf(sums, length);
            squares = java.util.Arrays.copyOf(squares, length);
            for (int j = before; j < length; j++) {
                sums[j] = new ExactSum();
                squares[j] = new ExactSum();
            }
        }
    }
}
