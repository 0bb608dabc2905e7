package io.cvaespark.linalg;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The vector kernels against the plain ones to the bit, and both against double precision. */
class ElementwiseTest {
    private static final Elementwise PLAIN = Elementwise.plain();
    private static final Elementwise VECTOR = Elementwise.create();
    // Odd, so that every kernel runs its tail too.
    private static final int N = 10_007;

    /** A kernel of one argument, with the function it approximates and where. */
    @SuppressWarnings("ImmutableEnumChecker") // the functions have no state
    enum Unary {
        EXP(Math::exp, -87, 88),
        TANH(Math::tanh, -12, 12),
        SIGMOID(x -> 1 / (1 + Math.exp(-x)), -60, 60),
        SOFTPLUS(x -> x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x)), -60, 60);

        final DoubleUnaryOperator exact;
        final float low;
        final float high;

        Unary(DoubleUnaryOperator exact, float low, float high) {
            this.exact = exact;
            this.low = low;
            this.high = high;
        }

        void run(Elementwise math, float[] x, float[] y) {
            switch (this) {
                case EXP -> math.exp(x, 0, y, 0, x.length);
                case TANH -> math.tanh(x, 0, y, 0, x.length);
                case SIGMOID -> math.sigmoid(x, 0, y, 0, x.length);
                case SOFTPLUS -> math.softplus(x, 0, y, 0, x.length);
            }
        }
    }

    @Test
    void theTestsRunWithTheVectorApi() {
        assertInstanceOf(VectorElementwise.class, VECTOR);
    }

    @ParameterizedTest
    @EnumSource
    void vectorAndPlainAgreeToTheBitEverywhere(Unary kernel) {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = Float.intBitsToFloat(Noise.bits(11, i));
        }
        float[] special = {
            0f,
            -0f,
            1f,
            -1f,
            Float.MIN_VALUE,
            Float.MAX_VALUE,
            -Float.MAX_VALUE,
            Float.NaN,
            Float.POSITIVE_INFINITY,
            Float.NEGATIVE_INFINITY,
            88.72f,
            88.73f,
            -87.3f,
            -104f,
            0.625f
        };
        System.arraycopy(special, 0, x, 0, special.length);
        float[] plain = new float[N];
        float[] vector = new float[N];
        kernel.run(PLAIN, x, plain);
        kernel.run(VECTOR, x, vector);
        assertSameBits(plain, vector);
    }

    @ParameterizedTest
    @EnumSource
    void isAccurateToAFewUnitsInTheLastPlace(Unary kernel) {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = kernel.low + (kernel.high - kernel.low) * i / N;
        }
        float[] y = new float[N];
        kernel.run(VECTOR, x, y);
        for (int i = 0; i < N; i++) {
            double expected = kernel.exact.applyAsDouble(x[i]);
            double tolerance = 4 * Math.ulp((float) Math.abs(expected)) + 1e-37;
            assertEquals(expected, y[i], tolerance, kernel + "(" + x[i] + ")");
        }
    }

    @Test
    void logarithmIsAccurate() {
        for (int i = 1; i < N; i++) {
            float x = i * 1e-3f;
            assertEquals(Math.log(x), FloatMath.log(x), 3 * Math.ulp((float) Math.abs(Math.log(x))) + 1e-7, "log " + x);
        }
    }

    @Test
    void bernoulliLossAndGradientAreThoseOfTheDefinition() {
        float[] x = uniforms(3);
        float[] eta = new float[N];
        for (int i = 0; i < N; i++) {
            eta[i] = 12f * Noise.normal(5, i);
        }
        float[] loss = new float[N];
        float[] gradient = new float[N];
        VECTOR.bernoulli(x, 0, eta, 0, 0.5f, loss, 0, gradient, 0, N);
        for (int i = 0; i < N; i++) {
            double sigmoid = 1 / (1 + Math.exp(-eta[i]));
            double expected = Math.log1p(Math.exp(-Math.abs(eta[i]))) + Math.max(eta[i], 0) - (double) x[i] * eta[i];
            assertEquals(expected, loss[i], 1e-6 * (1 + Math.abs(eta[i])));
            assertEquals(0.5 * (sigmoid - x[i]), gradient[i], 1e-7);
        }
        float[] plainLoss = new float[N];
        float[] plainGradient = new float[N];
        PLAIN.bernoulli(x, 0, eta, 0, 0.5f, plainLoss, 0, plainGradient, 0, N);
        assertSameBits(plainLoss, loss);
        assertSameBits(plainGradient, gradient);
    }

    @Test
    void reluAndItsGradientAgreeOnBothPaths() {
        float[] bias = normals(1);
        float[] y = normals(2);
        float[] y2 = y.clone();
        PLAIN.addRelu(bias, 0, y, 0, N);
        VECTOR.addRelu(bias, 0, y2, 0, N);
        assertSameBits(y, y2);
        float[] d = normals(3);
        float[] d2 = d.clone();
        PLAIN.reluGradient(y, 0, d, 0, N);
        VECTOR.reluGradient(y2, 0, d2, 0, N);
        assertSameBits(d, d2);
        for (int i = 0; i < N; i++) {
            assertEquals(y[i] > 0 ? Noise.normal(3, i) : 0f, d[i]);
        }
    }

    @Test
    void noiseIsTheSameOnBothPathsAndHasItsMoments() {
        float[] plain = new float[N];
        float[] vector = new float[N];
        double sum = 0;
        double squares = 0;
        double fourth = 0;
        double lagged = 0;
        int streams = 100;
        for (int s = 0; s < streams; s++) {
            long key = Noise.key(7, Noise.Purpose.POSTERIOR, 3, s, 0);
            PLAIN.normals(key, plain, 0, N);
            VECTOR.normals(key, vector, 0, N);
            assertSameBits(plain, vector);
            for (int i = 0; i < N; i++) {
                sum += plain[i];
                squares += plain[i] * plain[i];
                fourth += Math.pow(plain[i], 4);
                lagged += i == 0 ? 0 : plain[i] * plain[i - 1];
            }
        }
        double n = (double) N * streams;
        assertEquals(0, sum / n, 5 / Math.sqrt(n));
        assertEquals(1, squares / n, 5 * Math.sqrt(2 / n));
        assertEquals(3, fourth / n, 5 * Math.sqrt(96 / n));
        assertEquals(0, lagged / n, 5 / Math.sqrt(n));
    }

    @Test
    void bernoulliDrawsHaveTheirProbability() {
        float[] p = new float[N];
        float[] plain = new float[N];
        float[] vector = new float[N];
        java.util.Arrays.fill(p, 0.3f);
        double ones = 0;
        for (int s = 0; s < 100; s++) {
            PLAIN.bernoulliDraws(Noise.mix(s), p, 0, plain, 0, N);
            VECTOR.bernoulliDraws(Noise.mix(s), p, 0, vector, 0, N);
            assertArrayEquals(plain, vector);
            ones += Elementwise.sum(plain, 0, N);
        }
        double n = 100.0 * N;
        assertEquals(0.3, ones / n, 5 * Math.sqrt(0.21 / n));
        java.util.Arrays.fill(p, 1f);
        VECTOR.bernoulliDraws(1, p, 0, vector, 0, N);
        assertEquals(N, Elementwise.sum(vector, 0, N));
        java.util.Arrays.fill(p, 0f);
        VECTOR.bernoulliDraws(1, p, 0, vector, 0, N);
        assertEquals(0, Elementwise.sum(vector, 0, N));
    }

    @Test
    void streamsOfNeighbouringCoordinatesAreUncorrelated() {
        int n = 20_000;
        double byRow = 0;
        double byEpoch = 0;
        double byPurpose = 0;
        for (int r = 0; r < n; r++) {
            float here = Noise.normal(Noise.key(1, Noise.Purpose.POSTERIOR, 0, r, 0), 0);
            byRow += here * Noise.normal(Noise.key(1, Noise.Purpose.POSTERIOR, 0, r + 1, 0), 0);
            byEpoch += here * Noise.normal(Noise.key(1, Noise.Purpose.POSTERIOR, 1, r, 0), 0);
            byPurpose += here * Noise.normal(Noise.key(1, Noise.Purpose.PRIOR, 0, r, 0), 0);
        }
        double bound = 5 / Math.sqrt(n);
        assertTrue(Math.abs(byRow / n) < bound && Math.abs(byEpoch / n) < bound && Math.abs(byPurpose / n) < bound);
    }

    /** Offsets that differ from array to array, and lengths around every width a vector may have. */
    private static void forRanges(RangeTest test) {
        for (int n = 0; n <= 67; n++) {
            test.run(0, 0, 0, n);
            test.run(n % 5, 3, 7, n);
        }
        test.run(1, 16, 5, 1001);
    }

    /** Runs a kernel over {@code n} values that begin at {@code a}, {@code b} and {@code c} of its arrays. */
    private interface RangeTest {
        void run(int a, int b, int c, int n);
    }

    /** Asserts that both agree to the bit everywhere, and that nothing around the range was written. */
    private static void assertSameRange(float[] before, float[] plain, float[] vector, int at, int n) {
        assertSameBits(plain, vector);
        for (int i = 0; i < before.length; i++) {
            boolean inside = i >= at && i < at + n;
            boolean same = Float.floatToIntBits(before[i]) == Float.floatToIntBits(vector[i]);
            assertTrue(inside || same, () -> "values outside of " + n + " from " + at + " were written");
        }
    }

    private static float[] normalsWithZeros(long key) {
        float[] x = normals(key);
        for (int i = 0; i < N; i += 6) {
            x[i] = 0f;
        }
        return x;
    }

    @Test
    void sumsOfRangesAreThoseOfTheirElements() {
        float[] x = normals(1);
        float[] y = normals(2);
        forRanges((a, b, unused, n) -> {
            float[] plain = y.clone();
            float[] vector = y.clone();
            PLAIN.add(x, a, plain, b, n);
            VECTOR.add(x, a, vector, b, n);
            assertSameRange(y, plain, vector, b, n);
            for (int j = 0; j < n; j++) {
                assertEquals(y[b + j] + x[a + j], vector[b + j]);
            }
        });
    }

    /** Beyond the range of normal numbers, too, both paths give the same. */
    @Test
    void sumsAgreeToTheBitEverywhere() {
        float[] x = new float[N];
        float[] plain = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = Float.intBitsToFloat(Noise.bits(12, i));
            plain[i] = i % 3 == 0 ? -x[i] : Float.intBitsToFloat(Noise.bits(13, i));
        }
        float[] vector = plain.clone();
        PLAIN.add(x, 0, plain, 0, N);
        VECTOR.add(x, 0, vector, 0, N);
        assertSameBits(plain, vector);
    }

    @Test
    void adamFollowsItsFormulaOverAnyRange() {
        Elementwise.AdamStep step = new Elementwise.AdamStep(0.25f, 0.9f, 0.1f, 0.99f, 0.01f, 0.05f, 3f, 1e-3f, 0.98f);
        float[] gradient = normalsWithZeros(1);
        float[] m = normalsWithZeros(2);
        float[] v = normalsWithZeros(3);
        for (int i = 0; i < N; i++) {
            v[i] *= v[i];
        }
        float[] theta = normals(4);
        forRanges((g0, m0, t0, n) -> {
            float[][] plain = {m.clone(), v.clone(), theta.clone()};
            float[][] vector = {m.clone(), v.clone(), theta.clone()};
            PLAIN.adam(step, gradient, g0, plain[0], plain[1], m0, plain[2], t0, n);
            VECTOR.adam(step, gradient, g0, vector[0], vector[1], m0, vector[2], t0, n);
            assertSameRange(m, plain[0], vector[0], m0, n);
            assertSameRange(v, plain[1], vector[1], m0, n);
            assertSameRange(theta, plain[2], vector[2], t0, n);
            for (int j = 0; j < n; j++) {
                double g = 0.25 * gradient[g0 + j];
                double first = 0.9 * m[m0 + j] + 0.1 * g;
                double second = 0.99 * v[m0 + j] + 0.01 * g * g;
                double moved = 0.98 * theta[t0 + j] - 0.05 * first / (Math.sqrt(second) * 3 + 1e-3);
                assertEquals(first, vector[0][m0 + j], 1e-6);
                assertEquals(second, vector[1][m0 + j], 1e-6 * (1 + second));
                assertEquals(moved, vector[2][t0 + j], 1e-5 * (1 + Math.abs(moved)));
            }
        });
    }

    @Test
    void momentumFollowsItsFormulaOverAnyRange() {
        float[] gradient = normalsWithZeros(1);
        float[] m = normalsWithZeros(2);
        float[] theta = normals(3);
        forRanges((g0, m0, t0, n) -> {
            float[][] plain = {m.clone(), theta.clone()};
            float[][] vector = {m.clone(), theta.clone()};
            PLAIN.momentum(0.25f, 0.9f, 0.05f, 0.98f, gradient, g0, plain[0], m0, plain[1], t0, n);
            VECTOR.momentum(0.25f, 0.9f, 0.05f, 0.98f, gradient, g0, vector[0], m0, vector[1], t0, n);
            assertSameRange(m, plain[0], vector[0], m0, n);
            assertSameRange(theta, plain[1], vector[1], t0, n);
            for (int j = 0; j < n; j++) {
                double velocity = 0.9 * m[m0 + j] + 0.25 * gradient[g0 + j];
                assertEquals(velocity, vector[0][m0 + j], 1e-6);
                assertEquals(0.98 * theta[t0 + j] - 0.05 * velocity, vector[1][t0 + j], 1e-6);
            }
        });
    }

    private static float[] uniforms(long key) {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = Noise.uniform(key, i);
        }
        return x;
    }

    private static float[] normals(long key) {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = Noise.normal(key, i);
        }
        return x;
    }

    private static void assertSameBits(float[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(Float.floatToIntBits(expected[i]), Float.floatToIntBits(actual[i]), "element " + i);
        }
    }
}
