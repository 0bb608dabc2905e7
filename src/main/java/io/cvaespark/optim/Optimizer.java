package io.cvaespark.optim;

/**
 * One update of a range of parameters from its gradient: arrays in, arrays out.
 *
 * <p>An optimiser keeps nothing itself: its moments are arrays as long as the parameters, which the caller stores,
 * checkpoints and may cut into slices.
 */
public interface Optimizer {

    /** How many moment arrays it needs. */
    int moments();

    /**
     * Updates {@code n} parameters from {@code parameters[at]}; their gradient and moments may lie in slices of their own.
     *
     * @param gradient the summed gradient, from {@code gradientAt}; multiplied by {@code scale} before use (1/rows, times
     *     clipping)
     * @param moments each from {@code momentsAt}
     * @param step number of this update, from 1
     */
    void update(
            float[] parameters,
            int at,
            float[] gradient,
            int gradientAt,
            float scale,
            float[][] moments,
            int momentsAt,
            double learningRate,
            long step,
            int n);
}
