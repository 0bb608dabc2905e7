package io.cvaespark.data;

import io.cvaespark.data.codec.Moments;
import io.cvaespark.data.codec.Range;
import io.cvaespark.data.codec.ValueSample;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one pass over the table learns of one column: exact moments, levels, and whatever is wrong with it.
 *
 * <p>Merging is exact, so the result does not depend on the partitioning; of several bad rows the example is the one with
 * the smallest hash.
 */
public final class ColumnSummary implements Serializable {
    /** Stands for a null inside a vector: a NaN of its own, which no arithmetic makes. */
    public static final double MISSING = Double.longBitsToDouble(0x7ff8_6d69_7373_0001L);

    private static final long MISSING_BITS = Double.doubleToRawLongBits(MISSING);

    private final ColumnType type;
    private final int levelLimit;
    private final boolean numeric;
    private final boolean moments;
    private final @Nullable Range range;
    private long nulls;
    private long incomplete;
    private @Nullable Example incompleteExample;
    private long notFinite;
    private long outside;
    private long refused;
    private int shortest = Integer.MAX_VALUE;
    private int longest = -1;
    private @Nullable Example nullExample;
    private @Nullable Example notFiniteExample;
    private @Nullable Example outsideExample;
    private @Nullable Example refusedExample;
    private final Moments sums = new Moments();
    private long rows;
    private double lowest = Double.POSITIVE_INFINITY;
    private double highest = Double.NEGATIVE_INFINITY;
    private final Map<String, Long> levels = new HashMap<>();
    private boolean oneLevelIsEnough;
    private @Nullable ValueSample values;

    /** A row to show, with its hash. */
    record Example(long hash, String text) implements Serializable {
        static Example smaller(@Nullable Example a, @Nullable Example b) {
            if (a == null) {
                return java.util.Objects.requireNonNull(b);
            }
            return b == null || Long.compareUnsigned(a.hash, b.hash) <= 0 ? a : b;
        }
    }

    private ColumnSummary(ColumnType type, int levelLimit, boolean numeric, boolean moments, @Nullable Range range) {
        this.type = type;
        this.levelLimit = levelLimit;
        this.numeric = numeric;
        this.moments = moments;
        this.range = range;
    }

    /**
     * Of a column of levels.
     *
     * @param limit levels are collected up to one more than this
     * @param numeric whether they are numbers, none of which may be NaN or infinite
     */
    public static ColumnSummary ofLevels(ColumnType type, int limit, boolean numeric) {
        return new ColumnSummary(type, limit, numeric, false, null);
    }

    /**
     * Of a column of numbers.
     *
     * @param moments whether Σv and Σv² of the kind's {@linkplain NumberKind#measured measured} numbers v are wanted
     * @param range that numbers must lie in; null: any that the kind holds
     */
    public static ColumnSummary ofNumbers(ColumnType type, boolean moments, @Nullable Range range) {
        return new ColumnSummary(type, 0, false, moments, range);
    }

    /** A new summary of the same kind that has seen nothing. */
    public ColumnSummary empty() {
        ColumnSummary empty = new ColumnSummary(type, levelLimit, numeric, moments, range);
        empty.oneLevelIsEnough = oneLevelIsEnough;
        empty.values = values == null ? null : new ValueSample();
        return empty;
    }

    /** The same for a column whose level, or number, may be one and the same in all rows, or missing in all. */
    ColumnSummary allowingOne() {
        oneLevelIsEnough = true;
        return this;
    }

    /** The same, which also learns how the training rows' numbers are distributed; for a column of single numbers. */
    ColumnSummary withDistribution() {
        values = new ValueSample();
        return this;
    }

    /**
     * Counts a cell.
     *
     * @param cell its plain value
     * @param fitted whether the row is a training row, of which moments are taken
     */
    public void add(@Nullable Object cell, boolean fitted, long hash, Supplier row) {
        if (cell == null) {
            nulls++;
            nullExample = example(nullExample, hash, row);
        } else if (cell instanceof String level) {
            addLevel(level, hash, row);
        } else {
            addNumbers(cell instanceof double[] vector ? vector : new double[] {(Double) cell}, fitted, hash, row);
        }
    }

    /**
     * Returns whether a row with this cell can be trained on, as far as one row shows: vectors of differing lengths and too many
     * levels are faults of the column.
     *
     * @param mayMiss whether cells may be null
     */
    public boolean accepts(@Nullable Object cell, boolean mayMiss) {
        if (cell == null) {
            return mayMiss;
        }
        if (cell instanceof String level) {
            return !isNoNumber(level);
        }
        NumberKind kind = (NumberKind) type.kind();
        for (double value : cell instanceof double[] vector ? vector : new double[] {(Double) cell}) {
            boolean accepted = isMissing(value)
                    ? mayMiss
                    : Math.abs(value) <= Float.MAX_VALUE
                            && (range == null || range.contains(value))
                            && kind.holds(value);
            if (!accepted) {
                return false;
            }
        }
        return true;
    }

    /** True for the text of a NaN or an infinity in a column of numbers. */
    private boolean isNoNumber(String level) {
        return numeric && (level.equals("NaN") || level.equals("Infinity") || level.equals("-Infinity"));
    }

    private void addLevel(String level, long hash, Supplier row) {
        rows++;
        if (isNoNumber(level)) {
            notFinite++;
            notFiniteExample = example(notFiniteExample, hash, row);
            return;
        }
        if (levels.size() <= levelLimit) {
            levels.merge(level, 1L, Long::sum);
        } else {
            levels.computeIfPresent(level, (same, count) -> count + 1);
        }
    }

    private void addNumbers(double[] cell, boolean fitted, long hash, Supplier row) {
        int length = cell.length;
        rows++;
        shortest = Math.min(shortest, length);
        longest = Math.max(longest, length);
        boolean finite = true;
        boolean inside = true;
        NumberKind kind = (NumberKind) type.kind();
        boolean held = true;
        boolean missing = false;
        for (int j = 0; j < length; j++) {
            if (isMissing(cell[j])) {
                missing = true;
                continue;
            }
            finite &= Math.abs(cell[j]) <= Float.MAX_VALUE;
            inside &= range == null || range.contains(cell[j]);
            held &= kind.holds(cell[j]);
            if (fitted) {
                lowest = Math.min(lowest, cell[j]);
                highest = Math.max(highest, cell[j]);
            }
        }
        if (missing) {
            incomplete++;
            incompleteExample = example(incompleteExample, hash, row);
        }
        if (!held) {
            refused++;
            refusedExample = example(refusedExample, hash, row);
        }
        if (!finite) {
            notFinite++;
            notFiniteExample = Example.smaller(notFiniteExample, new Example(hash, row.get()));
        } else if (!inside) {
            outside++;
            outsideExample = example(outsideExample, hash, row);
        }
        if (values != null && fitted && finite && !missing) {
            values.add(cell[0], hash);
        }
        if (moments && finite && held && fitted) {
            sums.grow(length);
            for (int j = 0; j < length; j++) {
                if (!isMissing(cell[j])) {
                    double value = kind.measured(cell[j]);
                    sums.add(j, value);
                }
            }
        }
    }

    /** Returns whether a number stands for a null inside a vector; see {@link #MISSING}. */
    public static boolean isMissing(double value) {
        return Double.doubleToRawLongBits(value) == MISSING_BITS;
    }

    /** The example of the smallest hash; a row's text is made only for it. */
    private static Example example(@Nullable Example smallest, long hash, Supplier row) {
        return smallest != null && Long.compareUnsigned(smallest.hash(), hash) <= 0
                ? smallest
                : new Example(hash, row.get());
    }

    /** Rows whose cell is null or has nulls. */
    public long incompleteRows() {
        return nulls + incomplete;
    }

    /** A row's text, made only when it is needed. */
    public interface Supplier {
        String get();
    }

    public ColumnSummary merge(ColumnSummary other) {
        nulls += other.nulls;
        notFinite += other.notFinite;
        outside += other.outside;
        refused += other.refused;
        incomplete += other.incomplete;
        shortest = Math.min(shortest, other.shortest);
        longest = Math.max(longest, other.longest);
        rows += other.rows;
        lowest = Math.min(lowest, other.lowest);
        highest = Math.max(highest, other.highest);
        if (nullExample != null || other.nullExample != null) {
            nullExample = Example.smaller(nullExample, other.nullExample);
        }
        if (notFiniteExample != null || other.notFiniteExample != null) {
            notFiniteExample = Example.smaller(notFiniteExample, other.notFiniteExample);
        }
        if (outsideExample != null || other.outsideExample != null) {
            outsideExample = Example.smaller(outsideExample, other.outsideExample);
        }
        if (refusedExample != null || other.refusedExample != null) {
            refusedExample = Example.smaller(refusedExample, other.refusedExample);
        }
        if (incompleteExample != null || other.incompleteExample != null) {
            incompleteExample = Example.smaller(incompleteExample, other.incompleteExample);
        }
        sums.merge(other.sums);
        other.levels.forEach((level, count) -> levels.merge(level, count, Long::sum));
        if (values != null && other.values != null) {
            values.merge(other.values);
        }
        return this;
    }

    /** The cell's length in every row; for scalars 1. */
    public int length() {
        return longest;
    }

    /** Levels seen, unsorted; one more than the limit when there are too many. */
    public Set<String> levels() {
        return levels.keySet();
    }

    /** How often each level was seen. */
    Map<String, Long> levelCounts() {
        return levels;
    }

    /** How the training rows' numbers are distributed. */
    ValueSample distribution() {
        if (values == null) {
            throw new IllegalStateException("The distribution of this column was not asked for");
        }
        return values;
    }

    /** True if a cell of a training row or of a held-out one is missing. */
    boolean hasNulls() {
        return nulls > 0;
    }

    /** True if no cell was seen that is known. */
    boolean isEmpty() {
        return rows == 0;
    }

    /** True if all numbers of the training rows that are known are the same one. */
    boolean isConstant() {
        return lowest == highest;
    }

    /** The smallest number of the training rows. */
    double lowest() {
        return lowest;
    }

    /** The largest number of the training rows. */
    double highest() {
        return highest;
    }

    /** Exact sums over the training rows, if they were asked for. */
    Moments sums() {
        return sums;
    }

    /**
     * Throws {@link IllegalArgumentException} for whatever the column cannot be trained with.
     *
     * @param mayMiss whether cells may be null
     */
    public void check(String column, boolean mayMiss) {
        if (!mayMiss && incompleteRows() > 0) {
            throw bad(column, incompleteRows(), "null", nullExample == null ? incompleteExample : nullExample);
        }
        if (rows == 0 && !oneLevelIsEnough) {
            throw new IllegalArgumentException(
                    "Column '%s' is null in all %s rows; leave it out".formatted(column, nulls));
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
        if (refused > 0) {
            throw new IllegalArgumentException(
                    ((NumberKind) type.kind()).refusal(column, refused, rows, text(refusedExample)));
        }
        if (range != null && outside > 0) {
            throw new IllegalArgumentException(
                    "Column '%s' must lie in its range %s, but %s of %s rows do not, such as %s. Correct the range, or filter these rows out"
                            .formatted(column, range.ends(), outside, rows, text(outsideExample)));
        }
        if (type.kind().hasLevels() && levels.size() > levelLimit) {
            throw new IllegalArgumentException(
                    "Column '%s' has more than %s levels. Raise maxLevels of the column if it really is categorical, or use type: continuous"
                            .formatted(column, levelLimit));
        }
        if (type.kind().hasLevels() && levels.size() == 1 && !oneLevelIsEnough) {
            throw new IllegalArgumentException(
                    "Categorical column '%s' has one category only, '%s'; leave it out, it says nothing"
                            .formatted(column, levels.keySet().iterator().next()));
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
}
