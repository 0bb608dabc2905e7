package io.cvaespark.data;

import io.cvaespark.linalg.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of the dataset as floats: targets x [B×X], conditions c [B×C], a weight and an id per row.
 *
 * <p>x and c lie side by side, so that {@link #xc()} is the encoder's input without a copy. A row's id keys its noise.
 */
public final class Batch {
    private final Matrix xc;
    private final int targetWidth;
    private final float[] weights;
    private final long[] ids;
    private final @Nullable Matrix observed;

    /** A batch without missing cells. */
    public Batch(Matrix xc, int targetWidth, float[] weights, long[] ids) {
        this(xc, targetWidth, null, weights, ids);
    }

    /**
     * Arrays may be longer than the batch has rows; what lies behind is ignored.
     *
     * @param observed [B×V], 1 where a cell of x is known, 0 where it is not, whose floats in x must then be 0; null: all are
     *     known
     */
    public Batch(Matrix xc, int targetWidth, @Nullable Matrix observed, float[] weights, long[] ids) {
        if (weights.length < xc.rows() || ids.length < xc.rows() || targetWidth > xc.cols()) {
            throw new IllegalArgumentException(
                    "A batch of %s with %s targets needs as many weights and ids, found %s and %s"
                            .formatted(xc, targetWidth, weights.length, ids.length));
        }
        this.xc = xc;
        this.targetWidth = targetWidth;
        this.observed = observed;
        this.weights = weights;
        this.ids = ids;
    }

    public int rows() {
        return xc.rows();
    }

    /** Targets [B×X]. */
    public Matrix x() {
        return xc.columns(0, targetWidth);
    }

    /** Conditions [B×C]. */
    public Matrix c() {
        return xc.columns(targetWidth, xc.cols());
    }

    /** [x | c], [B×(X+C)]. */
    public Matrix xc() {
        return xc;
    }

    /** Which cells of x are known, [B×V]; null: all. */
    public @Nullable Matrix observed() {
        return observed;
    }

    /** Instance weight per row. */
    public float[] weights() {
        return weights;
    }

    /** What keys the noise of each row. */
    public long[] ids() {
        return ids;
    }
}
