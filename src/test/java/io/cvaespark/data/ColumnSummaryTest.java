package io.cvaespark.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import io.cvaespark.data.codec.Range;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Errors name the column, count the rows and show one; nothing depends on the partitioning. */
class ColumnSummaryTest {

    private static ColumnSummary numbers() {
        return ColumnSummary.ofNumbers(ColumnType.CONTINUOUS, true, null);
    }

    private static ColumnSummary levels(int limit) {
        return ColumnSummary.ofLevels(ColumnType.CATEGORICAL, limit, false);
    }

    private static ColumnSummary binary() {
        return ColumnSummary.ofNumbers(ColumnType.BINARY, false, null);
    }

    private static void add(ColumnSummary summary, long hash, double... cell) {
        addCell(summary, hash, cell);
    }

    private static void addNull(ColumnSummary summary, long hash) {
        addCell(summary, hash, null);
    }

    private static void addLevels(ColumnSummary summary, String... levels) {
        for (String level : levels) {
            addCell(summary, 1, level);
        }
    }

    private static void addCell(ColumnSummary summary, long hash, @Nullable Object cell) {
        summary.add(cell, true, hash, () -> "row #" + hash);
    }

    private static void assertBad(ColumnSummary summary, String... named) {
        ExpectedError.of(IllegalArgumentException.class, () -> summary.check("price", false), named);
    }

    @Test
    void nullsAreCountedAndShown() {
        ColumnSummary summary = numbers();
        add(summary, 1, 0.5);
        addNull(summary, 5);
        addNull(summary, 3);
        assertBad(summary, "'price'", "null", "2 of 3 rows", "row #3");
    }

    @Test
    void whatIsNotFiniteIsCountedAndShown() {
        ColumnSummary summary = numbers();
        add(summary, 1, 0.5, 2);
        add(summary, 9, 0.5, Double.NaN);
        add(summary, 8, Double.NEGATIVE_INFINITY, 1);
        assertBad(summary, "'price'", "NaN or infinite", "2 of 3 rows", "row #8");
    }

    @Test
    void whatIsOutsideOfItsRangeIsCountedAndShown() {
        ColumnSummary summary = ColumnSummary.ofNumbers(ColumnType.CONTINUOUS, true, new Range(-1, 5));
        add(summary, 1, -1, 5);
        assertDoesNotThrow(() -> summary.check("price", false));
        add(summary, 3, 0, 5.5);
        assertBad(summary.empty().merge(summary), "'price'", "range [-1.0, 5.0]", "1 of 2 rows", "row #3");
    }

    @Test
    void whatAFloatCannotHoldIsNotFiniteEither() {
        ColumnSummary summary = numbers();
        add(summary, 1, 3e38);
        add(summary, 2, -1e200);
        assertBad(summary, "'price'", "NaN or infinite", "float32", "1 of 2 rows", "row #2");
    }

    /** A row that is shown for one fault has that fault. */
    @Test
    void theExampleOfANullIsANull() {
        ColumnSummary summary = numbers();
        add(summary, 1, Double.NaN);
        addNull(summary, 2);
        assertBad(summary, "null in 1 of 2 rows", "row #2");
    }

    @Test
    void vectorsOfDifferingOrNoLengthAreNamed() {
        ColumnSummary differing = numbers();
        add(differing, 1, 0.5, 2);
        add(differing, 2, 0.5);
        assertBad(differing, "'price'", "differing lengths", "1 and 2");
        ColumnSummary empty = numbers();
        add(empty, 1);
        assertBad(empty, "'price'", "length 0");
    }

    @Test
    void valuesOutsideTheUnitIntervalMatterToBinaryColumnsOnly() {
        ColumnSummary summary = binary();
        ColumnSummary continuous = numbers();
        for (ColumnSummary either : List.of(summary, continuous)) {
            add(either, 1, 0.0);
            add(either, 2, 1.0);
            add(either, 7, 1.5);
            add(either, 4, -0.5);
        }
        assertBad(summary, "'price'", "[0, 1]", "2 of 4 rows", "row #4", "type: continuous");
        assertDoesNotThrow(() -> continuous.check("price", false));
    }

    @Test
    void tooManyAndTooFewLevelsAreNamed() {
        ColumnSummary many = levels(3);
        for (int i = 0; i < 5; i++) {
            addLevels(many, "level " + i);
        }
        assertBad(many, "'price'", "more than 3 levels", "maxLevels");
        ColumnSummary enough = levels(3);
        addLevels(enough, "a", "b", "c", "a");
        assertDoesNotThrow(() -> enough.check("price", false));
        assertEquals(Set.of("a", "b", "c"), enough.levels());
        ColumnSummary one = levels(3);
        addLevels(one, "a", "a");
        assertBad(one, "'price'", "one category only", "'a'");
    }

    /** The smallest hash is shown, as unsigned numbers. */
    @Test
    void theExampleIsTheRowWithTheSmallestHash() {
        ColumnSummary summary = numbers();
        addNull(summary, -1);
        addNull(summary, 12);
        assertBad(summary, "row #12");
    }

    @Test
    void momentsAreExactAndOfTrainingRowsOnly() {
        ColumnSummary summary = numbers();
        double one = 0.1;
        double two = 0.2;
        add(summary, 1, one, 1e17);
        add(summary, 2, two, 1);
        summary.add(new double[] {100, 100}, false, 3, () -> "held out");
        add(summary, 4, Double.NaN, 5);
        assertEquals(
                0,
                new BigDecimal(one)
                        .add(new BigDecimal(two))
                        .compareTo(summary.sums().sum(0).exact()));
        assertEquals(
                0,
                new BigDecimal("1e17")
                        .add(BigDecimal.ONE)
                        .compareTo(summary.sums().sum(1).exact()));
        BigDecimal squares = new BigDecimal(one).pow(2).add(new BigDecimal(two).pow(2));
        assertEquals(0, squares.compareTo(summary.sums().squares(0).exact()));
        assertEquals(2, summary.length());
    }

    @Test
    void mergingGivesTheSameWhateverThePartitioning() {
        List<Consumer<ColumnSummary>> cells = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < 60; i++) {
            long hash = random.nextLong();
            double value = 3 * random.nextGaussian();
            cells.add(s -> add(s, hash, value, 1e10 * value));
        }
        List<Consumer<ColumnSummary>> withNulls = new ArrayList<>(cells);
        withNulls.add(s -> addNull(s, 77));
        withNulls.add(s -> addNull(s, 66));
        List<Consumer<ColumnSummary>> withNan = new ArrayList<>(cells);
        withNan.add(s -> add(s, 55, Double.NaN, 1));
        withNan.add(s -> add(s, 44, 1, Double.NaN));
        for (List<Consumer<ColumnSummary>> rows : List.of(cells, withNulls, withNan)) {
            ColumnSummary numbers = numbers();
            ColumnSummary binary = binary();
            rows.forEach(r -> r.accept(numbers));
            rows.forEach(r -> r.accept(binary));
            for (int parts : new int[] {1, 2, 7, 100}) {
                ColumnSummary merged = partitioned(numbers(), rows, parts);
                assertSameMoments(numbers, merged);
                assertEquals(fault(numbers), fault(merged));
                assertEquals(fault(binary), fault(partitioned(binary(), rows, parts)));
            }
        }
    }

    private static ColumnSummary partitioned(ColumnSummary fresh, List<Consumer<ColumnSummary>> rows, int parts) {
        List<ColumnSummary> summaries = new ArrayList<>();
        for (int p = 0; p < parts; p++) {
            ColumnSummary part = fresh.empty();
            for (int i = p; i < rows.size(); i += parts) {
                rows.get(i).accept(part);
            }
            summaries.add(part);
        }
        Collections.shuffle(summaries, new Random(parts));
        return summaries.stream().reduce(ColumnSummary::merge).orElseThrow();
    }

    private static void assertSameMoments(ColumnSummary expected, ColumnSummary actual) {
        assertEquals(expected.length(), actual.length());
        for (int j = 0; j < expected.length(); j++) {
            assertEquals(expected.sums().sum(j).exact(), actual.sums().sum(j).exact());
            assertEquals(
                    expected.sums().squares(j).exact(), actual.sums().squares(j).exact());
        }
    }

    private static String fault(ColumnSummary summary) {
        try {
            summary.check("price", false);
            return "none";
        } catch (IllegalArgumentException e) {
            return String.valueOf(e.getMessage());
        }
    }

    @Test
    void mergedLevelsAreTheUnion() {
        ColumnSummary left = levels(3);
        ColumnSummary right = left.empty();
        addLevels(left, "a");
        addLevels(right, "b", "c");
        assertEquals(Set.of("a", "b", "c"), left.merge(right).levels());
        ColumnSummary more = levels(3);
        addLevels(more, "d");
        assertBad(left.merge(more), "more than 3 levels");
    }
}
