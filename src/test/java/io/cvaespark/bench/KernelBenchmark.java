package io.cvaespark.bench;

import io.cvaespark.batch.Batch;
import io.cvaespark.dist.LikelihoodSpec;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Elementwise;
import io.cvaespark.linalg.Matrix;
import io.cvaespark.linalg.Noise;
import io.cvaespark.linalg.Workspace;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.model.Elbo;
import io.cvaespark.model.LatentNoise;
import io.cvaespark.model.ObjectiveStep;
import io.cvaespark.model.RowLosses;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.Activation;
import io.cvaespark.nn.Gradient;
import io.cvaespark.optim.Adam;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * The kernels of one step of the reference model (784+10 → 512 → 512 → 2×32 → 512 → 512 → 784, Bernoulli), one thread.
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
public class KernelBenchmark {
    /** Rows per call: the batch over the shards. */
    @Param({"64", "256"})
    private int rows;

    private final CvaeNetwork network = new CvaeNetwork(Architecture.dense(
            Variant.CVAE_2,
            List.of(new LikelihoodSpec("bernoulli", 784)),
            10,
            32,
            List.of(512, 512),
            List.of(),
            List.of(512, 512),
            Activation.RELU));
    private final float[] parameters = network.initialize(1);
    private final float[] gradient = new float[parameters.length];
    private final Gradient sink = Gradient.overwriting();
    private final float[][] moments = new float[2][parameters.length];
    private final Workspace workspace = new Workspace(Blas.openBlas());
    private final Elementwise math = Elementwise.create();
    private final RowLosses losses = new RowLosses();
    private Batch batch = new Batch(Matrix.zeros(1, 794), 784, new float[1], new long[1]);
    private Matrix eta = Matrix.zeros(1, 784);
    private Matrix etaGradient = Matrix.zeros(1, 784);
    private double[] loss = {};

    @Setup
    public void setUp() {
        Matrix xc = Matrix.zeros(rows, 794);
        long[] ids = new long[rows];
        for (int r = 0; r < rows; r++) {
            ids[r] = r;
            for (int j = 0; j < 784; j++) {
                xc.set(r, j, Noise.bits(r, j) & 1);
            }
            xc.set(r, 784 + r % 10, 1f);
        }
        float[] weights = new float[rows];
        Arrays.fill(weights, 1f);
        batch = new Batch(xc, 784, weights, ids);
        eta = Matrix.zeros(rows, 784);
        etaGradient = Matrix.zeros(rows, 784);
        loss = new double[rows];
    }

    /** Forward and backward of all networks: compare with {@link #sgemm} by operations. */
    @Benchmark
    public float[] step() {
        workspace.reset();
        sink.begin(gradient);
        new Elbo(0f)
                .accumulate(new ObjectiveStep(
                        network, parameters, batch, LatentNoise.counterBased(1, 0), 1, losses, sink, workspace));
        return gradient;
    }

    /** Two products of 1,024³, 4.3 GFLOP: what the step's 7.5 MFLOP a row are compared with. */
    @Benchmark
    public double sgemm() {
        return workspace.blas().measureGflops(1024, 1);
    }

    @Benchmark
    public double[] bernoulli() {
        workspace.reset();
        network.likelihood().lossAndGradient(batch.x(), eta, batch.weights(), loss, etaGradient, workspace);
        return loss;
    }

    @Benchmark
    public float[] binarization() {
        for (int r = 0; r < rows; r++) {
            math.bernoulliDraws(r, eta.data(), eta.row(r), etaGradient.data(), etaGradient.row(r), 784);
        }
        return etaGradient.data();
    }

    @Benchmark
    public float[] adam() {
        new Adam().update(parameters, 0, gradient, 0, 1e-9f, moments, 0, 1e-9, 1, parameters.length);
        return parameters;
    }

    public static void main(String[] args) throws RunnerException {
        new Runner(new OptionsBuilder()
                        .include(KernelBenchmark.class.getSimpleName())
                        .build())
                .run();
    }
}
