package io.cvaespark.model;

import static io.cvaespark.TestArrays.doubles;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.VariantCases.Case;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.NetworkSpec;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Objectives of networks with dropout. */
class DropoutObjectiveTest {
    private static final double BETA = 0.7;

    static Stream<Case> dropping() {
        return Stream.of(
                VariantCases.special("dropout", Variant.CVAE_1, DropoutObjectiveTest::withDropout),
                VariantCases.special("dropout, hybrid", Variant.CVAE_3, DropoutObjectiveTest::withDropout),
                VariantCases.special("dropout, classifier", Variant.M2, DropoutObjectiveTest::withDropout),
                VariantCases.special("dropout, iwae of 3", Variant.CVAE_1, a -> withDropout(a)
                        .withObjective(new ObjectiveSpec(ObjectiveSpec.Type.IWAE, 3, 1))));
    }

    private static Architecture withDropout(Architecture a) {
        return a.withNetworks(new NetworkSpec(Activation.TANH, null, false, false, 0.4, false));
    }

    /** What is dropped is the same for the loss and its gradient; where no gradient is wanted, nothing is. */
    @ParameterizedTest
    @MethodSource("dropping")
    void aStepWithDropoutDescendsItsOwnLoss(Case c) {
        float[] parameters = c.parameters();
        int n = c.network().parameterCount();
        float[] gradient = new float[n];
        double[] training = losses(c, parameters, gradient);
        double largest = Arrays.stream(doubles(gradient)).map(Math::abs).max().orElse(0);
        for (int i = 0; i < n; i += 3) {
            TestArrays.Slope slope = TestArrays.slope(
                    () -> Arrays.stream(losses(c, parameters, new float[n])).sum(), parameters, i, 4e-3f);
            assertEquals(slope.central(), gradient[i], 1e-3 * largest, "at " + i);
        }
        double[] evaluated = losses(c, parameters, null);
        CvaeNetwork whole =
                new CvaeNetwork(c.network().architecture().withNetworks(NetworkSpec.plain(Activation.TANH)));
        assertArrayEquals(losses(new Case("without dropout", whole, c.targets()), parameters, null), evaluated);
        assertFalse(Arrays.equals(training, evaluated), "nothing was dropped");
    }

    private static double[] losses(Case c, float[] parameters, float @Nullable [] gradient) {
        RowLosses losses = new RowLosses();
        Objectives.of(c.network().architecture(), 0f)
                .accumulate(new ObjectiveStep(
                        c.network(),
                        parameters,
                        c.batch(),
                        LatentNoise.counterBased(3, 1),
                        BETA,
                        losses,
                        gradient == null ? null : Gradient.adding(gradient),
                        new Workspace(Blas.openBlas())));
        return Arrays.copyOf(losses.loss(), VariantCases.ROWS);
    }
}
