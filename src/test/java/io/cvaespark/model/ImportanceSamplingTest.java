package io.cvaespark.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.batch.Batch;
import io.cvaespark.dist.DiagonalGaussian;
import io.cvaespark.dist.LikelihoodFixtures;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Network;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** log p(x|c) by importance sampling, against its definition and against a model whose likelihood is known. */
class ImportanceSamplingTest {
    private static final LatentNoise NOISE = LatentNoise.counterBased(3, 1);

    private final Workspace workspace = new Workspace(Blas.openBlas());

    static Stream<Variant> withPrior() {
        return Arrays.stream(Variant.values()).filter(Variant::hasPrior);
    }

    private ObjectiveStep step(CvaeNetwork network, float[] parameters, Batch batch, LatentNoise noise) {
        workspace.reset();
        return new ObjectiveStep(network, parameters, batch, noise, 1, new RowLosses(), null, workspace);
    }

    private double[] logLikelihood(CvaeNetwork network, float[] parameters, Batch batch, int draws) {
        double[] result = new double[batch.rows()];
        ImportanceSampling.logLikelihood(step(network, parameters, batch, NOISE), draws, result);
        return result;
    }

    private static double average(double[] values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    private static CvaeNetwork network(Variant variant) {
        return Models.network(variant, LikelihoodFixtures.mixedFields());
    }

    /** log w = log p(x|z,c) + log p(z|c) − log q(z|x,c), of the z that the ELBO draws too. */
    @ParameterizedTest
    @MethodSource("withPrior")
    void oneDrawIsItsLogWeight(Variant variant) {
        CvaeNetwork network = network(variant);
        float[] parameters = Models.parameters(network, 5);
        int rows = 9;
        Batch batch = Models.batch(network, rows, 0);
        for (int r = 1; variant.hasClassifier() && r < rows; r += 2) {
            batch.c().set(r, 0, 1f); // those without a class are averages
        }
        RowLosses losses = new RowLosses();
        new Elbo(0f).accumulate(new ObjectiveStep(network, parameters, batch, NOISE, 1, losses, null, workspace));
        workspace.reset();
        Matrix posterior = network.encode(parameters, batch, workspace).output();
        Network.Trace prior = network.prior(parameters, batch.c(), workspace);
        Matrix epsilon = Matrix.zeros(rows, Models.LATENT);
        NOISE.fill(Noise.Purpose.POSTERIOR, 0, batch, epsilon, workspace.math());
        Matrix z = Matrix.zeros(rows, Models.LATENT);
        DiagonalGaussian.reparameterize(posterior, epsilon, Matrix.zeros(rows, Models.LATENT), z, workspace);
        double[] logQ = new double[rows];
        double[] logP = new double[rows];
        DiagonalGaussian.logDensity(posterior, z, logQ, workspace);
        DiagonalGaussian.logDensity(prior == null ? null : prior.output(), z, logP, workspace);
        double[] estimate = logLikelihood(network, parameters, batch, 1);
        for (int r = 0; r < rows; r++) {
            assertEquals(-losses.reconstruction()[r] + logP[r] - logQ[r], estimate[r], 1e-9, "row " + r);
        }
    }

    /** Burda et al. 2016, theorem 1: the bound is tighter with more draws, on average. */
    @ParameterizedTest
    @MethodSource("withPrior")
    void moreDrawsRaiseTheAverageBound(Variant variant) {
        CvaeNetwork network = network(variant);
        float[] parameters = Models.parameters(network, 5);
        Batch batch = Models.batch(network, 300, 0);
        double before = Double.NEGATIVE_INFINITY;
        for (int draws : new int[] {1, 4, 16, 64}) {
            double bound = average(logLikelihood(network, parameters, batch, draws));
            assertTrue(bound > before, draws + " draws: " + bound + " after " + before);
            before = bound;
        }
    }

    /** The sum over draws is the logarithm of the average weight, in whatever order large and small ones come. */
    @Test
    void manyDrawsAreTheLogarithmOfTheAverageWeight() {
        CvaeNetwork network = network(Variant.CVAE_1);
        float[] parameters = Models.parameters(network, 5);
        Batch batch = Models.batch(network, 20, 0);
        int draws = 10;
        double[] sum = new double[batch.rows()];
        for (int k = 0; k < draws; k++) {
            int draw = k;
            double[] one = new double[batch.rows()];
            LatentNoise only = (purpose, ignored, b, epsilon, math) -> NOISE.fill(purpose, draw, b, epsilon, math);
            ImportanceSampling.logLikelihood(step(network, parameters, batch, only), 1, one);
            Arrays.setAll(sum, r -> sum[r] + Math.exp(one[r]));
        }
        double[] estimate = logLikelihood(network, parameters, batch, draws);
        for (int r = 0; r < sum.length; r++) {
            assertEquals(Math.log(sum[r] / draws), estimate[r], 1e-9, "row " + r);
        }
    }

    /** z ~ N(0, 1), x ~ N(w·z + b, σ²) has p(x) = N(b, w² + σ²); the encoder is off by purpose. */
    @Test
    void aLinearModelsLikelihoodIsFound() {
        double variance = 0.5;
        CvaeNetwork network = new CvaeNetwork(Architecture.dense(
                Variant.VAE,
                List.of(new LikelihoodSpec("gaussian-fixed", 1, variance)),
                0,
                1,
                List.of(),
                List.of(),
                List.of(),
                Activation.TANH));
        float w = 1.5f;
        float b = 0.25f;
        // encoder: weights [2×1] and biases of [μ | log σ²]; decoder: weight and bias
        float[] parameters = {0.4f, 0f, 0.1f, -0.7f, w, b};
        float[][] targets = {{-1f}, {0.3f}, {2f}};
        Batch batch = Models.batch(network, targets, 3, 0);
        double[] estimate = logLikelihood(network, parameters, batch, 20_000);
        double total = w * w + variance;
        for (int r = 0; r < 3; r++) {
            double distance = targets[r][0] - b;
            double expected = -0.5 * (Math.log(2 * Math.PI * total) + distance * distance / total);
            assertEquals(expected, estimate[r], 0.02, "row " + r);
        }
    }

    @Test
    void aModelWithoutAPriorHasNoLikelihood() {
        for (Variant variant : Variant.values()) {
            if (!variant.isGenerative()) {
                CvaeNetwork network = network(variant);
                Batch batch = Models.batch(network, 2, 0);
                ExpectedError.of(
                        IllegalArgumentException.class,
                        () -> logLikelihood(network, Models.parameters(network, 5), batch, 1),
                        variant.toString(),
                        "log-likelihood");
            }
        }
        assertTrue(withPrior().count() < Variant.values().length, "ae is among them");
    }

    /** p(x) = 1/C Σ_c p(x|c). */
    @Test
    void anUnknownClassIsAveragedOver() {
        CvaeNetwork network = network(Variant.M2);
        float[] parameters = Models.parameters(network, 5);
        Batch batch = Models.batch(network, 1, 1);
        double sum = 0;
        for (int k = 0; k < Models.CONDITIONS; k++) {
            batch.c().fill(0f);
            batch.c().set(0, k, 1f);
            sum += Math.exp(logLikelihood(network, parameters, batch, 7)[0]) / Models.CONDITIONS;
        }
        batch.c().fill(0f);
        assertEquals(Math.log(sum), logLikelihood(network, parameters, batch, 7)[0], 1e-9);
    }
}
