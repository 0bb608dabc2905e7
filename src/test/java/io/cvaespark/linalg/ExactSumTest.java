package io.cvaespark.linalg;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exact sums against BigDecimal, in any order and any partitioning. */
class ExactSumTest {

    record Case(String name, List<Double> values) {
        BigDecimal sum() {
            return values.stream().map(BigDecimal::new).reduce(BigDecimal.ZERO, BigDecimal::add);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Random random = new Random(1);
        List<Double> ordinary = random.doubles(300, -1000, 1000).boxed().toList();
        List<Double> wild = Stream.generate(() -> Double.longBitsToDouble(random.nextLong()))
                .filter(Double::isFinite)
                .limit(300)
                .toList();
        List<Double> subnormal = Stream.generate(() -> Double.MIN_VALUE * random.nextInt(-1000, 1000))
                .limit(100)
                .toList();
        List<Double> cancelling = new ArrayList<>(wild);
        wild.forEach(v -> cancelling.add(-v));
        cancelling.add(1.25e-300);
        return Stream.of(
                new Case("nothing", List.of()),
                new Case("zeros", List.of(0.0, -0.0, 0.0)),
                new Case("ordinary", ordinary),
                new Case("negative", ordinary.stream().map(v -> -Math.abs(v)).toList()),
                new Case("every magnitude", wild),
                new Case("subnormal", subnormal),
                new Case("catastrophic cancellation", cancelling),
                new Case("absorbed in plain doubles", List.of(1e300, 1.0, -1e300, Double.MIN_VALUE)),
                new Case("ends of the range", List.of(Double.MAX_VALUE, Double.MIN_VALUE, -0x1p-1022, -0x1p1023)),
                new Case("more than a double holds", List.of(Double.MAX_VALUE, Double.MAX_VALUE, 1.0)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isExactInAnyOrder(Case c) {
        BigDecimal expected = c.sum();
        List<Double> values = new ArrayList<>(c.values());
        for (int seed = 0; seed < 10; seed++) {
            Collections.shuffle(values, new Random(seed));
            assertIs(expected, sumOf(values));
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void isExactInAnyPartitioning(Case c) {
        BigDecimal expected = c.sum();
        for (int parts : new int[] {1, 2, 3, 7, 1000}) {
            List<ExactSum> partial = new ArrayList<>();
            for (int p = 0; p < parts; p++) {
                ExactSum sum = new ExactSum();
                for (int i = p; i < c.values().size(); i += parts) {
                    sum.add(c.values().get(i));
                }
                partial.add(sum);
            }
            Collections.shuffle(partial, new Random(parts));
            ExactSum total = partial.remove(partial.size() - 1);
            for (ExactSum sum : partial) {
                total.add(sum);
            }
            assertIs(expected, total);
        }
    }

    @Test
    void mergingWithNothingChangesNothingEitherWay() {
        List<Double> values = List.of(1e100, -3.5, 1e-300);
        BigDecimal expected = new Case("", values).sum();
        ExactSum full = sumOf(values);
        full.add(new ExactSum());
        assertIs(expected, full);
        ExactSum empty = new ExactSum();
        empty.add(full);
        assertIs(expected, empty);
        assertIs(expected, full);
    }

    @Test
    void aMergedSumCanBeAddedTo() {
        ExactSum sum = sumOf(List.of(-1.0, 0.5));
        sum.add(sumOf(List.of(-1e20)));
        sum.add(0.25);
        assertIs(new BigDecimal("-100000000000000000000.25"), sum);
    }

    @Test
    void squaresAreNotRounded() {
        Random random = new Random(2);
        ExactSum sum = new ExactSum();
        BigDecimal expected = BigDecimal.ZERO;
        for (int i = 0; i < 200; i++) {
            double value = random.nextGaussian() * Math.pow(10, random.nextInt(-100, 100));
            sum.addSquare(value);
            expected = expected.add(new BigDecimal(value).pow(2));
        }
        assertIs(expected, sum);
    }

    @Test
    void whatIsNotFiniteIsRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> new ExactSum().add(Double.NaN), "NaN");
        ExpectedError.of(
                IllegalArgumentException.class, () -> new ExactSum().add(Double.NEGATIVE_INFINITY), "-Infinity");
    }

    private static ExactSum sumOf(List<Double> values) {
        ExactSum sum = new ExactSum();
        values.forEach(sum::add);
        return sum;
    }

    private static void assertIs(BigDecimal expected, ExactSum actual) {
        assertEquals(0, expected.compareTo(actual.exact()), () -> "expected " + expected + ", found " + actual.exact());
        assertEquals(expected.doubleValue(), actual.value());
    }
}
