package io.cvaespark.train;

import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The sums of the times of an epoch's steps so far.
 *
 * @param steps the number of steps
 * @param seconds the wall time
 * @param computeSeconds the part spent in arithmetic, averaged over the workers
 * @param waitSeconds the part by which the slowest worker computed longer than the average
 */
public record StepTimes(long steps, double seconds, double computeSeconds, double waitSeconds) implements Serializable {
    public static final StepTimes ZERO = new StepTimes(0, 0, 0, 0);

    /** Returns these times plus those of another step. */
    public StepTimes plus(Exchange.StepResult step) {
        return new StepTimes(
                steps + 1,
                seconds + step.seconds(),
                computeSeconds + step.computeSeconds(),
                waitSeconds + step.waitSeconds());
    }

    /** The averages by name: {@code step_ms} and its parts {@code compute_ms}, {@code exchange_ms}, {@code wait_ms}. */
    public Map<String, Double> millis() {
        Map<String, Double> millis = new LinkedHashMap<>();
        millis.put("step_ms", perStep(seconds));
        millis.put("compute_ms", computeMillis());
        millis.put("exchange_ms", exchangeMillis());
        millis.put("wait_ms", waitMillis());
        return millis;
    }

    public double computeMillis() {
        return perStep(computeSeconds);
    }

    /** The time that is neither arithmetic nor waiting. */
    public double exchangeMillis() {
        return perStep(seconds - computeSeconds - waitSeconds);
    }

    public double waitMillis() {
        return perStep(waitSeconds);
    }

    private double perStep(double sum) {
        return steps == 0 ? 0 : 1e3 * sum / steps;
    }
}
