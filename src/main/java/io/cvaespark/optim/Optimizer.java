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
     * Updates {@code parameters[from .. to)} and the moments at the same place.
     *
     * @param gradient the summed gradient; multiplied by {@code scale} before use (1/rows, times clipping)
     * @param step number of this update, from 1
     */
    void update(
            float[] parameters,
            float[] gradient,
            float scale,
            float[][] moments,
            double learningRate,
            long step,
            int from,
            int to);
}
