package io.cvaespark.dist;

import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.normals;
import static io.cvaespark.TestArrays.view;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.TestArrays;
import io.cvaespark.TestArrays.Moments;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** KL divergence, reparameterisation and density of the latent, in double and by Monte Carlo. */
class DiagonalGaussianTest {
    private static final int ROWS = 5;
    private static final int Z = 3;
    private static final float[] WEIGHTS = {1f, 0.5f, 2f, 1f, 3f};

    private final Workspace workspace = new Workspace(Blas.openBlas());
    private final Matrix q = normalView(1, ROWS, 2 * Z, 0.8f);

    /** p(z|c), or null for N(0, I). */
    private static @Nullable Matrix prior(boolean learned) {
        return learned ? normalView(2, ROWS, 2 * Z, 0.8f) : null;
    }

    /** KL of dimension j of row r, by the formula in double. */
    private static double klOf(Matrix q, @Nullable Matrix p, int r, int j) {
        double pMean = p == null ? 0 : p.get(r, j);
        double pLog = p == null ? 0 : p.get(r, Z + j);
        double qLog = q.get(r, Z + j);
        double distance = q.get(r, j) - pMean;
        return 0.5 * (pLog - qLog + (Math.exp(qLog) + distance * distance) / Math.exp(pLog) - 1);
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Kl(double[] kl, double[] penalty) {}

    private Kl kl(@Nullable Matrix p, float freeBits, @Nullable Matrix qGradient, @Nullable Matrix pGradient) {
        workspace.reset();
        Kl result = new Kl(new double[ROWS], new double[ROWS]);
        DiagonalGaussian.kl(q, p, freeBits, WEIGHTS, result.kl(), result.penalty(), qGradient, pGradient, workspace);
        return result;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void klIsThatOfTheFormula(boolean learned) {
        Matrix p = prior(learned);
        Kl result = kl(p, 0f, null, null);
        for (int r = 0; r < ROWS; r++) {
            double expected = klOf(q, p, r, 0) + klOf(q, p, r, 1) + klOf(q, p, r, 2);
            assertEquals(expected, result.kl()[r], 2e-6 * (1 + expected), "row " + r);
        }
        assertArrayEquals(result.kl(), result.penalty());
    }

    /** KL(q‖p) = E_q[log q(z) − log p(z)]; z, both densities and the KL agree. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void klIsTheExpectedLogRatioOfTheDensities(boolean learned) {
        int draws = 50_000;
        Matrix p = prior(learned);
        Matrix manyQ = repeated(q, draws);
        Matrix z = Matrix.zeros(draws, Z);
        Matrix epsilon = Matrix.of(normals(3, draws * Z), draws, Z);
        DiagonalGaussian.reparameterize(manyQ, epsilon, Matrix.zeros(draws, Z), z, workspace);
        double[] logQ = new double[draws];
        double[] logP = new double[draws];
        DiagonalGaussian.logDensity(manyQ, z, logQ, workspace);
        DiagonalGaussian.logDensity(p == null ? null : repeated(p, draws), z, logP, workspace);
        double[] ratio = new double[draws];
        java.util.Arrays.setAll(ratio, i -> logQ[i] - logP[i]);
        Moments.of(ratio).assertMean(kl(p, 0f, null, null).kl()[0], "KL of row 0");
    }

    private static Matrix repeated(Matrix m, int rows) {
        Matrix many = Matrix.zeros(rows, m.cols());
        for (int r = 0; r < rows; r++) {
            many.rowRange(r, r + 1).copyFrom(m.rowRange(0, 1));
        }
        return many;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void klGradientsAreThoseOfFiniteDifferencesTimesTheWeightAndAreAdded(boolean learned) {
        Matrix p = prior(learned);
        Matrix qGradient = view(ROWS, 2 * Z);
        Matrix pGradient = view(ROWS, 2 * Z);
        qGradient.fill(1f);
        pGradient.fill(1f);
        kl(p, 0f, qGradient, p == null ? null : pGradient);
        for (int r = 0; r < ROWS; r++) {
            for (int j = 0; j < 2 * Z; j++) {
                assertSlope(p, q, qGradient, r, j);
                if (p != null) {
                    assertSlope(p, p, pGradient, r, j);
                }
            }
        }
    }

    private void assertSlope(@Nullable Matrix p, Matrix varied, Matrix gradient, int r, int j) {
        TestArrays.Slope slope =
                TestArrays.slope(() -> kl(p, 0f, null, null).penalty()[r], varied.data(), varied.row(r) + j, 1e-2f);
        double expected = 1 + WEIGHTS[r] * slope.central();
        assertEquals(expected, gradient.get(r, j), 1e-3 * (1 + Math.abs(expected)), "row " + r + ", column " + j);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void freeBitsBoundThePenaltyAndStopTheGradientBelow(boolean learned) {
        float freeBits = 0.4f;
        Matrix p = prior(learned);
        Matrix all = view(ROWS, 2 * Z);
        Matrix bounded = view(ROWS, 2 * Z);
        all.fill(0f);
        bounded.fill(0f);
        Kl plain = kl(p, 0f, all, null);
        Kl free = kl(p, freeBits, bounded, null);
        assertArrayEquals(plain.kl(), free.kl());
        int below = 0;
        for (int r = 0; r < ROWS; r++) {
            double penalty = 0;
            for (int j = 0; j < Z; j++) {
                double kl = klOf(q, p, r, j);
                penalty += Math.max(kl, freeBits);
                boolean isFree = kl < freeBits;
                below += isFree ? 1 : 0;
                assertEquals(isFree ? 0f : all.get(r, j), bounded.get(r, j), "mean " + r + "," + j);
                assertEquals(isFree ? 0f : all.get(r, Z + j), bounded.get(r, Z + j), "log-variance " + r + "," + j);
            }
            assertEquals(penalty, free.penalty()[r], 1e-5, "row " + r);
        }
        assertTrue(below > 2 && below < ROWS * Z - 2, "the example has both kinds");
    }

    /** A KL that rounds to less than zero is not free: without free bits no gradient is ever dropped. */
    @Test
    void withoutFreeBitsTheGradientGoesAllTheWayToThePrior() {
        Matrix nearPrior = Matrix.of(new float[] {1e-5f, 1e-8f}, 1, 2);
        Matrix gradient = Matrix.zeros(1, 2);
        DiagonalGaussian.kl(
                nearPrior, null, 0f, new float[] {1f}, new double[1], new double[1], gradient, null, workspace);
        assertEquals(1e-5f, gradient.get(0, 0));
    }

    @Test
    void reparameterisedDrawsAndTheirGradientAreThoseOfTheFormula() {
        Matrix epsilon = normalView(4, ROWS, Z, 1f);
        Matrix lossWeights = normalView(5, ROWS, Z, 1f);
        Matrix sigma = view(ROWS, Z);
        Matrix z = view(ROWS, Z);
        DiagonalGaussian.reparameterize(q, epsilon, sigma, z, workspace);
        Matrix gradient = view(ROWS, 2 * Z);
        gradient.fill(1f);
        DiagonalGaussian.reparameterizeGradient(q, epsilon, sigma, lossWeights, gradient);
        for (int r = 0; r < ROWS; r++) {
            for (int j = 0; j < Z; j++) {
                double deviation = Math.exp(0.5 * q.get(r, Z + j));
                assertEquals(deviation, sigma.get(r, j), 1e-6 * deviation);
                assertEquals(q.get(r, j) + deviation * epsilon.get(r, j), z.get(r, j), 1e-6);
                double w = lossWeights.get(r, j);
                assertEquals(1 + w, gradient.get(r, j), 1e-6, "added");
                assertEquals(1 + 0.5 * w * epsilon.get(r, j) * deviation, gradient.get(r, Z + j), 1e-6);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void logDensityIsThatOfTheFormulaAndIsAdded(boolean learned) {
        Matrix p = prior(learned);
        Matrix z = normalView(6, ROWS, Z, 1f);
        double[] density = new double[ROWS];
        java.util.Arrays.fill(density, 7.0);
        DiagonalGaussian.logDensity(p, z, density, workspace);
        for (int r = 0; r < ROWS; r++) {
            double expected = 7;
            for (int j = 0; j < Z; j++) {
                double mean = p == null ? 0 : p.get(r, j);
                double v = p == null ? 0 : p.get(r, Z + j);
                double distance = z.get(r, j) - mean;
                expected -= 0.5 * (Math.log(2 * Math.PI) + v + distance * distance / Math.exp(v));
            }
            assertEquals(expected, density[r], 2e-6 * (1 + Math.abs(expected)), "row " + r);
        }
    }

    /** Far-out log-variances cost no infinities and are led back, never further out. */
    @ParameterizedTest
    @ValueSource(floats = {50f, -50f, 1e4f, -1e4f})
    void logVariancesBeyondTheBoundStayFiniteAndComeBack(float v) {
        Matrix far = Matrix.of(new float[] {3f, v}, 1, 2);
        double[] kl = new double[1];
        Matrix gradient = Matrix.zeros(1, 2);
        DiagonalGaussian.kl(far, null, 0f, new float[] {1f}, kl, new double[1], gradient, null, workspace);
        assertTrue(Double.isFinite(kl[0]) && Float.isFinite(gradient.get(0, 0)));
        assertTrue(gradient.get(0, 1) * v > 0, "descent leads v back");
        gradient.fill(0f);
        Matrix toFar = Matrix.zeros(1, 2);
        DiagonalGaussian.kl(
                Matrix.zeros(1, 2), far, 0f, new float[] {1f}, kl, new double[1], gradient, toFar, workspace);
        assertTrue(Double.isFinite(kl[0]) && Float.isFinite(gradient.get(0, 0)));
        assertTrue(toFar.get(0, 1) * v > 0, "descent leads the prior's v back");

        Matrix z = Matrix.zeros(1, 1);
        Matrix sigma = Matrix.zeros(1, 1);
        Matrix epsilon = Matrix.of(new float[] {1f}, 1, 1);
        DiagonalGaussian.reparameterize(far, epsilon, sigma, z, workspace);
        assertTrue(Float.isFinite(z.get(0, 0)) && sigma.get(0, 0) > 0);
        for (float direction : new float[] {1f, -1f}) {
            Matrix zGradient = Matrix.of(new float[] {direction}, 1, 1);
            gradient.fill(0f);
            DiagonalGaussian.reparameterizeGradient(far, epsilon, sigma, zGradient, gradient);
            assertTrue(gradient.get(0, 1) * v >= 0, "descent leads v no further out");
        }
    }
}
