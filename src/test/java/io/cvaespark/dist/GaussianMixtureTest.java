package io.cvaespark.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import org.junit.jupiter.api.Test;

class GaussianMixtureTest {
    private static final float[] LOG_WEIGHTS = {(float) Math.log(0.2), (float) Math.log(0.7), (float) Math.log(0.1)};
    /** Means −2, 1, 4 and variances 0.25, 1, 4, of one dimension. */
    private static final float[] COMPONENTS = {
        -2f, (float) Math.log(0.25), 1f, 0f, 4f, (float) Math.log(4),
    };

    private final Workspace workspace = new Workspace(Blas.openBlas());
    private final GaussianMixture mixture =
            new GaussianMixture(Matrix.of(COMPONENTS, 3, 2), Matrix.of(LOG_WEIGHTS, 1, 3), workspace);

    @Test
    void theDensityIntegratesToOne() {
        int n = 8000;
        Matrix z = Matrix.zeros(n, 1);
        float step = 0.005f;
        for (int i = 0; i < n; i++) {
            z.set(i, 0, -18 + step * i);
        }
        double[] logDensity = new double[n];
        Matrix responsibilities = Matrix.zeros(n, 3);
        mixture.logDensity(z, logDensity, responsibilities);
        double integral = 0;
        for (int i = 0; i < n; i++) {
            integral += step * Math.exp(logDensity[i]);
            float sum = responsibilities.get(i, 0) + responsibilities.get(i, 1) + responsibilities.get(i, 2);
            assertEquals(1f, sum, 1e-5f);
        }
        assertEquals(1, integral, 1e-4);
    }

    @Test
    void drawsHaveItsMeanAndVariance() {
        int n = 40_000;
        double[] draws = new double[n];
        Matrix epsilon = Matrix.zeros(1, 1);
        Matrix z = Matrix.zeros(1, 1);
        for (int i = 0; i < n; i++) {
            epsilon.set(0, 0, Noise.normal(Noise.mix(i), 7));
            mixture.draw(0, Noise.mix(Noise.mix(i)), epsilon, z);
            draws[i] = z.get(0, 0);
        }
        mixture.mean(0, z);
        double mean = 0.2 * -2 + 0.7 + 0.1 * 4;
        assertEquals(mean, z.get(0, 0), 1e-6);
        double second = 0.2 * (4 + 0.25) + 0.7 * (1 + 1) + 0.1 * (16 + 4);
        TestArrays.Moments moments = TestArrays.Moments.of(draws);
        moments.assertMean(mean, "mean");
        assertEquals(second - mean * mean, moments.variance(), 0.1);
    }

    /** Far from every component the density is small, not absent. */
    @Test
    void farAwayEverythingIsFinite() {
        Matrix z = Matrix.of(new float[] {1e6f}, 1, 1);
        double[] logDensity = new double[1];
        Matrix responsibilities = Matrix.zeros(1, 3);
        mixture.logDensity(z, logDensity, responsibilities);
        assertEquals(-0.5 * 1e12 / 4, logDensity[0], 1e7);
        Matrix zGradient = Matrix.zeros(1, 1);
        mixture.gradient(z, responsibilities, new float[] {1f}, zGradient, Matrix.zeros(3, 2), Matrix.zeros(1, 3));
        assertEquals(1e6 / 4, zGradient.get(0, 0), 10);
    }
}
