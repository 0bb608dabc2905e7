package io.cvaespark.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernels on the Vector API: the operations of {@link FloatMath}, a vector at a time, the tail in plain Java.
 *
 * <p>{@code VectorOperators.EXP} and its kin are not used: their bits differ between the interpreter, the compiler and
 * processors.
 */
final class VectorElementwise extends Elementwise {
    private static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> I =
            VectorSpecies.of(int.class, FloatVector.SPECIES_PREFERRED.vectorShape());
    private static final int LANES = F.length();
    private static final IntVector LANE = IntVector.zero(I).addIndex(1);

    private final PlainElementwise tail = new PlainElementwise();

    @Override
    public void exp(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            exp(FloatVector.fromArray(F, x, xOffset + j)).intoArray(y, yOffset + j);
        }
        tail.exp(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void tanh(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            tanh(FloatVector.fromArray(F, x, xOffset + j)).intoArray(y, yOffset + j);
        }
        tail.tanh(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void sigmoid(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + j);
            FloatVector e = exp(v.abs().neg());
            sigmoid(v, e).intoArray(y, yOffset + j);
        }
        tail.sigmoid(x, xOffset + j, y, yOffset + j, n - j);
    }

    @Override
    public void softplus(float[] x, int xOffset, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector v = FloatVector.fromArray(F, x, xOffset + j);
            v.max(0f).add(log1pUnit(exp(v.abs().neg()))).intoArray(y, yOffset + j);
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
        FloatVector zero = FloatVector.zero(F);
        for (; j + LANES <= n; j += LANES) {
            VectorMask<Float> positive =
                    FloatVector.fromArray(F, y, yOffset + j).compare(VectorOperators.GT, 0f);
            zero.blend(FloatVector.fromArray(F, d, dOffset + j), positive).intoArray(d, dOffset + j);
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
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            FloatVector target = FloatVector.fromArray(F, x, xOffset + j);
            FloatVector h = FloatVector.fromArray(F, eta, etaOffset + j);
            FloatVector e = exp(h.abs().neg());
            target.neg().fma(h, h.max(0f)).add(log1pUnit(e)).intoArray(loss, lossOffset + j);
            sigmoid(h, e).sub(target).mul(weight).intoArray(d, dOffset + j);
        }
        tail.bernoulli(x, xOffset + j, eta, etaOffset + j, weight, loss, lossOffset + j, d, dOffset + j, n - j);
    }

    @Override
    public void normals(long key, float[] y, int yOffset, int n) {
        int j = 0;
        for (; j + LANES <= n; j += LANES) {
            IntVector k = bits(key, j).lanewise(VectorOperators.LSHR, 8);
            FloatVector u = toFloat(k.add(k).sub((1 << 24) - 1)).mul(0x1p-24f);
            normalQuantile(u).intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = Noise.normal(key, j);
        }
    }

    @Override
    public void bernoulliDraws(long key, float[] p, int pOffset, float[] y, int yOffset, int n) {
        int j = 0;
        FloatVector zero = FloatVector.zero(F);
        FloatVector one = FloatVector.broadcast(F, 1f);
        for (; j + LANES <= n; j += LANES) {
            FloatVector u =
                    toFloat(bits(key, j).lanewise(VectorOperators.LSHR, 8)).mul(0x1p-24f);
            VectorMask<Float> below = u.compare(VectorOperators.LT, FloatVector.fromArray(F, p, pOffset + j));
            zero.blend(one, below).intoArray(y, yOffset + j);
        }
        for (; j < n; j++) {
            y[yOffset + j] = (Noise.bits(key, j) >>> 8) * 0x1p-24f < p[pOffset + j] ? 1f : 0f;
        }
    }

    private static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.max(FloatMath.EXP_MIN).min(FloatMath.EXP_MAX);
        FloatVector rounded =
                bounded.fma(FloatVector.broadcast(F, FloatMath.LOG2_E), FloatVector.broadcast(F, FloatMath.ROUND));
        FloatVector n = rounded.sub(FloatMath.ROUND);
        FloatVector r = n.fma(
                FloatVector.broadcast(F, -FloatMath.LN2_LOW),
                n.fma(FloatVector.broadcast(F, -FloatMath.LN2_HIGH), bounded));
        FloatVector p = FloatVector.broadcast(F, FloatMath.E0).fma(r, FloatVector.broadcast(F, FloatMath.E1));
        p = p.fma(r, FloatVector.broadcast(F, FloatMath.E2));
        p = p.fma(r, FloatVector.broadcast(F, FloatMath.E3));
        p = p.fma(r, FloatVector.broadcast(F, FloatMath.E4));
        p = p.fma(r, FloatVector.broadcast(F, FloatMath.E5));
        p = p.fma(r.mul(r), r).add(1f);
        IntVector k =
                rounded.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 16).lanewise(VectorOperators.ASHR, 16);
        IntVector half = k.lanewise(VectorOperators.ASHR, 1);
        FloatVector scaled = p.mul(powerOfTwo(half)).mul(powerOfTwo(k.sub(half)));
        return scaled.blend(Float.POSITIVE_INFINITY, x.compare(VectorOperators.GT, FloatMath.EXP_MAX));
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).viewAsFloatingLanes();
    }

    private static FloatVector log(FloatVector x) {
        IntVector bits = x.viewAsIntegralLanes().sub(FloatMath.SQRT_HALF_BITS);
        FloatVector n = toFloat(bits.lanewise(VectorOperators.ASHR, 23));
        FloatVector f = bits.and(0x007fffff)
                .add(FloatMath.SQRT_HALF_BITS)
                .viewAsFloatingLanes()
                .sub(1f);
        FloatVector p = FloatVector.broadcast(F, FloatMath.L0).fma(f, FloatVector.broadcast(F, FloatMath.L1));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L2));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L3));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L4));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L5));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L6));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L7));
        p = p.fma(f, FloatVector.broadcast(F, FloatMath.L8));
        FloatVector f2 = f.mul(f);
        FloatVector low = p.mul(f).fma(f2, n.mul(FloatMath.LN2_LOW));
        low = f2.fma(FloatVector.broadcast(F, -0.5f), low);
        return n.fma(FloatVector.broadcast(F, FloatMath.LN2_HIGH), f.add(low));
    }

    private static FloatVector log1pUnit(FloatVector y) {
        FloatVector s = y.div(y.add(2f));
        FloatVector q = s.mul(s);
        FloatVector p = FloatVector.broadcast(F, FloatMath.A7).fma(q, FloatVector.broadcast(F, FloatMath.A6));
        p = p.fma(q, FloatVector.broadcast(F, FloatMath.A5));
        p = p.fma(q, FloatVector.broadcast(F, FloatMath.A4));
        p = p.fma(q, FloatVector.broadcast(F, FloatMath.A3));
        p = p.fma(q, FloatVector.broadcast(F, FloatMath.A2));
        p = p.fma(q, FloatVector.broadcast(F, FloatMath.A1));
        return p.mul(q).fma(s, s).mul(2f);
    }

    /** σ(x) given e = exp(−|x|). */
    private static FloatVector sigmoid(FloatVector x, FloatVector e) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        return one.blend(e, x.compare(VectorOperators.LT, 0f)).div(e.add(1f));
    }

    private static FloatVector tanh(FloatVector x) {
        FloatVector a = x.abs();
        FloatVector x2 = x.mul(x);
        FloatVector p = FloatVector.broadcast(F, FloatMath.T0).fma(x2, FloatVector.broadcast(F, FloatMath.T1));
        p = p.fma(x2, FloatVector.broadcast(F, FloatMath.T2));
        p = p.fma(x2, FloatVector.broadcast(F, FloatMath.T3));
        p = p.fma(x2, FloatVector.broadcast(F, FloatMath.T4));
        FloatVector small = p.mul(x2).fma(x, x);
        FloatVector one = FloatVector.broadcast(F, 1f);
        FloatVector large =
                one.sub(FloatVector.broadcast(F, 2f).div(exp(a.add(a)).add(1f)));
        large = large.blend(large.neg(), x.compare(VectorOperators.LT, 0f));
        return large.blend(small, a.compare(VectorOperators.LT, FloatMath.TANH_SMALL));
    }

    private static FloatVector normalQuantile(FloatVector u) {
        FloatVector one = FloatVector.broadcast(F, 1f);
        FloatVector w = log(one.sub(u).mul(one.add(u))).neg();
        FloatVector central = polynomial(FloatMath.CENTRAL, w.sub(2.5f));
        FloatVector outer = polynomial(FloatMath.OUTER, w.sqrt().sub(3f));
        return outer.blend(central, w.compare(VectorOperators.LT, 5f)).mul(u).mul(FloatMath.SQRT_2);
    }

    private static FloatVector polynomial(float[] coefficients, FloatVector x) {
        FloatVector p = FloatVector.broadcast(F, coefficients[0]);
        for (int i = 1; i < coefficients.length; i++) {
            p = p.fma(x, FloatVector.broadcast(F, coefficients[i]));
        }
        return p;
    }

    private static FloatVector toFloat(IntVector k) {
        return (FloatVector) k.convert(VectorOperators.I2F, 0);
    }

    /** {@link Noise#bits} for counters first, first + 1, …. */
    private static IntVector bits(long key, int first) {
        IntVector h = LANE.add(first).mul(Noise.COUNTER_STEP).add((int) key);
        return scramble(scramble(h).lanewise(VectorOperators.XOR, (int) (key >>> 32)));
    }

    private static IntVector scramble(IntVector h) {
        IntVector a = h.lanewise(VectorOperators.XOR, h.lanewise(VectorOperators.LSHR, 16))
                .mul(Noise.SCRAMBLE_1);
        IntVector b = a.lanewise(VectorOperators.XOR, a.lanewise(VectorOperators.LSHR, 15))
                .mul(Noise.SCRAMBLE_2);
        return b.lanewise(VectorOperators.XOR, b.lanewise(VectorOperators.LSHR, 16));
    }
}
