package io.cvaespark.model;

import static io.cvaespark.TestArrays.doubles;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cvaespark.TestArrays;
import io.cvaespark.batch.Batch;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** With noise, encoder and classifier see x̃ and the likelihood scores x. */
class DenoisingTest {
    private static final int ROWS = VariantCases.ROWS;
    private static final int X = 3;
    private static final float[][] TARGETS = {{0.3f, -1.2f, 2f}, {-0.7f, 0f, 0.1f}, {1.5f, 1.1f, -0.4f}};

    static Stream<CvaeNetwork> networks() {
        List<LikelihoodSpec> fields = List.of(new LikelihoodSpec("gaussian", X));
        CvaeNetwork weighted = new CvaeNetwork(Models.network(Variant.CVAE_2, fields)
                .architecture()
                .withObjective(new ObjectiveSpec(ObjectiveSpec.Type.IWAE, 3, 1)));
        return Stream.concat(
                Stream.of(weighted),
                Stream.of(Variant.VAE, Variant.CVAE_2, Variant.CVAE_3, Variant.M2)
                        .map(variant -> Models.network(variant, fields)));
    }

    /** [x̃ | c] of a batch. */
    private static Matrix noisy(Batch batch) {
        Matrix noisy = Matrix.zeros(ROWS, batch.xc().cols());
        noisy.copyFrom(batch.xc());
        float[] noise = normals(9, ROWS * X);
        for (int i = 0; i < noise.length; i++) {
            noisy.set(i / X, i % X, noisy.get(i / X, i % X) + noise[i]);
        }
        return noisy;
    }

    private static RowLosses losses(CvaeNetwork network, float[] parameters, Batch batch, float @Nullable [] gradient) {
        RowLosses losses = new RowLosses();
        Objectives.of(network.architecture(), 0f)
                .accumulate(new ObjectiveStep(
                        network,
                        parameters,
                        batch,
                        LatentNoise.counterBased(3, 1),
                        0.7,
                        losses,
                        gradient == null ? null : Gradient.adding(gradient),
                        new Workspace(Blas.openBlas())));
        return losses;
    }

    /** A decoder that says the same whatever it is given shows what is scored; the KL shows what was seen. */
    @ParameterizedTest
    @MethodSource("networks")
    void theCleanRowIsScoredAndTheNoisyOneSeen(CvaeNetwork network) {
        float[] parameters = Models.parameters(network, 5);
        for (Tensor t : network.tensors()) {
            if (t.name().startsWith("decoder.") && t.name().endsWith(".weight")) {
                Arrays.fill(parameters, t.offset(), t.offset() + t.size(), 0f);
            }
        }
        Batch clean = Models.batch(network, TARGETS, ROWS, 0);
        Matrix seen = noisy(clean);
        RowLosses expected = losses(network, parameters, clean, null);
        RowLosses allNoisy = losses(network, parameters, new Batch(seen, X, clean.weights(), clean.ids()), null);
        RowLosses losses = losses(network, parameters, clean.seenAs(seen), null);
        assertArrayEquals(allNoisy.kl(), losses.kl());
        assertFalse(Arrays.equals(expected.kl(), losses.kl()));
        for (int r = 0; r < ROWS; r++) {
            assertEquals(expected.reconstruction()[r], losses.reconstruction()[r], 1e-5, "row " + r);
            assertNotEquals(allNoisy.reconstruction()[r], losses.reconstruction()[r], 1e-2, "row " + r);
            if (network.variant() != Variant.CVAE_3
                    && network.architecture().objective().draws() == 1) {
                // What else a loss has, the KL and the classification, is of the noisy row.
                assertEquals(
                        allNoisy.loss()[r] - allNoisy.reconstruction()[r],
                        losses.loss()[r] - losses.reconstruction()[r],
                        1e-5,
                        "row " + r);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("networks")
    void theGradientIsThatOfTheNoisyLoss(CvaeNetwork network) {
        float[] parameters = Models.parameters(network, 5);
        Batch clean = Models.batch(network, TARGETS, ROWS, 0);
        Batch batch = clean.seenAs(noisy(clean));
        float[] gradient = new float[parameters.length];
        losses(network, parameters, batch, gradient);
        double largest = Arrays.stream(doubles(gradient)).map(Math::abs).max().orElse(0);
        for (int i = 0; i < parameters.length; i++) {
            TestArrays.Slope slope = TestArrays.slope(
                    () -> Arrays.stream(losses(network, parameters, batch, null).loss(), 0, ROWS)
                            .sum(),
                    parameters,
                    i,
                    4e-3f);
            assertEquals(slope.central(), gradient[i], 1e-3 * largest, "parameter " + i);
        }
    }
}
