package io.cvaespark.model.prior;

import io.cvaespark.linalg.Matrix;
import io.cvaespark.nn.Gradient;

/** p(z|c) for the rows of one batch, its networks evaluated; valid until the workspace is reset. */
public interface LatentPrior {

    /** Adds log p(z_r|c_r) to {@code logDensity[r]}. */
    void logDensity(Matrix z, double[] logDensity);

    /**
     * The gradient of Σ_r weight_r·(−log p(z_r|c_r)): that by z is added to {@code zGradient} [B×Z], that by the prior's own
     * parameters is kept until {@link #backward}. {@link #logDensity} must have been called for this z.
     */
    void gradient(Matrix z, float[] weight, Matrix zGradient);

    /** Adds what has been kept to {@code gradient}. */
    void backward(Gradient gradient);

    /** z [B×Z] drawn with ε [B×Z]; where more than ε is needed, by {@code keys}. */
    void draw(Matrix epsilon, long[] keys, Matrix z);

    /** E[z|c] [B×Z]. */
    void mean(Matrix z);
}
