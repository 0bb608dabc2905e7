package io.cvaespark.nn;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.view;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.cvaespark.ExpectedError;
import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NetworkTest {
    private static final Network NETWORK = NetworkSpec.plain(Activation.TANH)
            .network("encoder", new NetworkSpec.Input(5, true, null), LayerSpec.dense(List.of(4, 3)), 2, 7);

    @Test
    void tensorsAreNamedAndCoverItsParametersWithoutAGap() {
        assertEquals(
                List.of(
                        new Tensor("encoder.0.weight", 7, List.of(4, 5)),
                        new Tensor("encoder.0.bias", 27, List.of(4)),
                        new Tensor("encoder.1.weight", 31, List.of(3, 4)),
                        new Tensor("encoder.1.bias", 43, List.of(3)),
                        new Tensor("encoder.2.weight", 46, List.of(2, 3)),
                        new Tensor("encoder.2.bias", 52, List.of(2))),
                NETWORK.tensors());
        int at = NETWORK.offset();
        for (Tensor t : NETWORK.tensors()) {
            assertEquals(at, t.offset(), t.name());
            at += t.size();
        }
        assertEquals(at, NETWORK.end());
        assertEquals(5, NETWORK.inputWidth());
        assertEquals(2, NETWORK.outputWidth());
    }

    @Test
    void theActivationFollowsEveryLayerButTheLast() {
        assertEquals(
                List.of(
                        new Dense(5, 4, Activation.TANH),
                        new Dense(4, 3, Activation.TANH),
                        new Dense(3, 2, Activation.IDENTITY)),
                NETWORK.layers());
    }

    @Test
    void initialValuesAreAPureFunctionOfTheSeed() {
        float[] first = initialized(NETWORK, 1);
        assertSameBits(first, initialized(NETWORK, 1), "same seed");
        float[] other = initialized(NETWORK, 2);
        assertEquals(0f, first[27], "bias");
        assertNotEquals(first[7], other[7], "another seed");
        assertNotEquals(first[7], first[31], "another layer");
        for (int i = 0; i < NETWORK.offset(); i++) {
            assertEquals(0f, first[i], "before the network");
        }
    }

    /** He et al. 2015 before half-linear activations, Glorot and Bengio 2010 before tanh, a tenth of it in last layers. */
    @ParameterizedTest
    @EnumSource
    void initialWeightsHaveTheirVariance(Activation activation) {
        int in = 300;
        int out = 200;
        Network network = new Network("n", List.of(new Dense(in, out, activation)), 0);
        float[] parameters = initialized(network, 3);
        int n = in * out;
        TestArrays.Moments weights = TestArrays.Moments.of(TestArrays.doubles(Arrays.copyOf(parameters, n)));
        double variance =
                switch (activation) {
                    case IDENTITY -> 0.01 * 2.0 / (in + out);
                    case TANH -> 2.0 / (in + out);
                    case RELU, SOFTPLUS, SILU -> 2.0 / in;
                };
        weights.assertMean(0, "mean");
        assertEquals(variance, weights.variance(), 5 * variance * Math.sqrt(2.0 / n));
        for (int j = 0; j < out; j++) {
            assertEquals(0f, parameters[n + j], "bias");
        }
    }

    @Test
    void gradientsGoThroughAllLayers() {
        int rows = 3;
        float[] parameters = TestArrays.normals(4, NETWORK.end() + 1);
        Matrix input = normalView(5, rows, 5, 1f);
        Workspace workspace = new Workspace(Blas.openBlas());
        float[] gradient = new float[parameters.length];
        Matrix inputGradient = view(rows, 5);
        Matrix ones = Matrix.zeros(rows, 2);
        ones.fill(1f);
        NETWORK.backward(
                parameters,
                NETWORK.forward(parameters, input, workspace),
                ones,
                inputGradient,
                Gradient.adding(gradient),
                workspace);

        for (int i = 0; i < parameters.length; i++) {
            TestArrays.Slope slope =
                    TestArrays.slope(() -> sumOfOutputs(parameters, input, workspace), parameters, i, 4e-3f);
            assertEquals(slope.central(), gradient[i], 2e-3, "parameter " + i);
        }
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < 5; j++) {
                TestArrays.Slope slope = TestArrays.slope(
                        () -> sumOfOutputs(parameters, input, workspace), input.data(), input.row(r) + j, 4e-3f);
                assertEquals(slope.central(), inputGradient.get(r, j), 2e-3, "input " + r + "," + j);
            }
        }
    }

    @Test
    void layersThatDoNotFitAreNamed() {
        List<Layer> layers = List.of(new Dense(3, 4, Activation.RELU), new Dense(5, 2, Activation.IDENTITY));
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new Network("decoder", layers, 0),
                "decoder.1",
                "takes 5 inputs",
                "gives 4");
        ExpectedError.of(
                IllegalArgumentException.class, () -> new Dense(0, 4, Activation.RELU), "at least one", "0 and 4");
    }

    private static double sumOfOutputs(float[] parameters, Matrix input, Workspace workspace) {
        workspace.reset();
        double sum = 0;
        for (float y : NETWORK.forward(parameters, input, workspace).output().toArray()) {
            sum += y;
        }
        return sum;
    }

    private static float[] initialized(Network network, long seed) {
        float[] parameters = new float[network.end()];
        network.initialize(seed, parameters);
        return parameters;
    }
}
