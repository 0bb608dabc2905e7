package io.cvaespark.batch;

import io.cvaespark.linalg.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * A batch of rows as floats: targets x [B×X], conditions c [B×C], and a weight and an id for each row.
 *
 * <p>x and c are stored side by side, so that {@link #seen()} is the encoder's input without a copy. A row's id is part
 * of its noise key.
 *
 * <p>If training adds noise, the networks' input is x̃, while the likelihood is still that of x. q(z|x̃) is also a
 * posterior, so the ELBO remains a bound (Im et al. 2017, "Denoising criterion for variational auto-encoding
 * framework").
 */
public final class Batch {
    private final Matrix xc;
    private final Matrix seen;
    private final int targetWidth;
    private final float[] weights;
    private final long[] ids;
    private final @Nullable Matrix observed;

    /** Creates a batch without missing cells. */
    public Batch(Matrix xc, int targetWidth, float[] weights, long[] ids) {
        this(xc, targetWidth, null, weights, ids);
    }

    /**
     * Creates a batch. The arrays may be longer than the number of rows; their further elements are ignored.
     *
     * @param observed [B×V], 1 where a cell of x is known and 0 where it is missing, in which case its floats in x must
     *     be 0; null if all are known
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

    /** Returns the same rows with {@code noisy} = [x̃ | c], [B×(X+C)], as the networks' input. */
    public Batch seenAs(Matrix noisy) {
        return new Batch(xc, noisy, targetWidth, observed, weights, ids);
    }

    public int rows() {
        return xc.rows();
    }

    /** The targets [B×X] of the likelihood. */
    public Matrix x() {
        return xc.columns(0, targetWidth);
    }

    /** The conditions [B×C]. */
    public Matrix c() {
        return xc.columns(targetWidth, xc.cols());
    }

    /** [x | c], [B×(X+C)]. */
    public Matrix xc() {
        return xc;
    }

    /** [x̃ | c], [B×(X+C)], the networks' input. It is {@link #xc()} if no noise is added. */
    public Matrix seen() {
        return seen;
    }

    /** x̃ [B×X], the targets in the networks' input. */
    public Matrix seenX() {
        return seen.columns(0, targetWidth);
    }

    /** The known cells of x, [B×V], as 1 and 0; null if all are known. */
    public @Nullable Matrix observed() {
        return observed;
    }

    /** The instance weight of each row. */
    public float[] weights() {
        return weights;
    }

    /** The id of each row, which is part of its noise key. */
    public long[] ids() {
        return ids;
    }
}
