package io.cvaespark.dist;

import static io.cvaespark.TestArrays.assertNothingWrittenAround;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static io.cvaespark.TestArrays.view;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.TestArrays.Moments;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Density, mean and draws of every registered likelihood agree with each other. */
class LikelihoodDrawTest {
    private static final int DRAWS = 20_000;

    static Stream<LikelihoodFixtures.Fixture> fixtures() {
        return LikelihoodFixtures.all().stream();
    }

    /** Every likelihood by itself, and a row with a field of each. */
    static Stream<List<LikelihoodSpec>> rows() {
        return Stream.concat(
                LikelihoodFixtures.all().stream().map(f -> List.of(f.spec())),
                Stream.of(LikelihoodFixtures.mixedFields()));
    }

    private static Workspace workspace() {
        return new Workspace(Blas.openBlas());
    }

    /** {@code rows} times the same moderate η. */
    private static Matrix eta(Likelihood likelihood, long key, int rows) {
        float[] row = normals(key, likelihood.etaWidth());
        Matrix eta = view(rows, row.length);
        for (int r = 0; r < rows; r++) {
            for (int h = 0; h < row.length; h++) {
                eta.set(r, h, 0.7f * row[h]);
            }
        }
        return eta;
    }

    private static long[] keys(long seed, int n) {
        return IntStream.range(0, n)
                .mapToLong(r -> Noise.key(seed, Noise.Purpose.LIKELIHOOD, 0, r, 0))
                .toArray();
    }

    private static Matrix draw(Likelihood likelihood, Matrix eta, long[] keys) {
        Matrix x = view(eta.rows(), likelihood.width());
        likelihood.draw(eta, keys, x, workspace());
        assertNothingWrittenAround(x);
        return x;
    }

    private static double[] losses(Likelihood likelihood, Matrix x, Matrix eta) {
        double[] loss = new double[x.rows()];
        likelihood.lossAndGradient(
                x, eta, new float[x.rows()], loss, view(x.rows(), likelihood.etaWidth()), workspace());
        return loss;
    }

    /** The values a row can take, and the weight of each in a sum or an integral over all of them. */
    private record Support(Matrix x, double weight) {
        static Support of(LikelihoodFixtures.Fixture fixture) {
            if (fixture.isDiscrete()) {
                Matrix x = Matrix.zeros(
                        fixture.outcomes().length, fixture.smallest().width());
                for (int i = 0; i < x.rows(); i++) {
                    x.rowRange(i, i + 1).copyFrom(Matrix.of(fixture.outcomes()[i], 1, x.cols()));
                }
                return new Support(x, 1);
            }
            int n = 40_000;
            double step = (fixture.high() - fixture.low()) / n;
            Matrix x = Matrix.zeros(n, 1);
            for (int i = 0; i < n; i++) {
                x.set(i, 0, (float) (fixture.low() + (i + 0.5) * step));
            }
            return new Support(x, step);
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void probabilitiesAddUpToOne(LikelihoodFixtures.Fixture fixture) {
        Likelihood likelihood = Likelihoods.of(fixture.smallest());
        Support support = Support.of(fixture);
        for (int key = 0; key < 5; key++) {
            double[] losses = losses(
                    likelihood, support.x(), eta(likelihood, key, support.x().rows()));
            double total = Arrays.stream(losses)
                    .map(l -> support.weight() * Math.exp(-l))
                    .sum();
            assertEquals(1, total, 2e-5, "eta " + key);
        }
    }

    /** Their average −log p is the entropy, so draws have the right spread, not only the right mean. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void drawsFollowTheDensity(LikelihoodFixtures.Fixture fixture) {
        Likelihood likelihood = Likelihoods.of(fixture.smallest());
        Support support = Support.of(fixture);
        for (int key = 0; key < 3; key++) {
            double[] all = losses(
                    likelihood, support.x(), eta(likelihood, key, support.x().rows()));
            double entropy = Arrays.stream(all)
                    .map(l -> support.weight() * Math.exp(-l) * l)
                    .sum();
            Matrix eta = eta(likelihood, key, DRAWS);
            double[] drawn = losses(likelihood, draw(likelihood, eta, keys(key, DRAWS)), eta);
            Moments.of(drawn).assertMean(entropy, "entropy, eta " + key);
        }
    }

    @ParameterizedTest
    @MethodSource("fixtures")
    void drawsAreAmongTheOutcomes(LikelihoodFixtures.Fixture fixture) {
        Likelihood likelihood = Likelihoods.of(fixture.smallest());
        Matrix x = draw(likelihood, eta(likelihood, 6, 500), keys(6, 500));
        for (int r = 0; r < x.rows(); r++) {
            float[] row = x.rowRange(r, r + 1).toArray();
            boolean possible = fixture.isDiscrete()
                    ? Arrays.stream(fixture.outcomes()).anyMatch(o -> isOutcome(o, row))
                    : row[0] > fixture.low() && row[0] < fixture.high();
            assertTrue(possible, () -> "drew " + Arrays.toString(row));
        }
    }

    private static boolean isOutcome(float[] outcome, float[] row) {
        return IntStream.range(0, row.length).allMatch(j -> Float.isNaN(outcome[j]) || outcome[j] == row[j]);
    }

    @ParameterizedTest
    @MethodSource("rows")
    void theMeanIsTheAverageOfManyDraws(List<LikelihoodSpec> fields) {
        Likelihood likelihood = Likelihoods.of(fields);
        Matrix eta = eta(likelihood, 7, DRAWS);
        Matrix mean = view(DRAWS, likelihood.width());
        likelihood.mean(eta, mean, workspace());
        assertNothingWrittenAround(mean);
        Matrix draws = draw(likelihood, eta, keys(7, DRAWS));
        BitSet codes = floatsOfCodes(fields);
        for (int j = codes.nextClearBit(0); j < likelihood.width(); j = codes.nextClearBit(j + 1)) {
            int column = j;
            double[] values = IntStream.range(0, DRAWS)
                    .mapToDouble(r -> draws.get(r, column))
                    .toArray();
            Moments.of(values).assertMean(mean.get(DRAWS - 1, j), "target " + j);
        }
    }

    /** The floats that are codes and positions, which have no average. */
    private static BitSet floatsOfCodes(List<LikelihoodSpec> fields) {
        BitSet floats = new BitSet();
        int at = 0;
        for (LikelihoodSpec field : fields) {
            if (field.codeCount() > 0) {
                floats.set(at, at + field.width());
            }
            at += field.width();
        }
        return floats;
    }

    @Test
    void theMeanOfCodesIsTheCodeNearestToTheMean() {
        LikelihoodSpec.Codes codes =
                new LikelihoodSpec.Codes(4, List.of(), List.of(0.0, 10.0, 20.0)); // the fourth: an empty cell
        Likelihood numbers = Likelihoods.of(new LikelihoodSpec(LevelNumber.HISTOGRAM, 3, null, codes));
        Matrix x = view(3, 3);
        Matrix eta = Matrix.of(
                new float[] {
                    (float) Math.log(0.5),
                    (float) Math.log(0.1),
                    (float) Math.log(0.4),
                    -50f, // mean 9
                    0f,
                    -50f,
                    -50f,
                    1f, // more often empty than not
                    -50f,
                    -50f,
                    3f,
                    0f
                },
                3,
                4);
        numbers.mean(eta, x, workspace());
        assertArrayEquals(new float[] {1f, -1f, 0.5f, 3f, -1f, 0.5f, 2f, -1f, 0.5f}, x.toArray());
        Likelihood levels = Likelihoods.of(
                new LikelihoodSpec(Categorical.NAME, 1, null, new LikelihoodSpec.Codes(4, List.of(), List.of())));
        Matrix level = view(3, 1);
        levels.mean(eta, level, workspace());
        assertArrayEquals(new float[] {0f, 3f, 2f}, level.toArray());
    }

    @ParameterizedTest
    @MethodSource("rows")
    void drawsAreAPureFunctionOfTheirKey(List<LikelihoodSpec> fields) {
        Likelihood likelihood = Likelihoods.of(fields);
        int n = 64;
        Matrix eta = eta(likelihood, 8, n);
        long[] keys = keys(8, n);
        Matrix x = draw(likelihood, eta, keys);
        long[] reversed = new long[n];
        Arrays.setAll(reversed, r -> keys[n - 1 - r]);
        Matrix back = draw(likelihood, eta, reversed);
        for (int r = 0; r < n; r++) {
            assertSameBits(
                    x.rowRange(r, r + 1).toArray(),
                    back.rowRange(n - 1 - r, n - r).toArray(),
                    "row " + r);
        }
        assertFalse(
                Arrays.equals(x.toArray(), draw(likelihood, eta, keys(9, n)).toArray()), "other keys, the same draws");
        Matrix plain = view(n, likelihood.width());
        likelihood.draw(eta, keys, plain, new Workspace(Blas.openBlas(), Elementwise.plain()));
        assertSameBits(x.toArray(), plain.toArray(), "plain kernels");
    }

    /** Two fields of one kind must not repeat each other's noise. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void fieldsOfARowDrawIndependently(LikelihoodFixtures.Fixture fixture) {
        Likelihood one = Likelihoods.of(fixture.spec());
        Likelihood two = Likelihoods.of(List.of(fixture.spec(), fixture.spec()));
        int n = 64;
        Matrix single = eta(one, 10, n);
        Matrix eta = view(n, two.etaWidth());
        eta.columns(0, one.etaWidth()).copyFrom(single);
        eta.columns(one.etaWidth(), eta.cols()).copyFrom(single);
        Matrix x = draw(two, eta, keys(10, n));
        assertFalse(Arrays.equals(
                x.columns(0, one.width()).toArray(),
                x.columns(one.width(), x.cols()).toArray()));
    }
}
