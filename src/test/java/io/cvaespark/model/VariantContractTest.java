package io.cvaespark.model;

import static io.cvaespark.TestArrays.assertClose;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.doubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.Implementations;
import io.cvaespark.TestArrays;
import io.cvaespark.batch.Batch;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.VariantCases.Case;
import io.cvaespark.model.prior.PriorSpec;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Tensor;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The objective of every variant, over every likelihood alone and over a row of all of them. */
class VariantContractTest {
    private static final int ROWS = VariantCases.ROWS;
    private static final double BETA = 0.7;

    static Stream<Case> cases() {
        return VariantCases.all();
    }

    static Stream<Case> variational() {
        return cases().filter(Case::hasKl);
    }

    /** Trained by the ELBO, or reconstruction, alone. */
    static Stream<Case> plain() {
        return cases().filter(c -> !c.byDraws()
                && c.network().variant() != Variant.CVAE_3
                && c.network().variant() != Variant.M2);
    }

    static Stream<Case> plainVariational() {
        return plain().filter(Case::hasKl);
    }

    static Stream<Case> hybrid() {
        return cases().filter(c -> c.network().variant() == Variant.CVAE_3);
    }

    private static Objective objective(Case c, float freeBits) {
        return Objectives.of(c.network().architecture(), c.byDraws() ? 0f : freeBits);
    }

    @Test
    void everyObjectiveIsCovered() {
        Set<Class<?>> covered = cases().map(c -> objective(c, 0f).getClass()).collect(Collectors.toSet());
        assertEquals(Implementations.of(Objective.class), covered, "no case is trained by some objective");
    }

    /** Computes the losses of a batch, and the gradient where one is given. */
    private static RowLosses accumulate(
            Case c, float[] parameters, Batch batch, double beta, float freeBits, float @Nullable [] gradient) {
        return accumulate(c, parameters, batch, beta, freeBits, gradient, Elementwise.create());
    }

    private static RowLosses accumulate(
            Case c,
            float[] parameters,
            Batch batch,
            double beta,
            float freeBits,
            float @Nullable [] gradient,
            Elementwise math) {
        RowLosses losses = new RowLosses();
        objective(c, freeBits)
                .accumulate(new ObjectiveStep(
                        c.network(),
                        parameters,
                        batch,
                        LatentNoise.counterBased(3, 1),
                        beta,
                        losses,
                        gradient == null ? null : Gradient.adding(gradient),
                        new Workspace(Blas.openBlas(), math)));
        return losses;
    }

    private static float[] gradient(Case c, Batch batch, double beta, float freeBits) {
        float[] gradient = new float[c.network().parameterCount()];
        accumulate(c, c.parameters(), batch, beta, freeBits, gradient);
        return gradient;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfFiniteDifferences(Case c) {
        assertGradient(c, 0f);
    }

    @ParameterizedTest
    @MethodSource("variational")
    void gradientIsThatOfFiniteDifferencesWithFreeBits(Case c) {
        assertGradient(c, freeBits(c));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientIsThatOfFiniteDifferencesWithMissingCells(Case c) {
        assertGradient(c, 0f, Models.withHoles(c.network(), c.batch()));
    }

    private static void assertGradient(Case c, float freeBits) {
        assertGradient(c, freeBits, c.batch());
    }

    private static void assertGradient(Case c, float freeBits, Batch rows) {
        float[] parameters = c.parameters();
        float[] weights = {1f, 0.5f, 2f, 1f, 0f, 3f};
        Batch batch = Models.weighted(rows, weights);
        float[] gradient = gradient(c, batch, BETA, freeBits);
        double largest = Arrays.stream(doubles(gradient)).map(Math::abs).max().orElse(0);
        for (Tensor t : c.network().tensors()) {
            for (int i = t.offset(); i < t.offset() + t.size(); i++) {
                TestArrays.Slope slope = TestArrays.slope(
                        () -> weightedLoss(accumulate(c, parameters, batch, BETA, freeBits, null), weights),
                        parameters,
                        i,
                        4e-3f);
                double kink = freeBits > 0 || hasKink(c) ? slope.kink() : 0;
                assertEquals(slope.central(), gradient[i], 1e-3 * largest + kink, t.name() + " at " + i);
            }
        }
    }

    /** |x − μ| has no derivative at 0. */
    private static boolean hasKink(Case c) {
        return c.network().architecture().fields().stream()
                .anyMatch(f -> f.type().equals("laplace"));
    }

    /** A cell that is missing has no part in the loss, and a row without any known cell costs its KL alone. */
    @ParameterizedTest
    @MethodSource("plain")
    void whatIsMissingCountsForNothing(Case c) {
        Batch holes = Models.withHoles(c.network(), c.batch());
        RowLosses losses = accumulate(c, c.parameters(), holes, BETA, 0f, null);
        assertEquals(0.0, losses.reconstruction()[ROWS - 1], "all is missing");
        float[] gradient = gradient(c, Models.weighted(holes, 0f, 0f, 0f, 0f, 0f, 1f), 0, 0f);
        assertTrue(Arrays.equals(gradient, new float[gradient.length]), "nor does it move a parameter");
    }

    private static double weightedLoss(RowLosses losses, float[] weights) {
        double sum = 0;
        for (int r = 0; r < ROWS; r++) {
            sum += weights[r] * losses.loss()[r];
        }
        return sum;
    }

    /** Between its ends α mixes losses and gradients; at 0 nothing is left for the encoder. */
    @ParameterizedTest
    @MethodSource("hybrid")
    void alphaMixesTheElboAndThePrediction(Case c) {
        double alpha = 0.3;
        float[][] gradients = new float[3][c.network().parameterCount()];
        RowLosses[] losses = new RowLosses[3];
        double[] alphas = {0, 1, alpha};
        for (int i = 0; i < 3; i++) {
            losses[i] = new RowLosses();
            new Elbo(0f, alphas[i], 1)
                    .accumulate(new ObjectiveStep(
                            c.network(),
                            c.parameters(),
                            c.batch(),
                            LatentNoise.counterBased(3, 1),
                            BETA,
                            losses[i],
                            Gradient.adding(gradients[i]),
                            new Workspace(Blas.openBlas())));
        }
        double[] expected = new double[gradients[0].length];
        for (int i = 0; i < expected.length; i++) {
            expected[i] = alpha * gradients[1][i] + (1 - alpha) * gradients[0][i];
        }
        assertClose(expected, gradients[2], 1e-5, "gradient");
        for (int r = 0; r < ROWS; r++) {
            double mixed = alpha * losses[1].loss()[r] + (1 - alpha) * losses[0].loss()[r];
            assertEquals(mixed, losses[2].loss()[r], 1e-9, "row " + r);
        }
        for (Tensor t : c.network().tensors()) {
            for (int i = t.offset(); t.name().startsWith("encoder.") && i < t.offset() + t.size(); i++) {
                assertEquals(0f, gradients[0][i], t.name());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("plain")
    void lossIsReconstructionPlusBetaTimesKl(Case c) {
        RowLosses losses = accumulate(c, c.parameters(), c.batch(), BETA, 0f, null);
        for (int r = 0; r < ROWS; r++) {
            assertEquals(losses.reconstruction()[r] + BETA * losses.kl()[r], losses.loss()[r], 1e-12);
            assertEquals(c.hasKl(), losses.kl()[r] > 0, "KL of row " + r);
        }
    }

    /** λ = the average KL of a dimension: some dimensions lie below and some above. */
    private static float freeBits(Case c) {
        double[] kl = accumulate(c, c.parameters(), c.batch(), BETA, 0f, null).kl();
        return (float) (Arrays.stream(kl, 0, ROWS).sum() / ROWS / Models.LATENT);
    }

    @ParameterizedTest
    @MethodSource("plainVariational")
    void freeBitsRaiseTheLossAndLeaveReconstructionAndKlAlone(Case c) {
        float freeBits = freeBits(c);
        RowLosses plain = accumulate(c, c.parameters(), c.batch(), BETA, 0f, null);
        RowLosses free = accumulate(c, c.parameters(), c.batch(), BETA, freeBits, null);
        assertArrayEquals(plain.reconstruction(), free.reconstruction());
        assertArrayEquals(plain.kl(), free.kl());
        boolean above = false;
        boolean below = false;
        for (int r = 0; r < ROWS; r++) {
            double penalty = (free.loss()[r] - free.reconstruction()[r]) / BETA;
            double least = Math.max(free.kl()[r], Models.LATENT * (double) freeBits);
            assertTrue(penalty >= least - 1e-9, "row " + r);
            above |= penalty > Models.LATENT * freeBits + 1e-6;
            below |= penalty > free.kl()[r] + 1e-6;
        }
        assertTrue(above && below, "the example has dimensions on one side only");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void lossesAreTheSameWithAndWithoutTheGradient(Case c) {
        RowLosses without = accumulate(c, c.parameters(), c.batch(), BETA, 0f, null);
        RowLosses with = accumulate(
                c, c.parameters(), c.batch(), BETA, 0f, new float[c.network().parameterCount()]);
        assertArrayEquals(without.loss(), with.loss());
        assertArrayEquals(without.reconstruction(), with.reconstruction());
        assertArrayEquals(without.kl(), with.kl());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void halvesOfABatchAddUp(Case c) {
        Batch whole = c.batch();
        float[] together = gradient(c, whole, BETA, 0.05f);
        RowLosses losses = accumulate(c, c.parameters(), whole, BETA, 0.05f, null);
        float[] added = new float[together.length];
        for (int from : new int[] {0, 4}) {
            int rows = from == 0 ? 4 : 2;
            Batch half = Models.batch(c.network(), c.targets(), rows, from);
            RowLosses part = accumulate(c, c.parameters(), half, BETA, 0.05f, added);
            for (int r = 0; r < rows; r++) {
                assertEquals(losses.loss()[from + r], part.loss()[r], 1e-5, "row " + (from + r));
            }
        }
        assertClose(doubles(together), added, 1e-5, "gradient");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void instanceWeightsScaleTheGradientAndNotTheLosses(Case c) {
        Batch batch = c.batch();
        float[] single = gradient(c, batch, BETA, 0f);
        Batch twice = Models.weighted(batch, 2f, 2f, 2f, 2f, 2f, 2f);
        for (int i = 0; i < single.length; i++) {
            single[i] *= 2f;
        }
        assertSameBits(single, gradient(c, twice, BETA, 0f), "twice the weight");
        Batch first = Models.weighted(batch, 1f, 0f, 0f, 0f, 0f, 0f);
        float[] alone = gradient(c, Models.batch(c.network(), c.targets(), 1, 0), BETA, 0f);
        assertClose(doubles(alone), gradient(c, first, BETA, 0f), 1e-5, "weight of one row only");
        assertArrayEquals(
                accumulate(c, c.parameters(), batch, BETA, 0f, null).loss(),
                accumulate(c, c.parameters(), first, BETA, 0f, null).loss());
    }

    /** β = 0 leaves nothing of the KL: no gradient for the prior, and β comes in linearly. */
    @ParameterizedTest
    @MethodSource("plainVariational")
    void betaScalesTheGradientOfTheKl(Case c) {
        float[] none = gradient(c, c.batch(), 0, 0f);
        float[] one = gradient(c, c.batch(), 1, 0f);
        double[] expected = doubles(none);
        for (int i = 0; i < none.length; i++) {
            expected[i] += BETA * (one[i] - (double) none[i]);
        }
        assertClose(expected, gradient(c, c.batch(), BETA, 0f), 1e-5, "gradient");
        for (Tensor t : c.network().tensors()) {
            boolean moves =
                    !Arrays.equals(none, t.offset(), t.offset() + t.size(), one, t.offset(), t.offset() + t.size());
            assertEquals(!t.name().startsWith("decoder."), moves, t.name() + " depends on the KL");
            boolean zero = true;
            for (int i = t.offset(); i < t.offset() + t.size(); i++) {
                zero &= none[i] == 0f;
            }
            assertEquals(t.name().startsWith("prior."), zero, t.name() + " at beta 0");
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void bothKernelsGiveTheSameBits(Case c) {
        float[] plain = new float[c.network().parameterCount()];
        RowLosses expected = accumulate(c, c.parameters(), c.batch(), BETA, 0.05f, plain, Elementwise.plain());
        RowLosses losses = accumulate(c, c.parameters(), c.batch(), BETA, 0.05f, null);
        assertArrayEquals(expected.loss(), losses.loss());
        assertSameBits(plain, gradient(c, c.batch(), BETA, 0.05f), "gradient");
    }

    /** Buffers are used again and not cleared: nothing of an earlier step may show through. */
    @ParameterizedTest
    @MethodSource("cases")
    void whatTheWorkspaceHeldBeforeMakesNoDifference(Case c) {
        Workspace workspace = new Workspace(Blas.openBlas());
        Objective objective = objective(c, 0.05f);
        RowLosses losses = new RowLosses();
        float[] gradient = new float[0];
        for (long key : new long[] {77, 5}) {
            workspace.reset();
            gradient = new float[c.network().parameterCount()];
            objective.accumulate(new ObjectiveStep(
                    c.network(),
                    Models.parameters(c.network(), key),
                    c.batch(),
                    LatentNoise.counterBased(3, 1),
                    BETA,
                    losses,
                    Gradient.adding(gradient),
                    workspace));
        }
        RowLosses expected = accumulate(c, c.parameters(), c.batch(), BETA, 0.05f, null);
        assertArrayEquals(expected.loss(), losses.loss());
        assertSameBits(gradient(c, c.batch(), BETA, 0.05f), gradient, "gradient");
    }

    /** Noise is keyed by the row's id: the row's place in the batch makes no difference beyond rounding. */
    @ParameterizedTest
    @MethodSource("cases")
    void aRowsLossDependsOnItsIdAndNotOnItsPlace(Case c) {
        RowLosses whole = accumulate(c, c.parameters(), c.batch(), BETA, 0f, null);
        RowLosses last =
                accumulate(c, c.parameters(), Models.batch(c.network(), c.targets(), 1, ROWS - 1), BETA, 0f, null);
        assertEquals(whole.loss()[ROWS - 1], last.loss()[0], 1e-5);
        Batch batch = c.batch();
        Batch renamed = new Batch(batch.xc(), batch.x().cols(), batch.weights(), new long[] {9, 8, 7, 6, 5, 4});
        RowLosses other = accumulate(c, c.parameters(), renamed, BETA, 0f, null);
        assertEquals(!c.isRandom(), Arrays.equals(whole.reconstruction(), other.reconstruction()), "another id");
    }

    /** What IWAE minimises is what evaluation estimates with the same draws. */
    @Test
    void theImportanceWeightedLossIsTheEstimateOfTheLogLikelihood() {
        for (PriorSpec prior :
                new PriorSpec[] {PriorSpec.of(PriorSpec.Type.STANDARD), new PriorSpec(PriorSpec.Type.MIXTURE, 3, true)
                }) {
            Case c = VariantCases.special(
                    "iwae of 5", Variant.CVAE_2, a -> a.withObjective(new ObjectiveSpec(ObjectiveSpec.Type.IWAE, 5, 1))
                            .withPrior(prior));
            RowLosses losses = accumulate(c, c.parameters(), c.batch(), 1, 0f, null);
            double[] logLikelihood = new double[ROWS];
            ImportanceSampling.logLikelihood(
                    new ObjectiveStep(
                            c.network(),
                            c.parameters(),
                            c.batch(),
                            LatentNoise.counterBased(3, 1),
                            1,
                            new RowLosses(),
                            null,
                            new Workspace(Blas.openBlas())),
                    5,
                    logLikelihood);
            for (int r = 0; r < ROWS; r++) {
                assertEquals(-logLikelihood[r], losses.loss()[r], 1e-9);
            }
        }
    }
}
