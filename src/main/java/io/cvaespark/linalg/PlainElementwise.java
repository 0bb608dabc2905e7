package io.cvaespark.linalg;

/** The kernels as plain loops over {@link FloatMath}: the reference, and the path without the Vector API. */
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
            float e = FloatMath.exp(-Math.abs(h));
            float sigmoid = (h < 0f ? e : 1f) / (1f + e);
            loss[lossOffset + j] = Math.fma(-target, h, Math.max(h, 0f)) + FloatMath.log1pUnit(e);
            d[dOffset + j] = weight * (sigmoid - target);
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
}
