package io.cvaespark.optim;

import io.cvaespark.linalg.Elementwise;

/**
 * The exponential moving average of the weights over the steps (Polyak and Juditsky 1992): θ̄ ← d·θ̄ + (1 − d)·θ.
 *
 * <p>After step t, from 1, d = min(decay, (t − 1)/(t + 9)). So the average begins as the weights after the first step, and
 * forgets the first steps quickly. It is updated in ranges, as the optimiser updates the weights.
 *
 * @param decay the largest d, above 0 and below 1
 */
public record WeightAverage(double decay) {
    private static final int BEGINNING = 9;

    /** Updates {@code n} averages from {@code average[averageAt]} on by the weights after step {@code step}, from 1. */
    public void update(float[] parameters, int at, float[] average, int averageAt, long step, int n) {
        double d = Math.min(decay, (double) (step - 1) / (step + BEGINNING));
        Elementwise.create().average((float) d, (float) (1 - d), parameters, at, average, averageAt, n);
    }
}
