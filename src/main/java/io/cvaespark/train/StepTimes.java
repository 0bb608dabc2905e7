package io.cvaespark.train;

import java.util.LinkedHashMap;
import java.util.Map;

/** The average times of an epoch's steps and of their parts, in milliseconds, over the steps so far. */
public final class StepTimes {
    private int epoch = -1;
    private long steps;
    private double total;
    private double compute;
    private double exchange;
    private double wait;

    /** Adds a step of {@code stepEpoch}; with the first step of another epoch the averages begin again. */
    public void add(int stepEpoch, Exchange.StepResult step) {
        if (stepEpoch != epoch) {
            epoch = stepEpoch;
            steps = 0;
            total = 0;
            compute = 0;
            exchange = 0;
            wait = 0;
        }
        steps++;
        total += step.seconds();
        compute += step.computeSeconds();
        exchange += step.exchangeSeconds();
        wait += step.waitSeconds();
    }

    /** The averages by name: {@code step_ms} and its parts {@code compute_ms}, {@code exchange_ms}, {@code wait_ms}. */
    public Map<String, Double> millis() {
        Map<String, Double> millis = new LinkedHashMap<>();
        millis.put("step_ms", 1e3 * total / steps);
        millis.put("compute_ms", computeMillis());
        millis.put("exchange_ms", exchangeMillis());
        millis.put("wait_ms", waitMillis());
        return millis;
    }

    public double computeMillis() {
        return 1e3 * compute / steps;
    }

    public double exchangeMillis() {
        return 1e3 * exchange / steps;
    }

    public double waitMillis() {
        return 1e3 * wait / steps;
    }
}
