package io.cvaespark.dist;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;

/**
 * p(x | η): a distribution of {@link #width()} targets with parameters η from the decoder, row by row.
 *
 * <p>Shapes: x [B×width], η [B×etaWidth]. A new likelihood is one class, and one line in {@link Likelihoods}.
 */
public interface Likelihood {

    /** Name in job files. */
    String name();

    /** Targets per row. */
    int width();

    /** Parameters per row. */
    int etaWidth();

    /** Whether value {@code eta} of η is the same in every row: a parameter of the model, not an output of the decoder. */
    default boolean shared(int eta) {
        return false;
    }

    /** V, the cells that can be missing one by one: each target, or a categorical's choice as a whole. */
    int cells();

    /**
     * Adds −log p(x_r | η_r) to {@code loss[r]} and writes weight[r]·∂(−log p)/∂η to {@code etaGradient} [B×etaWidth].
     *
     * @param observed [B×V], 1 where a cell is known and 0 where it is not and counts for nothing; null: all are known
     */
    void lossAndGradient(
            Matrix x,
            Matrix eta,
            @Nullable Matrix observed,
            float[] weight,
            double[] loss,
            Matrix etaGradient,
            Workspace workspace);

    /** The same where every cell is known. */
    default void lossAndGradient(
            Matrix x, Matrix eta, float[] weight, double[] loss, Matrix etaGradient, Workspace workspace) {
        lossAndGradient(x, eta, null, weight, loss, etaGradient, workspace);
    }

    /** Writes E[x | η] to {@code mean} [B×width]; class probabilities for a categorical. */
    void mean(Matrix eta, Matrix mean, Workspace workspace);

    /** Writes a draw of x to {@code x} [B×width]; row r uses the noise of {@code keys[r]} only. */
    void draw(Matrix eta, long[] keys, Matrix x, Workspace workspace);
}
