package io.cvaespark.linalg;

/**
 * The functions exp, log, tanh and others in float32, made of IEEE basic operations only.
 *
 * <p>Every operation here (add, multiply, divide, fma, shifts) gives the same bits on every processor and in every JIT
 * state, and {@link VectorElementwise} performs the same operations in the same order, lane by lane; the two agree to
 * the bit. Accuracy is 2 units in the last place or better over the stated range.
 */
@SuppressWarnings("FloatingPointLiteralPrecision") // the digits are those of the published coefficients
final class FloatMath {
    static final float LOG2_E = 1.44269504f;
    // ln 2 = LN2_HIGH + LN2_LOW. The first part has so few bits that n·LN2_HIGH is exact.
    static final float LN2_HIGH = 0.693359375f;
    static final float LN2_LOW = -2.12194440e-4f;
    /** 1.5·2²³: adding it rounds a number to the nearest integer, which is then in the low bits of the mantissa. */
    static final float ROUND = 12582912f;

    static final float EXP_MIN = -87.3f;
    static final float EXP_MAX = 88.72f;

    // exp(r) ≈ 1 + r + r²·P(r) for |r| ≤ ln2/2 (Cephes expf).
    static final float E0 = 1.9875691500e-4f;
    static final float E1 = 1.3981999507e-3f;
    static final float E2 = 8.3334519073e-3f;
    static final float E3 = 4.1665795894e-2f;
    static final float E4 = 1.6666665459e-1f;
    static final float E5 = 5.0000001201e-1f;

    // log(1 + f) ≈ f − f²/2 + f³·Q(f) for √½ ≤ 1 + f < √2 (Cephes logf).
    static final float L0 = 7.0376836292e-2f;
    static final float L1 = -1.1514610310e-1f;
    static final float L2 = 1.1676998740e-1f;
    static final float L3 = -1.2420140846e-1f;
    static final float L4 = 1.4249322787e-1f;
    static final float L5 = -1.6668057665e-1f;
    static final float L6 = 2.0000714765e-1f;
    static final float L7 = -2.4999993993e-1f;
    static final float L8 = 3.3333331174e-1f;
    /** The bits of √½. They are subtracted before the exponent is extracted, so that the mantissa lies around 1. */
    static final int SQRT_HALF_BITS = 0x3f3504f3;

    // log1p(y) = 2·atanh(s), s = y/(2+y) ≤ 1/3: 2s·(1 + s²/3 + s⁴/5 + …).
    static final float A1 = 1f / 3;
    static final float A2 = 1f / 5;
    static final float A3 = 1f / 7;
    static final float A4 = 1f / 9;
    static final float A5 = 1f / 11;
    static final float A6 = 1f / 13;
    static final float A7 = 1f / 15;

    // tanh(x) ≈ x + x³·R(x²) for |x| < 0.625 (Cephes tanhf).
    static final float TANH_SMALL = 0.625f;
    static final float T0 = -5.70498872745e-3f;
    static final float T1 = 2.06390887954e-2f;
    static final float T2 = -5.37397155531e-2f;
    static final float T3 = 1.33314422036e-1f;
    static final float T4 = -3.33332819422e-1f;

    private FloatMath() {}

    /** eˣ; 1.2e-38 below −87.3 (never 0, so that its logarithm is finite), +∞ above 88.72. */
    static float exp(float x) {
        float bounded = Math.min(Math.max(x, EXP_MIN), EXP_MAX);
        float rounded = Math.fma(bounded, LOG2_E, ROUND);
        float n = rounded - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
        float p = Math.fma(E0, r, E1);
        p = Math.fma(p, r, E2);
        p = Math.fma(p, r, E3);
        p = Math.fma(p, r, E4);
        p = Math.fma(p, r, E5);
        p = Math.fma(p, r * r, r) + 1f;
        // 2ⁿ is applied as two factors, since n can be 128, which is one more than the largest exponent.
        int k = Float.floatToRawIntBits(rounded) << 16 >> 16;
        int half = k >> 1;
        float scaled = p * Float.intBitsToFloat((half + 127) << 23) * Float.intBitsToFloat((k - half + 127) << 23);
        return x > EXP_MAX ? Float.POSITIVE_INFINITY : scaled;
    }

    /** ln x for normal positive x; other arguments give unspecified finite values. */
    static float log(float x) {
        int bits = Float.floatToRawIntBits(x) - SQRT_HALF_BITS;
        float n = (float) (bits >> 23);
        float f = Float.intBitsToFloat((bits & 0x007fffff) + SQRT_HALF_BITS) - 1f;
        float p = Math.fma(L0, f, L1);
        p = Math.fma(p, f, L2);
        p = Math.fma(p, f, L3);
        p = Math.fma(p, f, L4);
        p = Math.fma(p, f, L5);
        p = Math.fma(p, f, L6);
        p = Math.fma(p, f, L7);
        p = Math.fma(p, f, L8);
        float f2 = f * f;
        float tail = Math.fma(p * f, f2, n * LN2_LOW);
        tail = Math.fma(f2, -0.5f, tail);
        return Math.fma(n, LN2_HIGH, f + tail);
    }

    /** ln(1 + y) for 0 ≤ y ≤ 1. */
    static float log1pUnit(float y) {
        float s = y / (2f + y);
        float q = s * s;
        float p = Math.fma(A7, q, A6);
        p = Math.fma(p, q, A5);
        p = Math.fma(p, q, A4);
        p = Math.fma(p, q, A3);
        p = Math.fma(p, q, A2);
        p = Math.fma(p, q, A1);
        return Math.fma(p * q, s, s) * 2f;
    }

    /** ln(1 + eˣ) = max(x, 0) + ln(1 + e^−|x|). */
    static float softplus(float x) {
        return Math.max(x, 0f) + log1pUnit(exp(-Math.abs(x)));
    }

    /** 1/(1 + e^−x). */
    static float sigmoid(float x) {
        return 1f / (1f + exp(-x));
    }

    static float tanh(float x) {
        float a = Math.abs(x);
        float x2 = x * x;
        float p = Math.fma(T0, x2, T1);
        p = Math.fma(p, x2, T2);
        p = Math.fma(p, x2, T3);
        p = Math.fma(p, x2, T4);
        float small = Math.fma(p * x2, x, x);
        float large = 1f - 2f / (exp(a + a) + 1f);
        return a < TANH_SMALL ? small : (x < 0f ? -large : large);
    }

    /**
     * √2·erf⁻¹(u) for −1 &lt; u &lt; 1, which turns a uniform number into a standard normal one (Giles 2010, single
     * precision).
     */
    static float normalQuantile(float u) {
        float w = -log((1f - u) * (1f + u));
        float c = w - 2.5f;
        float central = polynomial(CENTRAL, c);
        float t = (float) Math.sqrt(w) - 3f;
        float outer = polynomial(OUTER, t);
        return (w < 5f ? central : outer) * u * SQRT_2;
    }

    static final float SQRT_2 = 1.41421356f;
    static final float[] CENTRAL = {
        2.81022636e-08f,
        3.43273939e-07f,
        -3.5233877e-06f,
        -4.39150654e-06f,
        0.00021858087f,
        -0.00125372503f,
        -0.00417768164f,
        0.246640727f,
        1.50140941f
    };
    static final float[] OUTER = {
        -0.000200214257f,
        0.000100950558f,
        0.00134934322f,
        -0.00367342844f,
        0.00573950773f,
        -0.0076224613f,
        0.00943887047f,
        1.00167406f,
        2.83297682f
    };

    private static float polynomial(float[] coefficients, float x) {
        float p = coefficients[0];
        for (int i = 1; i < coefficients.length; i++) {
            p = Math.fma(p, x, coefficients[i]);
        }
        return p;
    }
}
