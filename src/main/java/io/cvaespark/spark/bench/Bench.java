package io.cvaespark.spark.bench;

import io.cvaespark.batch.Augmentation;
import io.cvaespark.batch.Block;
import io.cvaespark.batch.Dealing;
import io.cvaespark.batch.EpochOrder;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Field;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.codec.Codec;
import io.cvaespark.job.Architectures;
import io.cvaespark.job.Job;
import io.cvaespark.linalg.Blas;
import io.cvaespark.linalg.Noise;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.spark.exchange.Exchanges;
import io.cvaespark.spark.exchange.Slots;
import io.cvaespark.spark.exchange.WorkerSpec;
import io.cvaespark.spark.shards.Layouts;
import io.cvaespark.spark.shards.WorkerBlocks;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;

/**
 * A benchmark that measures training steps on synthetic rows, and {@code sgemm} on the same workers before and after
 * them.
 *
 * <p>The share of {@code sgemm} is (operations of a row · rows per second) / (sgemm rate of all workers at once);
 * {@link CvaeNetwork#trainingOperationsPerRow} defines an operation.
 */
public final class Bench {
    /** About as many rows as MNIST has. */
    private static final int ROWS_PER_EPOCH = 65_536;

    private static final int FEWEST_STEPS_PER_EPOCH = 16;
    private static final int WARM_UP_EPOCHS = 2;
    private static final int EXCHANGES = 200;
    private static final int SGEMM_SIZE = 1024;
    private static final int SGEMM_REPEATS = 20;

    private final SparkSession spark;
    private final Job job;
    private final TableSchema schema;

    private Bench(SparkSession spark, Job job, TableSchema schema) {
        this.spark = spark;
        this.job = job;
        this.schema = schema;
    }

    /**
     * Creates the reference benchmark: 784 Bernoulli targets and 10 conditions with the model and training of {@code
     * job}.
     */
    public static Bench reference(SparkSession spark, Job job) {
        return new Bench(spark, job, new TableSchema(List.of(image("image", 784)), List.of(category("label", 10))));
    }

    /**
     * Creates a benchmark from {@code job} without its data, if the job determines the schema: one Bernoulli target as
     * wide as {@code model.image}, and categorical conditions of {@code maxLevels} levels. Otherwise the result is
     * empty.
     */
    public static Optional<Bench> withoutData(SparkSession spark, Job job) {
        List<Integer> image = job.model().image();
        boolean known = image != null
                && job.targets().size() == 1
                && "bernoulli".equals(job.targets().get(0).likelihood())
                && job.conditions().stream().allMatch(c -> "categorical".equals(c.type()) && c.maxLevels() != null);
        if (image == null || !known) {
            return Optional.empty();
        }
        int size = image.stream().reduce(1, Math::multiplyExact);
        List<Field> conditions = job.conditions().stream()
                .map(c -> category(c.column(), c.levelLimit()))
                .toList();
        return Optional.of(new Bench(
                spark, job, new TableSchema(List.of(image(job.targets().get(0).column(), size)), conditions)));
    }

    private static Field image(String column, int size) {
        return new Field(
                column,
                DataTypes.createArrayType(DataTypes.FloatType).json(),
                ColumnType.BINARY,
                new Codec.Unit(size),
                "bernoulli",
                null,
                false);
    }

    private static Field category(String column, int levels) {
        List<String> names =
                IntStream.range(0, levels).mapToObj(String::valueOf).toList();
        return new Field(
                column,
                DataTypes.IntegerType.json(),
                ColumnType.CATEGORICAL,
                new Codec.OneHot(names),
                null,
                null,
                false);
    }

    /** Creates a benchmark with the schema that {@code job} has on {@code table}. */
    public static Bench of(SparkSession spark, Job job, Dataset<Row> table) {
        TableFitter.Fitted fitted = new TableFitter(
                        table,
                        job.targets(),
                        job.conditions(),
                        null,
                        TableFitter.Holdout.NONE,
                        false,
                        job.model().isAutoregressive(),
                        HandleInvalid.ERROR)
                .fit(1);
        return new Bench(spark, job, fitted.schema());
    }

    /** Measures training steps for about {@code seconds} seconds and returns the figures by name. */
    public Map<String, Object> measureTraining(double seconds) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        int slots = new Slots(spark.sparkContext()).await();
        Integer fixed = job.training().shards();
        int shards = fixed == null ? Integer.highestOneBit(slots) : fixed;
        int workers = Slots.workers(shards, slots);
        TrainingConfig config = job.training().with(TrainingConfig.SHARDS, shards);
        Dealing dealing = dealing(config, shards);
        TrainingPlan plan = new TrainingPlan(config, dealing);
        Architecture architecture = Architectures.of(job.model(), schema);
        Augmentation augmentation = config.augment();
        if (augmentation != null) {
            augmentation.require(schema, architecture.networks().image());
        }
        CvaeNetwork network = new CvaeNetwork(architecture);
        TrainingState state =
                new TrainingState(network.initialize(config.seed(), schema.conditionNorm()), plan.moments());
        double[] sums = new double[4];
        double sgemm = sgemm(context, workers, config.blas());
        WorkerSpec spec = WorkerSpec.of(architecture, schema, plan);
        Layouts layouts = (count, locations) -> new WorkerBlocks(
                syntheticBlocks(context, dealing, count), dealing, Block.maxRows(schema.rowWidth()), locations);
        try (Exchange exchange = Exchanges.open(context, layouts, plan, spec, network.parameterCount())) {
            exchange.runSteps(state, (long) WARM_UP_EPOCHS * dealing.stepsPerEpoch(), (s, result) -> true);
            long end = System.nanoTime() + (long) (seconds * 1e9);
            exchange.runSteps(state, Long.MAX_VALUE, (s, result) -> {
                sums[0] += result.seconds();
                sums[1] += result.computeSeconds();
                sums[2] += result.exchangeSeconds();
                sums[3] += result.waitSeconds();
                return System.nanoTime() < end;
            });
        }
        sgemm = Math.max(sgemm, sgemm(context, workers, config.blas()));
        return report(network, state.step() - (long) WARM_UP_EPOCHS * dealing.stepsPerEpoch(), sums, sgemm, workers);
    }

    /**
     * Measures the exchange alone.
     *
     * @param parameters P, the number of parameters
     * @param workers a power of two, at most the cluster's slots
     */
    public static Map<String, Object> measureExchange(SparkSession spark, Job job, int parameters, int workers) {
        JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
        int slots = new Slots(spark.sparkContext()).await();
        if (workers > slots || Integer.bitCount(workers) != 1) {
            throw new IllegalArgumentException(
                    "The number of workers of the exchange must be a power of two, at most the %s slots of %s, found %s"
                            .formatted(slots, spark.sparkContext().master(), workers));
        }
        TrainingConfig config = job.training().with(TrainingConfig.SHARDS, workers);
        TrainingPlan plan = new TrainingPlan(config, dealing(config, workers));
        ExchangeBench.Result result = ExchangeBench.measure(context, plan, parameters, workers, EXCHANGES);
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("parameters", parameters);
        report.put("workers", result.workers());
        report.put("executors", result.executors());
        report.put("exchange_ms", result.exchangeMillis());
        return report;
    }

    private Map<String, Object> report(CvaeNetwork network, long steps, double[] sums, double sgemm, int workers) {
        double rowsPerSecond = steps * job.training().batch() / sums[0];
        double gflops = rowsPerSecond * network.trainingOperationsPerRow() * 1e-9;
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("rows_per_second", rowsPerSecond);
        report.put("gflops", gflops);
        report.put("sgemm_gflops", sgemm);
        report.put("share_of_sgemm", gflops / sgemm);
        report.put("batch", job.training().batch());
        report.put("parameters", network.parameterCount());
        report.put("workers", workers);
        report.put("step_ms", 1e3 * sums[0] / steps);
        report.put("compute_ms", 1e3 * sums[1] / steps);
        report.put("exchange_ms", 1e3 * sums[2] / steps);
        report.put("wait_ms", 1e3 * sums[3] / steps);
        return report;
    }

    private static Dealing dealing(TrainingConfig config, int shards) {
        long steps = Math.max(FEWEST_STEPS_PER_EPOCH, ROWS_PER_EPOCH / config.batch());
        return new Dealing(steps * config.batch(), shards, config.batch());
    }

    /** Measures the GFLOP/s of 1,024³ products on all workers at once. */
    private static double sgemm(JavaSparkContext context, int workers, Blas.Library blas) {
        return context.parallelize(Collections.nCopies(workers, 0), workers)
                .map(i -> Blas.of(blas).measureGflops(SGEMM_SIZE, SGEMM_REPEATS))
                .reduce(Double::sum);
    }

    private JavaRDD<Block> syntheticBlocks(JavaSparkContext context, Dealing dealing, int workers) {
        TableSchema table = schema;
        List<Integer> all = IntStream.range(0, workers).boxed().toList();
        return context.parallelize(all, workers).flatMap(worker -> {
            List<Block> blocks = new ArrayList<>();
            int per = dealing.shards() / workers;
            int blockRows = Block.maxRows(table.rowWidth());
            for (int shard = worker * per; shard < (worker + 1) * per; shard++) {
                long rows = dealing.shardRows(shard);
                for (int b = 0; b < EpochOrder.blockCount(rows, blockRows); b++) {
                    long first = dealing.shardStart(shard) + EpochOrder.blockStart(rows, blockRows, b);
                    blocks.add(syntheticBlock(table, shard, b, first, EpochOrder.blockSize(rows, blockRows, b)));
                }
            }
            return blocks.iterator();
        });
    }

    private static Block syntheticBlock(TableSchema schema, int shard, int index, long first, int rows) {
        float[] values = new float[rows * schema.rowWidth()];
        long[] ids = new long[rows];
        List<Field> fields = new ArrayList<>(schema.targets());
        fields.addAll(schema.conditions());
        for (int r = 0; r < rows; r++) {
            ids[r] = first + r;
            int at = r * schema.rowWidth();
            for (int f = 0; f < fields.size(); f++) {
                Codec codec = fields.get(f).codec();
                long key = Noise.key(0, Noise.Purpose.SYNTHETIC_DATA, f, ids[r], 0);
                if (codec instanceof Codec.Categories categories) {
                    categories.encode(Noise.below(key, 0, categories.levels().size()), values, at);
                } else {
                    for (int j = 0; j < codec.width(); j++) {
                        values[at + j] = fields.get(f).type() == ColumnType.BINARY
                                ? Noise.bits(key, j) & 1
                                : Noise.normal(key, j);
                    }
                }
                at += codec.width();
            }
        }
        return new Block(shard, index, values, null, ids);
    }
}
