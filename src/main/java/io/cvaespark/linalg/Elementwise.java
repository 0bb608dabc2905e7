package io.cvaespark.linalg;

/**
 * Elementwise kernels over ranges of arrays, with the same bits on every path.
 *
 * <p>{@link VectorElementwise} uses the Vector API, {@link PlainElementwise} plain Java; both perform the operations of
 * {@link FloatMath} in the same order. Input and output may be the same range. Ranges are not checked beyond what the
 * arrays themselves check: the callers are layers and likelihoods, which check shapes once per call.
 */
public abstract sealed class Elementwise permits PlainElementwise, VectorElementwise {

    /**
     * Returns the Vector API kernels if this JVM was started with the module {@code jdk.incubator.vector}, else those
     * in plain Java.
     */
    public static Elementwise create() {
        return Holder.FASTEST;
    }

    /** Returns the kernels in plain Java, the reference. */
    public static Elementwise plain() {
        return new PlainElementwise();
    }

    /** {@code y[j] ← exp(x[j])}; see {@link FloatMath#exp} for the range. */
    public abstract void exp(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[j] ← tanh(x[j])}. */
    public abstract void tanh(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[j] ← 1/(1 + e^−x[j])}. */
    public abstract void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[j] ← ln(1 + e^x[j])}. */
    public abstract void softplus(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[j] ← max(y[j] + bias[j], 0)}. */
    public abstract void addRelu(float[] bias, int biasOffset, float[] y, int yOffset, int n);

    /** {@code d[j] ← y[j] > 0 ? d[j] : 0}: the gradient of relu, computed from its output y. */
    public abstract void reluGradient(float[] y, int yOffset, float[] d, int dOffset, int n);

    /**
     * Computes the Bernoulli cross-entropy of x ∈ [0,1] under logits η, and its gradient.
     *
     * <p>{@code loss[j] ← ln(1 + e^η) − x·η}, {@code d[j] ← weight·(σ(η) − x)}.
     */
    public abstract void bernoulli(
            float[] x,
            int xOffset,
            float[] eta,
            int etaOffset,
            float weight,
            float[] loss,
            int lossOffset,
            float[] d,
            int dOffset,
            int n);

    /** {@code y[j] ←} the standard normal number j of {@code key}. */
    public abstract void normals(long key, float[] y, int yOffset, int n);

    /** {@code y[j] ← 1} with probability {@code p[j]}, else 0, by number j of {@code key}. */
    public abstract void bernoulliDraws(long key, float[] p, int pOffset, float[] y, int yOffset, int n);

    /**
     * {@code y[o·rows + r] ← Σ_i w[wOffset + o·wStride + i] · x[i·rows + r]}, for r below {@code rows} and o below {@code outputs}.
     *
     * <p>Each sum is taken in the order of i = 0, …, inputs − 1, by fused multiply-adds: its bits depend on nothing but its own row of
     * x and its own row of w.
     */
    abstract void products(
            float[] x, int rows, int inputs, float[] w, int wOffset, int wStride, int outputs, float[] y);

    /** {@code y[j] ← y[j] + x[j]}. */
    public abstract void add(float[] x, int xOffset, float[] y, int yOffset, int n);

    /** {@code y[j] ← decay·y[j] + rest·x[j]}. */
    public abstract void average(float decay, float rest, float[] x, int xOffset, float[] y, int yOffset, int n);

    /**
     * The coefficients of an Adam step; see {@link #adam}.
     *
     * @param scale the factor of the gradient
     * @param rest1 1 − β₁, more precise than if it were computed from the float β₁
     * @param rest2 1 − β₂
     * @param rate the learning rate divided by the first moment's bias correction
     * @param rootCorrection 1 divided by the square root of the second moment's bias correction
     * @param keep 1 − learning rate · weight decay
     */
    public record AdamStep(
            float scale,
            float beta1,
            float rest1,
            float beta2,
            float rest2,
            float rate,
            float rootCorrection,
            float epsilon,
            float keep) {}

    /**
     * With g = scale·gradient: {@code m ← β₁·m + (1−β₁)·g}, {@code v ← β₂·v + (1−β₂)·g²}, {@code θ ← keep·θ − rate·m /
     * (√v·rootCorrection + ε)}.
     */
    public abstract void adam(
            AdamStep step,
            float[] gradient,
            int gradientOffset,
            float[] m,
            float[] v,
            int momentOffset,
            float[] theta,
            int thetaOffset,
            int n);

    /** With g = scale·gradient: {@code m ← momentum·m + g}, {@code θ ← keep·θ − rate·m}. */
    public abstract void momentum(
            float scale,
            float momentum,
            float rate,
            float keep,
            float[] gradient,
            int gradientOffset,
            float[] m,
            int momentOffset,
            float[] theta,
            int thetaOffset,
            int n);

    /**
     * Returns Σ x[j] in double, in an order that depends on n only: eight interleaved partial sums, which are added as
     * a binary tree.
     *
     * <p>With eight partial sums the additions do not wait for each other.
     */
    public static double sum(float[] x, int offset, int n) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        double s4 = 0;
        double s5 = 0;
        double s6 = 0;
        double s7 = 0;
        int j = 0;
        for (; j + 8 <= n; j += 8) {
            int i = offset + j;
            s0 += x[i];
            s1 += x[i + 1];
            s2 += x[i + 2];
            s3 += x[i + 3];
            s4 += x[i + 4];
            s5 += x[i + 5];
            s6 += x[i + 6];
            s7 += x[i + 7];
        }
        for (; j < n; j++) {
            s0 += x[offset + j];
        }
        return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
    }

    private static final class Holder {
        static final Elementwise FASTEST = vectorModulePresent() ? new VectorElementwise() : new PlainElementwise();

        private static boolean vectorModulePresent() {
            return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        }
    }
}
