package io.cvaespark.dist;

import static io.cvaespark.TestArrays.assertNothingWrittenAround;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.view;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.Implementations;
import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Loss and gradient of every registered likelihood, and of a row with a field of each. */
class LikelihoodContractTest {
    private static final int ROWS = 7;
    private static final float[] ONES = weights(1f, 0f);
    private static final Workspace WORKSPACE = new Workspace(Blas.openBlas());

    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Case(String name, Likelihood likelihood, float[][] targets) {
        /** Targets of {@link #ROWS} rows, in a strided view. */
        Matrix x() {
            Matrix x = view(ROWS, likelihood.width());
            for (int r = 0; r < ROWS; r++) {
                x.rowRange(r, r + 1).copyFrom(Matrix.of(targets[r % targets.length], 1, likelihood.width()));
            }
            return x;
        }

        Matrix eta(long key) {
            return normalView(key, ROWS, likelihood.etaWidth(), 0.7f);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Case> cases() {
        Stream<Case> each = LikelihoodFixtures.all().stream()
                .map(f -> new Case(f.spec().type(), Likelihoods.of(f.spec()), f.targets()));
        Case mixed =
                new Case("mixed", Likelihoods.of(LikelihoodFixtures.mixedFields()), LikelihoodFixtures.mixedTargets());
        return Stream.concat(each, Stream.of(mixed));
    }

    static Stream<LikelihoodFixtures.Fixture> divisible() {
        return LikelihoodFixtures.all().stream().filter(LikelihoodFixtures.Fixture::independent);
    }

    @Test
    void everyLikelihoodClassIsRegistered() {
        Set<Class<?>> registered = Stream.concat(
                        LikelihoodFixtures.all().stream().map(f -> Likelihoods.of(f.spec())),
                        Stream.of(Likelihoods.of(LikelihoodFixtures.mixedFields())))
                .map(Object::getClass)
                .collect(Collectors.toSet());
        assertEquals(Implementations.of(Likelihood.class), registered, "add a line to Likelihoods");
    }

    /** Losses, added to {@code 10 + r}, and gradient. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Result(double[] loss, Matrix gradient) {
        static Result of(Likelihood likelihood, Matrix x, Matrix eta, float[] weights, Elementwise math) {
            double[] loss = new double[x.rows()];
            Arrays.setAll(loss, r -> 10 + r);
            Matrix gradient = view(x.rows(), likelihood.etaWidth());
            likelihood.lossAndGradient(x, eta, weights, loss, gradient, new Workspace(Blas.openBlas(), math));
            for (int r = 0; r < loss.length; r++) {
                loss[r] -= 10 + r;
            }
            assertNothingWrittenAround(gradient);
            return new Result(loss, gradient);
        }

        static Result of(Likelihood likelihood, Matrix x, Matrix eta, float[] weights) {
            return of(likelihood, x, eta, weights, Elementwise.create());
        }
    }

    private static float[] weights(float first, float step) {
        float[] weights = new float[ROWS];
        for (int r = 0; r < ROWS; r++) {
            weights[r] = first + r * step;
        }
        return weights;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfFiniteDifferencesTimesTheRowWeight(Case c) {
        Matrix x = c.x();
        Matrix eta = c.eta(5); // no mean of a Laplace distribution, where its slope jumps, is within a step of its x
        float[] weights = weights(0.5f, 0.25f);
        Matrix gradient = Result.of(c.likelihood(), x, eta, weights).gradient();
        double[] loss = new double[ROWS];
        Matrix unused = view(ROWS, c.likelihood().etaWidth());
        for (int r = 0; r < ROWS; r++) {
            int row = r;
            for (int h = 0; h < eta.cols(); h++) {
                TestArrays.Slope slope = TestArrays.slope(
                        () -> {
                            Arrays.fill(loss, 0.0);
                            WORKSPACE.reset();
                            c.likelihood().lossAndGradient(x, eta, ONES, loss, unused, WORKSPACE);
                            return loss[row];
                        },
                        eta.data(),
                        eta.row(r) + h,
                        1e-2f);
                double expected = weights[r] * slope.central();
                assertEquals(expected, gradient.get(r, h), 5e-4 * (1 + Math.abs(expected)), "row " + r + ", eta " + h);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theRowWeightScalesTheGradientAndNotTheLoss(Case c) {
        Result once = Result.of(c.likelihood(), c.x(), c.eta(2), ONES);
        for (float weight : new float[] {0f, 4f}) {
            Result weighted = Result.of(c.likelihood(), c.x(), c.eta(2), weights(weight, 0f));
            assertArrayEquals(once.loss(), weighted.loss());
            float[] expected = once.gradient().toArray();
            for (int i = 0; i < expected.length; i++) {
                expected[i] *= weight;
            }
            assertArrayEquals(expected, weighted.gradient().toArray(), 1e-6f);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossAndGradientHaveTheSameBitsOnBothKernels(Case c) {
        Result vector = Result.of(c.likelihood(), c.x(), c.eta(3), ONES, Elementwise.create());
        Result plain = Result.of(c.likelihood(), c.x(), c.eta(3), ONES, Elementwise.plain());
        assertArrayEquals(plain.loss(), vector.loss());
        assertSameBits(plain.gradient().toArray(), vector.gradient().toArray(), "gradient");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void farOutParametersCostNoInfinities(Case c) {
        for (float size : new float[] {50f, 1e4f}) {
            for (int signs = 0; signs < 4; signs++) {
                Matrix eta = view(ROWS, c.likelihood().etaWidth());
                for (int r = 0; r < ROWS; r++) {
                    for (int h = 0; h < eta.cols(); h++) {
                        boolean positive = signs < 2 ? signs == 0 : (h + signs) % 2 == 0;
                        eta.set(r, h, positive ? size : -size);
                    }
                }
                Result result = Result.of(c.likelihood(), c.x(), eta, ONES);
                String what = "eta of ±" + size;
                assertTrue(Arrays.stream(result.loss()).allMatch(Double::isFinite), what + ": loss");
                for (float g : result.gradient().toArray()) {
                    assertTrue(Float.isFinite(g), what + ": gradient");
                }
            }
        }
    }

    /** η of a cut field: the same parameter groups, fewer columns. */
    @ParameterizedTest
    @MethodSource("divisible")
    void aFieldCutInTwoIsTheSum(LikelihoodFixtures.Fixture fixture) {
        Likelihood whole = Likelihoods.of(fixture.spec());
        int width = whole.width();
        int left = 1;
        LikelihoodSpec spec = fixture.spec();
        Likelihood cut = Likelihoods.of(List.of(
                new LikelihoodSpec(spec.type(), left, spec.variance()),
                new LikelihoodSpec(spec.type(), width - left, spec.variance())));
        assertEquals(whole.etaWidth(), cut.etaWidth());
        int groups = whole.etaWidth() / width;
        int[] moved = new int[whole.etaWidth()];
        for (int g = 0; g < groups; g++) {
            for (int j = 0; j < width; j++) {
                moved[g * width + j] = j < left ? g * left + j : groups * left + g * (width - left) + j - left;
            }
        }
        Case c = new Case("whole", whole, fixture.targets());
        Matrix eta = c.eta(4);
        Matrix cutEta = view(ROWS, cut.etaWidth());
        for (int r = 0; r < ROWS; r++) {
            for (int h = 0; h < moved.length; h++) {
                cutEta.set(r, moved[h], eta.get(r, h));
            }
        }
        Result one = Result.of(whole, c.x(), eta, weights(1f, 0.5f));
        Result two = Result.of(cut, c.x(), cutEta, weights(1f, 0.5f));
        assertArrayEquals(one.loss(), two.loss(), 1e-6);
        for (int r = 0; r < ROWS; r++) {
            for (int h = 0; h < moved.length; h++) {
                assertEquals(one.gradient().get(r, h), two.gradient().get(r, moved[h]), 1e-6f);
            }
        }
    }

    @Test
    void aMixedRowIsTheSumOfItsFields() {
        List<LikelihoodSpec> fields = LikelihoodFixtures.mixedFields();
        Case mixed = new Case("mixed", Likelihoods.of(fields), LikelihoodFixtures.mixedTargets());
        Matrix x = mixed.x();
        Matrix eta = mixed.eta(5);
        Result together = Result.of(mixed.likelihood(), x, eta, ONES);
        double[] sum = new double[ROWS];
        int xAt = 0;
        int etaAt = 0;
        for (LikelihoodSpec spec : fields) {
            Likelihood field = Likelihoods.of(spec);
            int etaTo = etaAt + field.etaWidth();
            Result alone = Result.of(field, x.columns(xAt, xAt + field.width()), eta.columns(etaAt, etaTo), ONES);
            Arrays.setAll(sum, r -> sum[r] + alone.loss()[r]);
            assertSameBits(
                    alone.gradient().toArray(),
                    together.gradient().columns(etaAt, etaTo).toArray(),
                    spec.type());
            xAt += field.width();
            etaAt = etaTo;
        }
        assertArrayEquals(sum, together.loss(), 1e-9);
    }

    @Test
    void unknownNamesAndImpossibleSettingsAreNamed() {
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Likelihoods.of(new LikelihoodSpec("cauchy", 1)),
                "'cauchy'",
                String.join(", ", Likelihoods.names()));
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Likelihoods.of(new LikelihoodSpec(GaussianFixed.NAME, 1, -1.0)),
                GaussianFixed.NAME,
                "-1.0");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> Likelihoods.of(new LikelihoodSpec(Categorical.NAME, 1)),
                "two classes",
                "1");
    }
}
