package io.cvaespark.linalg;

/**
 * The kernels as plain loops over {@link FloatMath}. They are the reference, and they are used without the Vector API.
 */
final class PlainElementwise extends Elementwise {

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = FloatMath.exp(x[xOffset + j]);
        }
    }

    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = FloatMath.tanh(x[xOffset + j]);
        }
    }

    @Override
    public void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = FloatMath.sigmoid(x[xOffset + j]);
        }
    }

    @Override
    public void softplus(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = FloatMath.softplus(x[xOffset + j]);
        }
    }

    @Override
    public void addRelu(float[] bias, int biasOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = Math.max(y[yOffset + j] + bias[biasOffset + j], 0f);
        }
    }

    @Override
    public void reluGradient(float[] y, int yOffset, float[] d, int dOffset, int n) {
        for (int j = 0; j < n; j++) {
            if (!(y[yOffset + j] > 0f)) {
                d[dOffset + j] = 0f;
            }
        }
    }

    @Override
    public void bernoulli(
            float[] x,
            int xOffset,
            float[] eta,
            int etaOffset,
            float weight,
            float[] loss,
            int lossOffset,
            float[] d,
            int dOffset,
            int n) {
        for (int j = 0; j < n; j++) {
            float target = x[xOffset + j];
            float h = eta[etaOffset + j];
            loss[lossOffset + j] = Math.fma(-target, h, FloatMath.softplus(h));
            d[dOffset + j] = weight * (FloatMath.sigmoid(h) - target);
        }
    }

    @Override
    public void normals(long key, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = Noise.normal(key, j);
        }
    }

    @Override
    public void bernoulliDraws(long key, float[] p, int pOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = (Noise.bits(key, j) >>> 8) * 0x1p-24f < p[pOffset + j] ? 1f : 0f;
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] += x[xOffset + j];
        }
    }

    @Override
    public void average(float decay, float rest, float[] x, int xOffset, float[] y, int yOffset, int n) {
        for (int j = 0; j < n; j++) {
            y[yOffset + j] = decay * y[yOffset + j] + rest * x[xOffset + j];
        }
    }

    @Override
    public void adam(
            AdamStep step,
            float[] gradient,
            int gradientOffset,
            float[] m,
            float[] v,
            int momentOffset,
            float[] theta,
            int thetaOffset,
            int n) {
        for (int j = 0; j < n; j++) {
            float g = gradient[gradientOffset + j] * step.scale();
            float first = step.beta1() * m[momentOffset + j] + step.rest1() * g;
            float second = step.beta2() * v[momentOffset + j] + step.rest2() * (g * g);
            m[momentOffset + j] = first;
            v[momentOffset + j] = second;
            float denominator = (float) Math.sqrt(second) * step.rootCorrection() + step.epsilon();
            theta[thetaOffset + j] = step.keep() * theta[thetaOffset + j] - step.rate() * first / denominator;
        }
    }

    @Override
    void products(float[] x, int rows, int inputs, float[] w, int wOffset, int wStride, int outputs, float[] y) {
        for (int o = 0; o < outputs; o++) {
            product(x, rows, 0, inputs, w, wOffset + o * wStride, y, o * rows);
        }
    }

    /** One output, in the rows from {@code first} on. */
    static void product(float[] x, int rows, int first, int inputs, float[] w, int wAt, float[] y, int yAt) {
        for (int r = first; r < rows; r++) {
            float sum = 0f;
            for (int i = 0; i < inputs; i++) {
                sum = Math.fma(w[wAt + i], x[i * rows + r], sum);
            }
            y[yAt + r] = sum;
        }
    }

    @Override
    public void momentum(
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
            int n) {
        for (int j = 0; j < n; j++) {
            float velocity = momentum * m[momentOffset + j] + gradient[gradientOffset + j] * scale;
            m[momentOffset + j] = velocity;
            theta[thetaOffset + j] = keep * theta[thetaOffset + j] - rate * velocity;
        }
    }
}
