package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * A likelihood p(x|η): the distribution of a row of {@link #width()} targets, whose parameters η the decoder outputs.
 *
 * <p>Shapes: x [B×width], η [B×etaWidth]. A new likelihood is one new class and one line in {@link Likelihoods}.
 */
public interface Likelihood {

    /** The name in job files. */
    String name();

    /** The number of targets in a row. */
    int width();

    /** The number of parameters for a row. */
    int etaWidth();

    /**
     * True if value {@code eta} of η is the same in every row: it is a parameter of the model, not an output of the
     * decoder.
     */
    default boolean shared(int eta) {
        return false;
    }

    /**
     * V, the number of cells that can be missing independently. Each target is a cell, but a categorical has one cell
     * in all.
     */
    int cells();

    /**
     * Adds −log p(x_r | η_r) to {@code loss[r]} and writes weight[r]·∂(−log p)/∂η to {@code etaGradient} [B×etaWidth].
     *
     * @param observed [B×V], 1 where a cell is known and 0 where it is missing and does not count; null if all are
     *     known
     */
    void lossAndGradient(
            Matrix x,
            Matrix eta,
            @Nullable Matrix observed,
            float[] weight,
            double[] loss,
            Matrix etaGradient,
            Workspace workspace);

    /** Adds losses and writes gradients for rows in which every cell is known. */
    default void lossAndGradient(
            Matrix x, Matrix eta, float[] weight, double[] loss, Matrix etaGradient, Workspace workspace) {
        lossAndGradient(x, eta, null, weight, loss, etaGradient, workspace);
    }

    /** Writes E[x | η] to {@code mean} [B×width]; for a categorical these are the class probabilities. */
    void mean(Matrix eta, Matrix mean, Workspace workspace);

    /** Draws x from p(x|η) and writes it to {@code x} [B×width]; row r uses the noise of {@code keys[r]} only. */
    void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace);

    /**
     * Draws again which part of its bin each x is in, where x has bins; for decoders that generate parts after all columns, whose
     * {@link #draw} then takes the other parameters alone.
     *
     * @param eta the logits of the parts, [B×P]
     */
    default void drawPart(Matrix eta, long[] keys, Matrix x, Workspace workspace) {
        throw new UnsupportedOperationException(name() + " has no bins");
    }
}
