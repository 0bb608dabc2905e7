package io.cvaespark.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels with the Vector API: they do the operations of {@link FloatMath} a vector at a time, and the remaining
 * elements in plain Java.
 *
 * <p>Each kernel must be compiled separately: {@code
 * -XX:CompileCommand=dontinline,io.cvaespark.linalg.VectorElementwise::*}, as in {@code conf/spark-defaults.conf}.
 * Otherwise the compiler inlines several kernels into one caller until it reaches its limit (NodeCountInliningCutoff).
 * Vector operations that are not inlined allocate objects: the results are right, but ten times slower.
 *
 * <p>{@code VectorOperators.EXP} and similar operators are not used: their bits differ between the interpreter, the
 * compiler and processors.
 */
final class VectorElementwise extends Elementwise {
    private static final VectorSpecies<Float> F = VectorMath.F;
    private static final int LANES = VectorMath.LANES;

    private final PlainElementwise tail = new PlainElementwise();

    /** Outputs that are computed at once, from two vectors of rows: as many sums as there are registers for. */
    private static final int OUTPUTS = 4;

    @Override
    void products(float[] x, int rows, int inputs, float[] w, int wOffset, int wStride, int outputs, float[] y) {
        int o = 0;
        for (; o + OUTPUTS <= outputs; o += OUTPUTS) {
            int r = 0;
            for (; r + 2 * LANES <= rows; r += 2 * LANES) {
                tile(x, r, rows, inputs, w, wOffset + o * wStride, wStride, y, o * rows + r);
            }
            for (int rest = o; rest < o + OUTPUTS; rest++) {
                PlainElementwise.product(x, rows, r, inputs, w, wOffset + rest * wStride, y, rest * rows);
            }
        }
        for (; o < outputs; o++) {
            int r = 0;
            for (; r + LANES <= rows; r += LANES) {
                strip(x, r, rows, inputs, w, wOffset + o * wStride, y, o * rows + r);
            }
            PlainElementwise.product(x, rows, r, inputs, w, wOffset + o * wStride, y, o * rows);
        }
    }

    private static void strip(float[] x, int xAt, int rows, int inputs, float[] w, int wAt, float[] y, int yAt) {
        FloatVector sum = FloatVector.zero(F);
        for (int i = 0; i < inputs; i++) {
            sum = FloatVector.fromArray(F, x, xAt + i * rows).fma(FloatVector.broadcast(F, w[wAt + i]), sum);
        }
        sum.intoArray(y, yAt);
    }

    /** Two vectors of rows by {@value #OUTPUTS} outputs. */
    private static void tile(
            float[] x, int xAt, int rows, int inputs, float[] w, int wAt, int wStride, float[] y, int yAt) {
        FloatVector a0 = FloatVector.zero(F);
        FloatVector a1 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector c0 = a0;
        FloatVector c1 = a0;
        FloatVector d0 = a0;
        FloatVector d1 = a0;
        for (int i = 0; i < inputs; i++) {
            FloatVector x0 = FloatVector.fromArray(F, x, xAt + i * rows);
            FloatVector x1 = FloatVector.fromArray(F, x, xAt + i * rows + LANES);
            FloatVector weight = FloatVector.broadcast(F, w[wAt + i]);
            a0 = x0.fma(weight, a0);
            a1 = x1.fma(weight, a1);
            weight = FloatVector.broadcast(F, w[wAt + wStride + i]);
            b0 = x0.fma(weight, b0);
            b1 = x1.fma(weight, b1);
            weight = FloatVector.broadcast(F, w[wAt + 2 * wStride + i]);
            c0 = x0.fma(weight, c0);
            c1 = x1.fma(weight, c1);
            weight = FloatVector.broadcast(F, w[wAt + 3 * wStride + i]);
            d0 = x0.fma(weight, d0);
            d1 = x1.fma(weight, d1);
        }
        a0.intoArray(y, yAt);
        a1.intoArray(y, yAt + LANES);
        b0.intoArray(y, yAt + rows);
        b1.intoArray(y, yAt + rows + LANES);
        c0.intoArray(y, yAt + 2 * rows);
        c1.intoArray(y, yAt + 2 * rows + LANES);
        d0.intoArray(y, yAt + 3 * rows);
        d1.intoArray(y, yAt + 3 * rows + LANES);
    }

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            VectorMath.exp(FloatVector.fromArray(F, x, xOffset + j)).intoArray(y, yOffset + j);
        }
        tail.exp(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            VectorMath.tanh(FloatVector.fromArray(F, x, xOffset + j)).intoArray(y, yOffset + j);
        }
        tail.tanh(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector e =
                    VectorMath.exp(FloatVector.fromArray(F, x, xOffset + j).neg());
            FloatVector.broadcast(F, 1f).div(e.add(1f)).intoArray(y, yOffset + j);
        }
        tail.sigmoid(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void softplus(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + j);
            v.max(0f).add(VectorMath.log1pUnit(VectorMath.exp(v.abs().neg()))).intoArray(y, yOffset + j);
        }
        tail.softplus(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void addRelu(float[] bias, int biasOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector.fromArray(F, y, yOffset + j)
                    .add(FloatVector.fromArray(F, bias, biasOffset + j))
                    .max(0f)
                    .intoArray(y, yOffset + j);
        }
        tail.addRelu(bias, biasOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void reluGradient(float[] y, int yOffset, float[] d, int dOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            IntVector bits = FloatVector.fromArray(F, y, yOffset + j).viewAsIntegralLanes();
            IntVector positive = bits.neg().and(bits.not()).lanewise(VectorOperators.ASHR, 31);
            FloatVector.fromArray(F, d, dOffset + j)
                    .viewAsIntegralLanes()
                    .and(positive)
                    .viewAsFloatingLanes()
                    .intoArray(d, dOffset + j);
        }
        tail.reluGradient(y, yOffset + j, d, dOffset + j, n - j);
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
        sigmoid(eta, etaOffset, d, dOffset, n);
        softplus(eta, etaOffset, loss, lossOffset, n);
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector target = FloatVector.fromArray(F, x, xOffset + j);
            target.neg()
                    .fma(FloatVector.fromArray(F, eta, etaOffset + j), FloatVector.fromArray(F, loss, lossOffset + j))
                    .intoArray(loss, lossOffset + j);
            FloatVector.fromArray(F, d, dOffset + j).sub(target).mul(weight).intoArray(d, dOffset + j);
        }
        for (; j < n; j++) {
            float target = x[xOffset + j];
            loss[lossOffset + j] = Math.fma(-target, eta[etaOffset + j], loss[lossOffset + j]);
            d[dOffset + j] = weight * (d[dOffset + j] - target);
        }
    }

    @Override
    public void normals(long key, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            IntVector k = VectorMath.bits(key, j).lanewise(VectorOperators.LSHR, 8);
            FloatVector u = VectorMath.toFloat(k.add(k).sub((1 << 24) - 1)).mul(0x1p-24f);
            u.intoArray(y, yOffset + j);
        }
        float[] w = new float[j];
        for (int i = 0; i < j; i += LANES) {
            FloatVector u = FloatVector.fromArray(F, y, yOffset + i);
            FloatVector one = FloatVector.broadcast(F, 1f);
            VectorMath.log(one.sub(u).mul(one.add(u))).neg().intoArray(w, i);
        }
        for (int i = 0; i < j; i += LANES) {
            VectorMath.normalQuantile(FloatVector.fromArray(F, y, yOffset + i), FloatVector.fromArray(F, w, i))
                    .intoArray(y, yOffset + i);
        }
        for (; j < n; j++) {
            y[yOffset + j] = Noise.normal(key, j);
        }
    }

    @Override
    public void bernoulliDraws(long key, float[] p, int pOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector u = VectorMath.toFloat(VectorMath.bits(key, j).lanewise(VectorOperators.LSHR, 8))
                    .mul(0x1p-24f);
            VectorMath.negative(u.sub(FloatVector.fromArray(F, p, pOffset + j)))
                    .and(VectorMath.ONE_BITS)
                    .viewAsFloatingLanes()
                    .intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = (Noise.bits(key, j) >>> 8) * 0x1p-24f < p[pOffset + j] ? 1f : 0f;
        }
    }

    @Override
    public void add(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector.fromArray(F, y, yOffset + j)
                    .add(FloatVector.fromArray(F, x, xOffset + j))
                    .intoArray(y, yOffset + j);
        }
        tail.add(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void average(float decay, float rest, float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector.fromArray(F, y, yOffset + j)
                    .mul(decay)
                    .add(FloatVector.fromArray(F, x, xOffset + j).mul(rest))
                    .intoArray(y, yOffset + j);
        }
        tail.average(decay, rest, x, xOffset + j, y, yOffset + j, n - j);
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
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector g =
                    FloatVector.fromArray(F, gradient, gradientOffset + j).mul(step.scale());
            FloatVector first = FloatVector.fromArray(F, m, momentOffset + j)
                    .mul(step.beta1())
                    .add(g.mul(step.rest1()));
            FloatVector second = FloatVector.fromArray(F, v, momentOffset + j)
                    .mul(step.beta2())
                    .add(g.mul(g).mul(step.rest2()));
            first.intoArray(m, momentOffset + j);
            second.intoArray(v, momentOffset + j);
            FloatVector denominator = second.sqrt().mul(step.rootCorrection()).add(step.epsilon());
            FloatVector.fromArray(F, theta, thetaOffset + j)
                    .mul(step.keep())
                    .sub(first.mul(step.rate()).div(denominator))
                    .intoArray(theta, thetaOffset + j);
        }
        tail.adam(step, gradient, gradientOffset + j, m, v, momentOffset + j, theta, thetaOffset + j, n - j);
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
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector velocity = FloatVector.fromArray(F, m, momentOffset + j)
                    .mul(momentum)
                    .add(FloatVector.fromArray(F, gradient, gradientOffset + j).mul(scale));
            velocity.intoArray(m, momentOffset + j);
            FloatVector.fromArray(F, theta, thetaOffset + j)
                    .mul(keep)
                    .sub(velocity.mul(rate))
                    .intoArray(theta, thetaOffset + j);
        }
        tail.momentum(
                scale,
                momentum,
                rate,
                keep,
                gradient,
                gradientOffset + j,
                m,
                momentOffset + j,
                theta,
                thetaOffset + j,
                n - j);
    }
}
