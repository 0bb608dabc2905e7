package io.cvaespark.bench;

import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_FIRST;
import static io.cvaespark.nn.ImageShape.Layout.CHANNELS_LAST;

import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Conv2d;
import io.cvaespark.nn.ConvTranspose2d;
import io.cvaespark.nn.Dense;
import io.cvaespark.nn.Gradient;
import io.cvaespark.nn.ImageShape;
import io.cvaespark.nn.Kernel;
import io.cvaespark.nn.Layer;
import io.cvaespark.nn.Network;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * Forward and backward of the reference model's convolutional kin, 128 rows of 28 × 28 and 10 conditions, one thread; the
 * networks need about 18 MFLOP a row.
 *
 * <p>Run its main method on the test class path; the options of the JVM are those of {@code conf/spark-defaults.conf}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "-XX:+UseParallelGC",
            "-XX:+UseTransparentHugePages",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=dontinline,io.cvaespark.linalg.VectorElementwise::*"
        })
public class ConvolutionBenchmark {
    private static final int ROWS = 128;
    private static final Kernel DOWN = new Kernel(3, 2, 1);
    private static final Kernel UP = new Kernel(4, 2, 1);

    /** Rows per second are 128 over the time of "encoder" and "decoder" together; the others are their layers. */
    @Param({"encoder", "decoder", "encoder.0", "encoder.1", "encoder.2", "decoder.0", "decoder.1", "decoder.2"})
    private String part = "encoder";

    private final Conv2d conv0 =
            new Conv2d(new ImageShape(1, 28, 28, CHANNELS_FIRST), 32, CHANNELS_LAST, DOWN, 10, Activation.RELU);
    private final Conv2d conv1 = new Conv2d(conv0.output(), 64, CHANNELS_FIRST, DOWN, 10, Activation.RELU);
    private final ConvTranspose2d up1 =
            new ConvTranspose2d(new ImageShape(64, 7, 7, CHANNELS_FIRST), 32, CHANNELS_LAST, UP, 0, Activation.RELU);
    private final ConvTranspose2d up2 =
            new ConvTranspose2d(up1.output(), 1, CHANNELS_FIRST, UP, 0, Activation.IDENTITY);
    private final List<Layer> encoder = List.of(conv0, conv1, new Dense(3146, 64, Activation.IDENTITY));
    private final List<Layer> decoder = List.of(new Dense(42, 3136, Activation.RELU), up1, up2);
    private final Workspace workspace = new Workspace(Blas.openBlas());
    private final Map<String, Case> cases = Map.of(
            "encoder", new Case(encoder, 0),
            "decoder", new Case(decoder, 32),
            "encoder.0", new Case(encoder.subList(0, 1), 0),
            "encoder.1", new Case(encoder.subList(1, 2), 6272),
            "encoder.2", new Case(encoder.subList(2, 3), 3136),
            "decoder.0", new Case(decoder.subList(0, 1), 32),
            "decoder.1", new Case(decoder.subList(1, 2), 3136),
            "decoder.2", new Case(decoder.subList(2, 3), 6272));

    /** A network with an input and a gradient of its output. */
    private static final class Case {
        private final Network network;
        private final float[] parameters;
        private final float[] values;
        private final Gradient gradient = Gradient.overwriting();
        private final Matrix input;
        private final Matrix given;
        private final Matrix outputGradient;
        private final @Nullable Matrix inputGradient;

        Case(List<Layer> layers, int inputColumns) {
            network = new Network("network", layers, 0);
            parameters = new float[network.end()];
            values = new float[network.end()];
            network.initialize(1, parameters);
            input = normals(1, network.inputWidth());
            given = normals(2, network.outputWidth());
            outputGradient = Matrix.zeros(ROWS, network.outputWidth());
            inputGradient = inputColumns == 0 ? null : Matrix.zeros(ROWS, inputColumns);
        }

        private static Matrix normals(long key, int cols) {
            Matrix m = Matrix.zeros(ROWS, cols);
            for (int i = 0; i < m.data().length; i++) {
                m.data()[i] = Noise.normal(Noise.mix(key), i);
            }
            return m;
        }

        float[] run(Workspace workspace) {
            workspace.reset();
            gradient.begin(values);
            Network.Trace trace = network.forward(parameters, input, workspace);
            outputGradient.copyFrom(given);
            network.backward(parameters, trace, outputGradient, inputGradient, gradient, workspace);
            return values;
        }
    }

    @Benchmark
    public float[] forwardAndBackward() {
        return cases.get(part).run(workspace);
    }

    public static void main(String[] args) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(ConvolutionBenchmark.class.getSimpleName())
                        .build())
                .run();
    }
}
