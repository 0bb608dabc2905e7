package io.cvaespark.dist;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Noise;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Derivatives of single densities far from where the contract tests look, and their safety beyond the bounds. */
class DensityTest {

    static Stream<Density> counts() {
        return Stream.of(new Poisson(), new NegativeBinomial(), new ZeroInflated());
    }

    static Stream<Density> all() {
        return Stream.concat(counts(), Stream.of(new Laplace(), new StudentT(), new ContinuousBernoulli()));
    }

    private static void assertDerivatives(Density density, double x, double... eta) {
        double[] gradient = new double[density.parameters()];
        double[] unused = new double[density.parameters()];
        density.loss(x, eta, gradient);
        double h = 1e-5;
        for (int k = 0; k < density.parameters(); k++) {
            double[] moved = eta.clone();
            moved[k] = eta[k] + h;
            double up = density.loss(x, moved, unused);
            moved[k] = eta[k] - h;
            double slope = (up - density.loss(x, moved, unused)) / (2 * h);
            assertEquals(slope, gradient[k], 1e-5 * (1 + Math.abs(slope)), density + " at " + x + ", parameter " + k);
        }
    }

    @ParameterizedTest
    @MethodSource("counts")
    void derivativesOfCountsSmallAndLarge(Density density) {
        for (double x : new double[] {0, 1, 2, 24, 25, 26, 1000, 100_000}) {
            for (double logMean : new double[] {-6, 0, 3, 9}) {
                for (double logInverseDispersion : new double[] {-5, 0, 4, 10}) {
                    double[] eta = {logMean, logInverseDispersion, -0.7};
                    assertDerivatives(density, x, Arrays.copyOf(eta, density.parameters()));
                }
            }
        }
    }

    /** Between the sum of logarithms and the gamma functions there is no step. */
    @ParameterizedTest
    @MethodSource("counts")
    void bothWaysToCountAgree(Density density) {
        double[] eta = Arrays.copyOf(new double[] {1.5, 0.4, -0.7}, density.parameters());
        double[] unused = new double[density.parameters()];
        double before = density.loss(23, eta, unused);
        double at = density.loss(24, eta, unused);
        double after = density.loss(25, eta, unused);
        double later = density.loss(26, eta, unused);
        assertEquals(at - before, after - at, 0.1);
        assertEquals(after - at, later - after, 0.1);
        // A count that is no integer takes the other way.
        assertEquals(at, density.loss(24 + 1e-9, eta, unused), 1e-6);
    }

    @ParameterizedTest
    @MethodSource("all")
    void beyondTheBoundsOnlyTheWayBackHasASlope(Density density) {
        for (double x : new double[] {0, 1}) {
            for (double size : new double[] {-1e6, 1e6}) {
                double[] eta = new double[density.parameters()];
                Arrays.fill(eta, size);
                double[] gradient = new double[density.parameters()];
                assertTrue(Double.isFinite(density.loss(x, eta, gradient)), density + " at " + size);
                for (double g : gradient) {
                    assertTrue(Double.isFinite((float) g), density + " at " + size);
                }
                assertTrue(Double.isFinite(density.mean(eta)), density + " at " + size);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void drawsBeyondTheBoundsAreFinite(Density density) {
        NoiseStream noise = new NoiseStream();
        for (double size : new double[] {-1e6, -30, 0, 30, 1e6}) {
            double[] eta = new double[density.parameters()];
            Arrays.fill(eta, size);
            for (int key = 0; key < 20; key++) {
                noise.begin(key);
                double x = density.draw(eta, noise);
                assertTrue(Double.isFinite(x), density + " at " + size + ": " + x);
            }
        }
    }

    /** Both ways of drawing, around the border and far from it: mean and variance of a Poisson are its mean. */
    @ParameterizedTest
    @ValueSource(doubles = {0, 0.3, 4, 9.9, 10.1, 200, 1e6, 4e8})
    void drawsOfAPoissonHaveItsMeanAndVariance(double mean) {
        int n = 20_000;
        NoiseStream noise = new NoiseStream();
        double[] draws = new double[n];
        for (int key = 0; key < n; key++) {
            noise.begin(Noise.mix(key));
            draws[key] = Poisson.draw(mean, noise);
            assertEquals(Math.rint(draws[key]), draws[key]);
        }
        TestArrays.Moments moments = TestArrays.Moments.of(draws);
        assertEquals(mean, moments.mean(), 5 * Math.sqrt(mean / n));
        assertEquals(mean, moments.variance(), 5 * Math.sqrt((2 * mean * mean + mean) / n));
    }
}
