package io.cvaespark.optim;

/**
 * An optimiser: it updates a range of parameters from their gradient.
 *
 * <p>An optimiser has no state. Its moments are arrays as long as the parameters; the caller keeps them, saves them in
 * checkpoints and may cut them into slices.
 */
public interface Optimizer {

    /** The number of moment arrays that the optimiser needs. */
    int moments();

    /**
     * Updates {@code n} parameters from {@code parameters[at]} on. Their gradient and moments may begin at other
     * indices.
     *
     * @param gradient the summed gradient, from {@code gradientAt} on; multiplied by {@code scale} before use (1/rows
     *     times the factor of gradient clipping)
     * @param moments the moment arrays, each from {@code momentsAt} on
     * @param step the number of this update, from 1
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
