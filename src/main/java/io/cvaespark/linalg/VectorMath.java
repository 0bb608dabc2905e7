package io.cvaespark.linalg;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The functions of {@link FloatMath} and the bits of {@link Noise} for a whole vector, from which the kernels are
 * built.
 */
final class VectorMath {
    static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> I = VectorSpecies.of(int.class, FloatVector.SPECIES_PREFERRED.vectorShape());
    static final int LANES = F.length();
    static final int ONE_BITS = Float.floatToRawIntBits(1f);
    private static final IntVector LANE = IntVector.zero(I).addIndex(1);

    private VectorMath() {}

    static FloatVector exp(FloatVector x) {
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

    /**
     * Returns −1 (all bits set) in the lanes with a negative sign, else 0. It replaces a comparison: in Java 17 the
     * mask of a comparison costs more time than the whole kernel.
     */
    static IntVector negative(FloatVector x) {
        return x.viewAsIntegralLanes().lanewise(VectorOperators.ASHR, 31);
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).viewAsFloatingLanes();
    }

    static FloatVector log(FloatVector x) {
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

    static FloatVector log1pUnit(FloatVector y) {
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

    static FloatVector tanh(FloatVector x) {
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

    /** Giles' approximation for u ∈ (−1, 1), where w = −ln((1−u)(1+u)). */
    static FloatVector normalQuantile(FloatVector u, FloatVector w) {
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

    static FloatVector toFloat(IntVector k) {
        return (FloatVector) k.convert(VectorOperators.I2F, 0);
    }

    /** Returns {@link Noise#bits} for the counters first, first + 1, …. */
    static IntVector bits(long key, int first) {
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
