package io.cvaespark.data;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cvaespark.ExpectedError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Errors name the column, count the rows and show one; nothing depends on the partitioning. */
class ColumnSummaryTest {

    private static ColumnSummary numbers() {
        return new ColumnSummary(false, 1000, true, false, null);
    }

    private static ColumnSummary levels(int limit) {
        return new ColumnSummary(true, limit, false, false, null);
    }

    private static void add(ColumnSummary summary, long hash, double... cell) {
        summary.addNumbers(cell, cell.length, true, hash, () -> "row #" + hash);
    }

    private static void assertBad(ColumnSummary summary, boolean unit, String... named) {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> summary.check("price", unit ? ColumnType.BINARY : ColumnType.CONTINUOUS, false),
                named);
    }

    @Test
    void nullsAreCountedAndShown() {
        ColumnSummary summary = numbers();
        add(summary, 1, 0.5);
        summary.addNull(5, "row #5");
        summary.addNull(3, "row #3");
        assertBad(summary, false, "'price'", "null", "2 of 3 rows", "row #3");
    }

    @Test
    void whatIsNotFiniteIsCountedAndShown() {
        ColumnSummary summary = numbers();
        add(summary, 1, 0.5, 2);
        add(summary, 9, 0.5, Double.NaN);
        add(summary, 8, Double.NEGATIVE_INFINITY, 1);
        assertBad(summary, false, "'price'", "NaN or infinite", "2 of 3 rows", "row #8");
    }

    @Test
    void whatIsOutsideOfItsRangeIsCountedAndShown() {
        ColumnSummary summary = new ColumnSummary(false, 1000, true, false, new Range(-1, 5));
        add(summary, 1, -1, 5);
        assertDoesNotThrow(() -> summary.check("price", ColumnType.CONTINUOUS, false));
        add(summary, 3, 0, 5.5);
        assertBad(summary.empty().merge(summary), false, "'price'", "range [-1.0, 5.0]", "1 of 2 rows", "row #3");
    }

    @Test
    void whatAFloatCannotHoldIsNotFiniteEither() {
        ColumnSummary summary = numbers();
        add(summary, 1, 3e38);
        add(summary, 2, -1e200);
        assertBad(summary, false, "'price'", "NaN or infinite", "float32", "1 of 2 rows", "row #2");
    }

    /** A row that is shown for one fault has that fault. */
    @Test
    void theExampleOfANullIsANull() {
        ColumnSummary summary = numbers();
        add(summary, 1, Double.NaN);
        summary.addNull(2, "row #2");
        assertBad(summary, false, "null in 1 of 2 rows", "row #2");
    }

    @Test
    void vectorsOfDifferingOrNoLengthAreNamed() {
        ColumnSummary differing = numbers();
        add(differing, 1, 0.5, 2);
        add(differing, 2, 0.5);
        assertBad(differing, false, "'price'", "differing lengths", "1 and 2");
        ColumnSummary empty = numbers();
        add(empty, 1);
        assertBad(empty, false, "'price'", "length 0");
    }

    @Test
    void valuesOutsideTheUnitIntervalMatterToBinaryColumnsOnly() {
        ColumnSummary summary = numbers();
        add(summary, 1, 0.0);
        add(summary, 2, 1.0);
        add(summary, 7, 1.5);
        add(summary, 4, -0.5);
        assertBad(summary, true, "'price'", "[0, 1]", "2 of 4 rows", "row #4", "type: continuous");
        assertDoesNotThrow(() -> summary.check("price", ColumnType.CONTINUOUS, false));
    }

    @Test
    void tooManyAndTooFewLevelsAreNamed() {
        ColumnSummary many = levels(3);
        for (int i = 0; i < 5; i++) {
            many.addLevel("level " + i);
        }
        assertBad(many, false, "'price'", "more than 3 levels", "maxLevels");
        ColumnSummary enough = levels(3);
        List.of("a", "b", "c", "a").forEach(enough::addLevel);
        assertDoesNotThrow(() -> enough.check("price", ColumnType.CONTINUOUS, false));
        assertEquals(Set.of("a", "b", "c"), enough.levels());
        ColumnSummary one = levels(3);
        one.addLevel("a");
        one.addLevel("a");
        assertBad(one, false, "'price'", "one category only", "'a'");
    }

    /** The smallest hash is shown, as unsigned numbers. */
    @Test
    void theExampleIsTheRowWithTheSmallestHash() {
        ColumnSummary summary = numbers();
        summary.addNull(-1, "row #-1");
        summary.addNull(12, "row #12");
        assertBad(summary, false, "row #12");
    }

    @Test
    void momentsAreExactAndOfTrainingRowsOnly() {
        ColumnSummary summary = numbers();
        double one = 0.1;
        double two = 0.2;
        add(summary, 1, one, 1e17);
        add(summary, 2, two, 1);
        summary.addNumbers(new double[] {100, 100}, 2, false, 3, () -> "held out");
        add(summary, 4, Double.NaN, 5);
        assertEquals(
                0,
                new BigDecimal(one)
                        .add(new BigDecimal(two))
                        .compareTo(summary.sum(0).exact()));
        assertEquals(
                0,
                new BigDecimal("1e17")
                        .add(BigDecimal.ONE)
                        .compareTo(summary.sum(1).exact()));
        BigDecimal squares = new BigDecimal(one).pow(2).add(new BigDecimal(two).pow(2));
        assertEquals(0, squares.compareTo(summary.squares(0).exact()));
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
        withNulls.add(s -> s.addNull(77, "row #77"));
        withNulls.add(s -> s.addNull(66, "row #66"));
        List<Consumer<ColumnSummary>> withNan = new ArrayList<>(cells);
        withNan.add(s -> add(s, 55, Double.NaN, 1));
        withNan.add(s -> add(s, 44, 1, Double.NaN));
        for (List<Consumer<ColumnSummary>> rows : List.of(cells, withNulls, withNan)) {
            ColumnSummary whole = numbers();
            rows.forEach(r -> r.accept(whole));
            for (int parts : new int[] {1, 2, 7, 100}) {
                assertSame(whole, partitioned(rows, parts));
            }
        }
    }

    private static ColumnSummary partitioned(List<Consumer<ColumnSummary>> rows, int parts) {
        List<ColumnSummary> summaries = new ArrayList<>();
        for (int p = 0; p < parts; p++) {
            ColumnSummary part = numbers().empty();
            for (int i = p; i < rows.size(); i += parts) {
                rows.get(i).accept(part);
            }
            summaries.add(part);
        }
        Collections.shuffle(summaries, new Random(parts));
        return summaries.stream().reduce(ColumnSummary::merge).orElseThrow();
    }

    private static void assertSame(ColumnSummary expected, ColumnSummary actual) {
        assertEquals(expected.length(), actual.length());
        for (int j = 0; j < expected.length(); j++) {
            assertEquals(expected.sum(j).exact(), actual.sum(j).exact());
            assertEquals(expected.squares(j).exact(), actual.squares(j).exact());
        }
        assertEquals(message(expected), message(actual));
    }

    private static String message(ColumnSummary summary) {
        return String.valueOf(
                assertThrows(IllegalArgumentException.class, () -> summary.check("price", ColumnType.BINARY, false))
                        .getMessage());
    }

    @Test
    void mergedLevelsAreTheUnion() {
        ColumnSummary left = levels(3);
        ColumnSummary right = left.empty();
        left.addLevel("a");
        right.addLevel("b");
        right.addLevel("c");
        assertEquals(Set.of("a", "b", "c"), left.merge(right).levels());
        ColumnSummary more = levels(3);
        more.addLevel("d");
        assertBad(left.merge(more), false, "more than 3 levels");
    }
}
