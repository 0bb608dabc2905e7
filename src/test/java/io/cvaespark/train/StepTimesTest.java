package io.cvaespark.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.model.LossSums;
import org.junit.jupiter.api.Test;

class StepTimesTest {
    private static Exchange.StepResult step(double seconds, double compute, double wait) {
        return new Exchange.StepResult(0, LossSums.ZERO, seconds, compute, wait);
    }

    private static double millis(StepTimes times, String name) {
        return times.millis().getOrDefault(name, Double.NaN);
    }

    @Test
    void averagesTheStepsSoFar() {
        StepTimes times = StepTimes.ZERO.plus(step(0.010, 0.006, 0.001)).plus(step(0.020, 0.010, 0.003));
        assertEquals(15, millis(times, "step_ms"), 1e-9);
        assertEquals(8, millis(times, "compute_ms"), 1e-9);
        assertEquals(2, millis(times, "wait_ms"), 1e-9);
        assertEquals(5, millis(times, "exchange_ms"), 1e-9);
        assertEquals(0, millis(StepTimes.ZERO, "step_ms"));
    }
}
