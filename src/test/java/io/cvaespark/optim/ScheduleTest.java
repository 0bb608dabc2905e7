package io.cvaespark.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every schedule at its beginning, its corners and its end. */
class ScheduleTest {

    /** Values at some shares of the steps, 1 included: what validation is judged by. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(Schedule schedule, double[]... valuesAt) {
        @Override
        public String toString() {
            return schedule.toString();
        }
    }

    static Stream<Case> cases() {
        return Stream.of(
                new Case(new Schedule.Constant(0.3), at(0, 0.3), at(0.7, 0.3), at(1, 0.3)),
                new Case(
                        new Schedule.Warmup(0.2, new Schedule.Constant(2)),
                        at(0, 0),
                        at(0.05, 0.5),
                        at(0.1, 1),
                        at(0.2, 2),
                        at(0.21, 2),
                        at(1, 2)),
                new Case(new Schedule.Warmup(1, new Schedule.Constant(2)), at(0, 0), at(0.5, 1), at(1, 2)),
                new Case(
                        new Schedule.Warmup(0.5, new Schedule.Cosine(2, 0)),
                        at(0, 0),
                        at(0.25, 0.5),
                        at(0.5, 1),
                        at(1, 0)),
                new Case(
                        new Schedule.Cosine(1, 0.2),
                        at(0, 1),
                        at(0.25, 0.6 + 0.4 * Math.sqrt(0.5)),
                        at(0.5, 0.6),
                        at(1, 0.2)),
                new Case(
                        new Schedule.Steps(8, 0.5, 0.25),
                        at(0, 8),
                        at(0.2499, 8),
                        at(0.25, 4),
                        at(0.5, 2),
                        at(0.75, 1),
                        at(0.999, 1),
                        at(1, 1)),
                new Case(
                        new Schedule.Cyclic(4, 0.5, 2),
                        at(0, 0),
                        at(0.0625, 1),
                        at(0.125, 2),
                        at(0.2, 2),
                        at(0.25, 0),
                        at(0.8125, 1),
                        at(0.999, 2),
                        at(1, 2)),
                new Case(new Schedule.Cyclic(1, 1, 3), at(0, 0), at(0.5, 1.5), at(1, 3)));
    }

    private static double[] at(double progress, double value) {
        return new double[] {progress, value};
    }

    @Test
    void everyKindIsCovered() {
        Set<String> kinds = Arrays.stream(Schedule.class.getPermittedSubclasses())
                .map(Class::getSimpleName)
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> covered = cases().map(c -> c.schedule().getClass().getSimpleName())
                .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(kinds, covered, "add every schedule to ScheduleTest.cases()");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void hasItsValues(Case c) {
        for (double[] pair : c.valuesAt()) {
            assertEquals(pair[1], c.schedule().at(pair[0]), 1e-12, "at " + pair[0]);
        }
    }

    /** Shares such as 3/10 are no exact doubles: corners must still fall on the step they name. */
    @ParameterizedTest
    @ValueSource(ints = {10, 30, 100, 1000, 7000})
    void cornersFallOnTheirStep(int totalSteps) {
        int cycles = 10;
        Schedule steps = new Schedule.Steps(1, 0.5, 0.1);
        Schedule cyclic = new Schedule.Cyclic(cycles, 1, 1);
        for (int step = 0; step < totalSteps; step++) {
            double progress = (double) step / totalSteps;
            int done = step * cycles / totalSteps;
            assertEquals(Math.pow(0.5, done), steps.at(progress), 1e-12, "step " + step);
            double phase = (double) step * cycles / totalSteps - done;
            assertEquals(phase, cyclic.at(progress), 1e-9, "step " + step);
        }
    }

    @Test
    void aWarmupRisesWithoutAJump() {
        Schedule schedule = new Schedule.Warmup(0.3, new Schedule.Cosine(1, 0));
        double before = 0;
        for (int step = 0; step < 1000; step++) {
            double value = schedule.at(step / 1000.0);
            assertTrue(Math.abs(value - before) < 0.005, "step " + step);
            before = value;
        }
    }

    @Test
    void sharesThatAreNoneAreRefused() {
        for (double share : List.of(0.0, -0.1, 1.1, Double.NaN)) {
            String found = "found " + share;
            Schedule one = new Schedule.Constant(1);
            ExpectedError.of(
                    IllegalArgumentException.class, () -> new Schedule.Warmup(share, one), "warmup", "share", found);
            ExpectedError.of(
                    IllegalArgumentException.class, () -> new Schedule.Steps(1, 0.5, share), "every", "share", found);
            ExpectedError.of(
                    IllegalArgumentException.class, () -> new Schedule.Cyclic(2, share, 1), "rise", "share", found);
        }
        ExpectedError.of(
                IllegalArgumentException.class, () -> new Schedule.Cyclic(0, 0.5, 1), "cycles", "at least 1", "0");
    }
}
