package io.cvaespark.nn;

import static io.cvaespark.TestArrays.assertClose;
import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.doubles;
import static io.cvaespark.TestArrays.normalView;
import static io.cvaespark.TestArrays.normals;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_FIRST;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_LAST;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.ExpectedError;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions against their definition, written as plain loops in double precision. */
class ConvolutionTest {
    private static final int PASSED = 3;

    private final Workspace workspace = new Workspace(Blas.openBlas());

    static Stream<Layer> layers() {
        List<Layer> layers = new ArrayList<>();
        for (ImageShape.Layout in : ImageShape.Layout.values()) {
            for (ImageShape.Layout out : ImageShape.Layout.values()) {
                for (int size : List.of(1, 3, 4, 5)) {
                    for (int stride : List.of(1, 2)) {
                        for (int padding : List.of(0, 1)) {
                            Kernel kernel = new Kernel(size, stride, padding);
                            ImageShape image = new ImageShape(1 + size % 3, 7, 5, in);
                            layers.add(new Conv2d(image, stride + padding, out, kernel, PASSED, Activation.TANH));
                            layers.add(
                                    new ConvTranspose2d(image, stride + padding, out, kernel, PASSED, Activation.TANH));
                        }
                    }
                }
            }
        }
        return layers.stream();
    }

    @ParameterizedTest
    @MethodSource("layers")
    void outputsAreThoseOfTheDefinition(Layer layer) {
        float[] parameters = normals(1, 5 + layer.parameterCount());
        Matrix input = normalView(2, 4, layer.inputWidth(), 0.3f);
        Matrix output = layer.forward(parameters, 5, input, workspace).output();
        for (int r = 0; r < input.rows(); r++) {
            assertClose(expected(layer, parameters, 5, input, r), row(output, r), 1e-6, "row " + r);
        }
    }

    static Stream<Layer> largeLayers() {
        return Stream.of(
                new Conv2d(
                        new ImageShape(1, 28, 28, CHANNELS_FIRST),
                        32,
                        CHANNELS_LAST,
                        new Kernel(3, 2, 1),
                        2,
                        Activation.RELU),
                new Conv2d(
                        new ImageShape(12, 14, 15, CHANNELS_LAST),
                        16,
                        CHANNELS_FIRST,
                        new Kernel(3, 1, 1),
                        2,
                        Activation.RELU),
                new Conv2d(
                        new ImageShape(6, 30, 31, CHANNELS_FIRST),
                        17,
                        CHANNELS_LAST,
                        new Kernel(4, 2, 1),
                        0,
                        Activation.SILU),
                new ConvTranspose2d(
                        new ImageShape(16, 14, 15, CHANNELS_FIRST),
                        12,
                        CHANNELS_LAST,
                        new Kernel(3, 1, 1),
                        2,
                        Activation.RELU),
                new ConvTranspose2d(
                        new ImageShape(16, 14, 15, CHANNELS_LAST),
                        5,
                        CHANNELS_FIRST,
                        new Kernel(4, 2, 1),
                        0,
                        Activation.SILU));
    }

    /** More rows than are taken at a time: each row's results are those of the row alone. */
    @ParameterizedTest
    @MethodSource("largeLayers")
    void rowsDoNotMix(Layer layer) {
        int rows = 23;
        float[] parameters = normals(1, layer.parameterCount());
        Matrix input = normalView(2, rows, layer.inputWidth(), 1f);
        Matrix d = normalView(3, rows, layer.outputWidth(), 1f);
        Result all = run(layer, parameters, input, d);
        float[] gradient = new float[parameters.length];
        for (int r = 0; r < rows; r++) {
            Result one = run(layer, parameters, input.rowRange(r, r + 1), d.rowRange(r, r + 1));
            assertClose(doubles(one.output.toArray()), row(all.output, r), 1e-6, "output of row " + r);
            assertClose(doubles(one.inputGradient.toArray()), row(all.inputGradient, r), 1e-6, "gradient of row " + r);
            workspace.math().add(one.gradient.data(), 0, gradient, 0, gradient.length);
        }
        assertClose(doubles(gradient), all.gradient.data(), 1e-5, "gradient");
        Result again = run(layer, parameters, input, d);
        assertSameBits(all.output.toArray(), again.output.toArray(), "output of a second run");
        assertSameBits(all.gradient.data(), again.gradient.data(), "gradient of a second run");
    }

    private record Result(Matrix output, Matrix inputGradient, Matrix gradient) {}

    private Result run(Layer layer, float[] parameters, Matrix input, Matrix outputGradient) {
        workspace.reset();
        Layer.Trace trace = layer.forward(parameters, 0, input, workspace);
        Matrix output = copy(trace.output());
        Matrix inputGradient = Matrix.zeros(input.rows(), layer.inputWidth());
        float[] gradient = new float[parameters.length];
        layer.backward(parameters, 0, trace, copy(outputGradient), inputGradient, Gradient.adding(gradient), workspace);
        return new Result(output, inputGradient, Matrix.of(gradient, 1, gradient.length));
    }

    private static Matrix copy(Matrix m) {
        return Matrix.of(m.toArray(), m.rows(), m.cols());
    }

    private static float[] row(Matrix m, int r) {
        return m.rowRange(r, r + 1).toArray();
    }

    private static double[] expected(Layer layer, float[] parameters, int offset, Matrix input, int row) {
        if (layer instanceof Conv2d conv) {
            return convolution(conv, parameters, offset, input, row);
        }
        return transposedConvolution((ConvTranspose2d) layer, parameters, offset, input, row);
    }

    private static double[] convolution(Conv2d conv, float[] w, int offset, Matrix input, int row) {
        ImageShape in = conv.input();
        ImageShape out = conv.output();
        Kernel kernel = conv.kernel();
        int k = kernel.size();
        double[] result = new double[out.size() + PASSED];
        for (int o = 0; o < out.channels(); o++) {
            for (int i = 0; i < out.height(); i++) {
                for (int j = 0; j < out.width(); j++) {
                    double sum = w[offset + out.channels() * in.channels() * k * k + o];
                    for (int c = 0; c < in.channels(); c++) {
                        for (int p = 0; p < k; p++) {
                            for (int q = 0; q < k; q++) {
                                int y = kernel.stride() * i + p - kernel.padding();
                                int x = kernel.stride() * j + q - kernel.padding();
                                if (y >= 0 && y < in.height() && x >= 0 && x < in.width()) {
                                    double weight = w[offset + ((o * in.channels() + c) * k + p) * k + q];
                                    sum += weight * input.get(row, index(in, c, y, x));
                                }
                            }
                        }
                    }
                    result[index(out, o, i, j)] = Math.tanh(sum);
                }
            }
        }
        return withPassed(result, in, out, input, row);
    }

    private static double[] transposedConvolution(ConvTranspose2d conv, float[] w, int offset, Matrix input, int row) {
        ImageShape in = conv.input();
        ImageShape out = conv.output();
        Kernel kernel = conv.kernel();
        int k = kernel.size();
        double[] result = new double[out.size() + PASSED];
        for (int o = 0; o < out.channels(); o++) {
            for (int y = 0; y < out.height(); y++) {
                for (int x = 0; x < out.width(); x++) {
                    result[index(out, o, y, x)] = w[offset + in.channels() * out.channels() * k * k + o];
                }
            }
            for (int c = 0; c < in.channels(); c++) {
                for (int i = 0; i < in.height(); i++) {
                    for (int j = 0; j < in.width(); j++) {
                        for (int p = 0; p < k; p++) {
                            for (int q = 0; q < k; q++) {
                                int y = kernel.stride() * i + p - kernel.padding();
                                int x = kernel.stride() * j + q - kernel.padding();
                                if (y >= 0 && y < out.height() && x >= 0 && x < out.width()) {
                                    double weight = w[offset + ((c * out.channels() + o) * k + p) * k + q];
                                    result[index(out, o, y, x)] += weight * input.get(row, index(in, c, i, j));
                                }
                            }
                        }
                    }
                }
            }
        }
        for (int i = 0; i < out.size(); i++) {
            result[i] = Math.tanh(result[i]);
        }
        return withPassed(result, in, out, input, row);
    }

    private static int index(ImageShape s, int c, int y, int x) {
        return s.layout() == CHANNELS_FIRST
                ? (c * s.height() + y) * s.width() + x
                : (y * s.width() + x) * s.channels() + c;
    }

    private static double[] withPassed(double[] result, ImageShape in, ImageShape out, Matrix input, int row) {
        for (int j = 0; j < PASSED; j++) {
            result[out.size() + j] = input.get(row, in.size() + j);
        }
        return result;
    }

    @Test
    void sizesAreThoseOfPyTorch() {
        ImageShape image = new ImageShape(3, 8, 5, CHANNELS_FIRST);
        Conv2d conv = new Conv2d(image, 7, CHANNELS_LAST, new Kernel(3, 2, 1), 0, Activation.RELU);
        assertEquals(new ImageShape(7, 4, 3, CHANNELS_LAST), conv.output());
        assertEquals(List.of(7, 3, 3, 3), conv.tensors().get(0).shape());
        ConvTranspose2d back =
                new ConvTranspose2d(conv.output(), 2, CHANNELS_FIRST, new Kernel(4, 2, 1), 1, Activation.RELU);
        assertEquals(new ImageShape(2, 8, 6, CHANNELS_FIRST), back.output());
        assertEquals(List.of(7, 2, 4, 4), back.tensors().get(0).shape());
        assertEquals(List.of(2), back.tensors().get(1).shape());
        assertEquals(2 * 8 * 6 + 1, back.outputWidth());
    }

    @Test
    void initialWeightsKeepTheVarianceOfTheirInputs() {
        Kernel kernel = new Kernel(4, 2, 1);
        ImageShape image = new ImageShape(16, 8, 8, CHANNELS_FIRST);
        assertDeviation(Math.sqrt(2.0 / (16 * 16)), new Conv2d(image, 24, CHANNELS_FIRST, kernel, 0, Activation.RELU));
        assertDeviation(
                Math.sqrt(2.0 / (16 * 16 + 24 * 4)), new Conv2d(image, 24, CHANNELS_FIRST, kernel, 0, Activation.TANH));
        assertDeviation(
                Math.sqrt(2.0 / (16 * 4)), new ConvTranspose2d(image, 24, CHANNELS_FIRST, kernel, 0, Activation.RELU));
        assertDeviation(
                0.1 * Math.sqrt(2.0 / (16 * 4 + 24 * 16)),
                new ConvTranspose2d(image, 24, CHANNELS_FIRST, kernel, 0, Activation.IDENTITY));
    }

    private static void assertDeviation(double expected, Layer layer) {
        float[] parameters = new float[layer.parameterCount()];
        layer.initialize(1, parameters, 0);
        int weights = layer.tensors().get(0).size();
        double squares = 0;
        for (int i = 0; i < weights; i++) {
            squares += parameters[i] * parameters[i];
        }
        assertEquals(expected, Math.sqrt(squares / weights), 0.05 * expected, layer.toString());
    }

    @Test
    void sizesThatDoNotWorkOutAreRefused() {
        ImageShape small = new ImageShape(1, 3, 8, CHANNELS_FIRST);
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new Conv2d(small, 1, CHANNELS_LAST, new Kernel(5, 2, 0), 0, Activation.RELU),
                "kernel 5, stride 2, padding 0",
                "at least 5 x 5",
                "found 3 x 8",
                "more padding");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new ConvTranspose2d(
                        new ImageShape(1, 1, 4, CHANNELS_FIRST),
                        1,
                        CHANNELS_LAST,
                        new Kernel(2, 2, 1),
                        0,
                        Activation.RELU),
                "kernel 2, stride 2, padding 1",
                "0 x 6",
                "1 x 4",
                "less padding");
        ExpectedError.of(
                IllegalArgumentException.class, () -> new Kernel(0, 1, 0), "size and stride at least 1", "size 0");
        ExpectedError.of(
                IllegalArgumentException.class, () -> new ImageShape(0, 2, 3, CHANNELS_LAST), "0 channels of 2 x 3");
        ExpectedError.of(
                IllegalArgumentException.class,
                () -> new Conv2d(small, 1, CHANNELS_LAST, new Kernel(3, 1, 1), -2, Activation.RELU),
                "columns to pass on",
                "-2");
    }
}
