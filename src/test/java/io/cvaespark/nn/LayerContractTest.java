package io.cvaespark.nn;

import static io.cvaespark.TestArrays.assertClose;
import static io.cvaespark.TestArrays.assertNothingWrittenAround;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.normals;
import static io.cvaespark.TestArrays.view;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_FIRST;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_LAST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.Implementations;
import io.cvaespark.TestArrays;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What every layer must do, on strided inputs, for one row and for several. */
class LayerContractTest {
    private static final int OFFSET = 5;
    private static final Embedding EMBEDDING = new Embedding(
            5, List.of(new Embedding.Table(1, 4, 3), new Embedding.Table(3, 2, 2), new Embedding.Table(4, 3, 2)));

    /** Codes, floats as they are, and codes with a position, in another order than that of x. */
    private static final List<Autoregressive.Column> COLUMNS = List.of(
            new Autoregressive.Column(3, 2, 4, 3, 5, 4, 6),
            new Autoregressive.Column(1, 2, 0, 0, 3, 2, 5),
            new Autoregressive.Column(0, 1, 3, 2, 0, 3, 4));

    /** Every kind of layer in every kind of setting; a new layer is one more line. */
    private static List<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        for (Activation activation : Activation.values()) {
            layers.add(new Dense(5, 9, activation));
            layers.add(new LayerNorm(6, activation));
            layers.add(new Residual(new Dense(5, 5, activation)));
            layers.add(new Conv2d(
                    new ImageShape(2, 4, 5, CHANNELS_FIRST), 3, CHANNELS_LAST, new Kernel(3, 2, 1), 3, activation));
            layers.add(new ConvTranspose2d(
                    new ImageShape(3, 2, 3, CHANNELS_LAST), 2, CHANNELS_FIRST, new Kernel(4, 2, 1), 3, activation));
        }
        layers.add(new Dropout(5, 0.3));
        layers.add(new Residual(new Branch(
                0, new Network("block", List.of(new Dense(5, 5, Activation.TANH), new Dropout(5, 0.3)), 0))));
        layers.add(new Branch(
                3,
                new Network(
                        "condition",
                        List.of(new Dense(2, 4, Activation.SILU), new Dense(4, 3, Activation.IDENTITY)),
                        0)));
        layers.add(EMBEDDING);
        layers.add(new Branch(2, new Network("condition", List.of(EMBEDDING, new Dense(9, 3, Activation.TANH)), 0)));
        layers.add(new ConditionPlanes(new ImageShape(2, 2, 3, CHANNELS_FIRST), 3));
        layers.add(new SharedColumns(List.of(false, true, true, false, true)));
        layers.add(new Autoregressive(new Autoregressive.Given(2, List.of()), 5, COLUMNS, Activation.TANH, 0, false));
        layers.add(new Autoregressive(new Autoregressive.Given(0, List.of()), 5, COLUMNS, Activation.TANH, 0.3, false));
        layers.add(new Autoregressive(new Autoregressive.Given(2, List.of()), 5, COLUMNS, Activation.TANH, 0, true));
        layers.add(new Autoregressive(
                new Autoregressive.Given(
                        4,
                        List.of(
                                new Branch(2, new Network("condition", List.of(new Dense(2, 3, Activation.SILU)), 0)),
                                new Dense(5, 3, Activation.TANH))),
                5,
                List.of(new Autoregressive.Column(3, 2, 4, 3, 0, 4, 6)),
                Activation.TANH,
                0,
                true));
        layers.add(new Dense(1, 1, Activation.TANH));
        layers.add(new Conv2d(
                new ImageShape(1, 5, 6, CHANNELS_FIRST), 4, CHANNELS_LAST, new Kernel(3, 2, 1), 0, Activation.RELU));
        layers.add(new Conv2d(
                new ImageShape(4, 3, 2, CHANNELS_LAST), 2, CHANNELS_FIRST, new Kernel(1, 1, 0), 3, Activation.SILU));
        layers.add(new Conv2d(
                new ImageShape(3, 6, 5, CHANNELS_LAST), 2, CHANNELS_LAST, new Kernel(5, 1, 1), 0, Activation.IDENTITY));
        layers.add(new Conv2d(
                new ImageShape(2, 5, 7, CHANNELS_FIRST),
                3,
                CHANNELS_FIRST,
                new Kernel(4, 2, 0),
                0,
                Activation.SOFTPLUS));
        layers.add(new ConvTranspose2d(
                new ImageShape(4, 2, 3, CHANNELS_FIRST),
                1,
                CHANNELS_LAST,
                new Kernel(4, 2, 1),
                0,
                Activation.IDENTITY));
        layers.add(new ConvTranspose2d(
                new ImageShape(1, 3, 2, CHANNELS_LAST), 3, CHANNELS_LAST, new Kernel(5, 2, 1), 3, Activation.SOFTPLUS));
        layers.add(new ConvTranspose2d(
                new ImageShape(2, 3, 2, CHANNELS_LAST), 4, CHANNELS_LAST, new Kernel(3, 1, 1), 0, Activation.SILU));
        layers.add(new ConvTranspose2d(
                new ImageShape(3, 2, 2, CHANNELS_FIRST), 2, CHANNELS_FIRST, new Kernel(1, 2, 0), 3, Activation.TANH));
        return layers;
    }

    static Stream<Arguments> cases() {
        return layers().stream().flatMap(layer -> Stream.of(Arguments.of(layer, 1), Arguments.of(layer, 7)));
    }

    /** A layer with parameters, input and the weights w of the loss Σ w·y. */
    private static final class Setup {
        final Layer layer;
        final float[] parameters;
        final Matrix input;
        final Matrix lossWeights;
        final Workspace workspace;

        Setup(Layer layer, int rows, Elementwise math) {
            this.layer = layer;
            parameters = normals(1, OFFSET + layer.parameterCount() + 2);
            input = normalView(2, rows, layer.inputWidth(), 1f);
            lossWeights = normalView(3, rows, layer.outputWidth(), 1f);
            workspace = new Workspace(Blas.openBlas(), math);
            writeLevels(layer, input);
        }

        /** Where the layer takes level numbers, level numbers. */
        private static void writeLevels(Layer layer, Matrix input) {
            if (layer instanceof Branch branch) {
                writeLevels(branch.inner().layers().get(0), input.columns(branch.passed(), input.cols()));
            } else if (layer instanceof Embedding embedding) {
                for (Embedding.Table table : embedding.tables()) {
                    for (int r = 0; r < input.rows(); r++) {
                        input.set(r, table.column(), (r * 2 + 1) % table.levels());
                    }
                }
            } else if (layer instanceof Autoregressive autoregressive) {
                for (Autoregressive.Column column : autoregressive.columns()) {
                    int at = autoregressive.given().width() + column.at();
                    for (int r = 0; column.codes() > 0 && r < input.rows(); r++) {
                        input.set(r, at, (r * 2 + 1) % (column.codes() + 1) - 1f); // -1: not known
                    }
                }
            }
        }

        double loss() {
            workspace.reset();
            Matrix y = layer.forward(parameters, OFFSET, input, workspace).output();
            double sum = 0;
            for (int r = 0; r < y.rows(); r++) {
                for (int j = 0; j < y.cols(); j++) {
                    sum += (double) lossWeights.get(r, j) * y.get(r, j);
                }
            }
            return sum;
        }

        /** The gradient of the loss by backward, added to {@code gradient}. */
        void backward(@Nullable Matrix inputGradient, float[] gradient) {
            backward(inputGradient, Gradient.adding(gradient));
        }

        void backward(@Nullable Matrix inputGradient, Gradient gradient) {
            workspace.reset();
            Layer.Trace trace = layer.forward(parameters, OFFSET, input, workspace);
            Matrix outputGradient = view(lossWeights.rows(), lossWeights.cols());
            outputGradient.copyFrom(lossWeights);
            layer.backward(parameters, OFFSET, trace, outputGradient, inputGradient, gradient, workspace);
            assertNothingWrittenAround(outputGradient);
        }

        float[] gradient() {
            float[] gradient = new float[parameters.length];
            backward(null, gradient);
            return gradient;
        }
    }

    private static Setup setup(Layer layer, int rows) {
        return new Setup(layer, rows, Elementwise.create());
    }

    @Test
    void everyLayerClassIsCovered() {
        Set<Class<?>> covered = layers().stream().map(Object::getClass).collect(Collectors.toSet());
        assertEquals(
                Implementations.of(Layer.class),
                covered,
                "add an example of every layer to LayerContractTest.layers()");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsAreThoseOfFiniteDifferences(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        float[] gradient = new float[s.parameters.length];
        Matrix inputGradient = view(rows, layer.inputWidth());
        s.backward(inputGradient, gradient);
        assertNothingWrittenAround(inputGradient);

        int smooth = 0;
        for (int i = OFFSET; i < OFFSET + layer.parameterCount(); i++) {
            smooth += assertSlope(s::loss, s.parameters, i, gradient[i], "parameter " + (i - OFFSET));
        }
        for (int r = 0; r < rows; r++) {
            for (int j = 0; j < layer.inputWidth(); j++) {
                smooth += assertSlope(
                        s::loss, s.input.data(), s.input.row(r) + j, inputGradient.get(r, j), "input " + r + "," + j);
            }
        }
        assertTrue(smooth > 0.9 * (layer.parameterCount() + rows * layer.inputWidth()), "too many kinks to say much");
    }

    /** Asserts a slope, allowing for its change within the step; returns 0 at a kink of relu, else 1. */
    private static int assertSlope(DoubleSupplier loss, float[] values, int at, float actual, String what) {
        TestArrays.Slope slope = TestArrays.slope(loss, values, at, 4e-3f);
        double tolerance = 2e-3 + 1e-3 * Math.abs(slope.central());
        boolean kinked = slope.kink() > 0.05;
        assertEquals(slope.central(), actual, tolerance + slope.kink(), what);
        return kinked ? 0 : 1;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void backwardAddsToTheGradientOfItsOwnParameters(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        float[] once = s.gradient();
        float[] added = new float[once.length];
        Arrays.fill(added, 3f);
        s.backward(null, added);
        for (int i = 0; i < once.length; i++) {
            boolean own = i >= OFFSET && i < OFFSET + layer.parameterCount();
            assertEquals(3f + (own ? once[i] : 0f), added[i], own ? 1e-5f : 0f, "parameter " + (i - OFFSET));
        }
    }

    /** What a recycled buffer holds does not matter, and a second run of the layer still adds. */
    @ParameterizedTest
    @MethodSource("cases")
    void theFirstWriteNeedsNoZeros(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        Gradient fresh = Gradient.overwriting();
        float[] recycled = new float[s.parameters.length];
        Arrays.fill(recycled, Float.NaN);
        fresh.begin(recycled);
        s.backward(null, fresh);
        fresh.complete();
        assertSameBits(s.gradient(), recycled, "one run");

        fresh.begin(recycled);
        s.backward(null, fresh);
        s.backward(null, fresh);
        fresh.complete();
        float[] twice = s.gradient();
        s.backward(null, twice);
        assertSameBits(twice, recycled, "two runs");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void theInputGradientMayBeOfTheFirstColumnsOnly(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        Matrix all = view(rows, layer.inputWidth());
        s.backward(all, new float[s.parameters.length]);
        for (int width = 1; width < layer.inputWidth(); width++) {
            Matrix some = view(rows, width);
            s.backward(some, new float[s.parameters.length]);
            assertClose(TestArrays.doubles(all.columns(0, width).toArray()), some.toArray(), 1e-6, width + " columns");
            assertNothingWrittenAround(some);
        }
    }

    @ParameterizedTest
    @MethodSource("cases")
    void plainAndVectorKernelsGiveTheSameBits(Layer layer, int rows) {
        Setup vector = new Setup(layer, rows, Elementwise.create());
        Setup plain = new Setup(layer, rows, Elementwise.plain());
        assertEquals(plain.loss(), vector.loss());
        assertSameBits(plain.gradient(), vector.gradient(), "gradient");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aLayerMayRunSeveralTimesInAStep(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        float[] alone = s.gradient();
        s.workspace.reset();
        Layer.Trace first = layer.forward(s.parameters, OFFSET, s.input, s.workspace);
        Matrix other = normalView(9, rows, layer.inputWidth(), 1f);
        Setup.writeLevels(layer, other);
        layer.forward(s.parameters, OFFSET, other, s.workspace);
        float[] gradient = new float[alone.length];
        Matrix d = Matrix.zeros(rows, layer.outputWidth());
        d.copyFrom(s.lossWeights);
        layer.backward(s.parameters, OFFSET, first, d, null, Gradient.adding(gradient), s.workspace);
        assertSameBits(alone, gradient, "gradient of the first run");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void gradientsOfTheRowsAddUp(Layer layer, int rows) {
        Setup s = setup(layer, rows);
        float[] together = s.gradient();
        float[] oneByOne = new float[together.length];
        for (int r = 0; r < rows; r++) {
            s.workspace.reset();
            Layer.Trace trace = layer.forward(s.parameters, OFFSET, s.input.rowRange(r, r + 1), s.workspace);
            Matrix d = Matrix.zeros(1, layer.outputWidth());
            d.copyFrom(s.lossWeights.rowRange(r, r + 1));
            layer.backward(s.parameters, OFFSET, trace, d, null, Gradient.adding(oneByOne), s.workspace);
        }
        assertClose(TestArrays.doubles(together), oneByOne, 1e-5, "gradient");
    }

    @ParameterizedTest
    @MethodSource("cases")
    void anInputOfAnotherWidthIsRefused(Layer layer, int rows) {
        int wrong = layer.inputWidth() + 1;
        Setup s = setup(layer, rows);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> layer.forward(s.parameters, OFFSET, Matrix.zeros(rows, wrong), s.workspace),
                rows + " x " + layer.inputWidth(),
                rows + " x " + wrong);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void initialValuesFillItsOwnParametersOnly(Layer layer, int rows) {
        float[] parameters = new float[OFFSET + layer.parameterCount() + 2];
        Arrays.fill(parameters, Float.NaN);
        layer.initialize(11, parameters, OFFSET);
        for (int i = 0; i < parameters.length; i++) {
            boolean own = i >= OFFSET && i < OFFSET + layer.parameterCount();
            assertEquals(own, !Float.isNaN(parameters[i]), "parameter " + (i - OFFSET));
        }
        float[] again = parameters.clone();
        layer.initialize(11, again, OFFSET);
        assertSameBits(parameters, again, "initial values");
    }
}
