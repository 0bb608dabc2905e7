package io.cvaespark.batch;

import io.cvaespark.linalg.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * Some rows of the dataset as floats: targets x [B×X], conditions c [B×C], a weight and an id per row.
 *
 * <p>x and c lie side by side, so that {@link #seen()} is the encoder's input without a copy. A row's id keys its noise.
 *
 * <p>Where training adds noise, the networks see x̃ and likelihoods still score x: q(z|x̃) is a posterior too, so that the ELBO
 * stays a bound (Im et al. 2017, "Denoising criterion for variational auto-encoding framework").
 */
public final class Batch {
    private final Matrix xc;
    private final Matrix seen;
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
        this(xc, xc, targetWidth, observed, weights, ids);
    }

    private Batch(Matrix xc, Matrix seen, int targetWidth, @Nullable Matrix observed, float[] weights, long[] ids) {
        if (weights.length < xc.rows() || ids.length < xc.rows() || targetWidth > xc.cols()) {
            throw new IllegalArgumentException(
                    "A batch of %s with %s targets needs as many weights and ids, found %s and %s"
                            .formatted(xc, targetWidth, weights.length, ids.length));
        }
        Matrix.requireShape(seen, xc.rows(), xc.cols());
        this.xc = xc;
        this.seen = seen;
        this.targetWidth = targetWidth;
        this.observed = observed;
        this.weights = weights;
        this.ids = ids;
    }

    /** The same rows, of which the networks see {@code noisy} = [x̃ | c], [B×(X+C)]. */
    public Batch seenAs(Matrix noisy) {
        return new Batch(xc, noisy, targetWidth, observed, weights, ids);
    }

    public int rows() {
        return xc.rows();
    }

    /** Targets [B×X], as they are scored. */
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

    /** [x̃ | c], [B×(X+C)], as the networks see them: {@link #xc()} itself where no noise is added. */
    public Matrix seen() {
        return seen;
    }

    /** x̃ [B×X]: the targets as the networks see them. */
    public Matrix seenX() {
        return seen.columns(0, targetWidth);
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
