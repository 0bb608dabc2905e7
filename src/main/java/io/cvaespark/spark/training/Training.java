package io.cvaespark.spark.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.batch.Dealing;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.Json;
import io.cvaespark.data.TableSchema;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.CvaeNetwork;
import io.cvaespark.spark.exchange.Exchanges;
import io.cvaespark.spark.exchange.WorkerSpec;
import io.cvaespark.spark.inference.TrainedModel;
import io.cvaespark.spark.shards.ShardedTable;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.store.BuildInfo;
import io.cvaespark.store.CheckpointStore;
import io.cvaespark.store.ParameterHash;
import io.cvaespark.store.StoredModel;
import io.cvaespark.train.Checkpoints;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingLoop;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Trains a model on a DataFrame: fit the schema, shard the rows, run the loop. */
public final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    /** Above the priority of Spark's own shutdown hook, which comes before those of the file systems. */
    private static final int BEFORE_SPARK_STOPS = FileSystem.SHUTDOWN_HOOK_PRIORITY + 50;

    /**
     * What to train.
     *
     * @param handleInvalid what becomes of rows that cannot be trained on
     * @param checkpointDirectory null: no checkpoints
     * @param resume whether to continue from the newest checkpoint there
     * @param initial parameters to start from; null: initialised from the seed
     */
    public record Request(
            Dataset<Row> table,
            List<ColumnSpec> targets,
            List<ColumnSpec> conditions,
            ModelConfig model,
            TrainingConfig config,
            @Nullable String weightColumn,
            TableFitter.Holdout holdout,
            HandleInvalid handleInvalid,
            @Nullable String checkpointDirectory,
            boolean resume,
            @Nullable TrainedModel initial,
            TrainingListener listener) {}

    /** A trained model and how training went. */
    public record Result(TrainedModel model, TrainingState state) {}

    private final Request request;
    private final SparkSession spark;
    private final JavaSparkContext context;

    private Training(Request request) {
        this.request = request;
        this.spark = request.table().sparkSession();
        this.context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    }

    public static Result run(Request request) {
        try {
            return new Training(Preparation.settled(request)).run();
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    private Result run() throws IOException {
        Preparation prepared = Preparation.of(request);
        TableFitter.Fitted fitted = prepared.fitted();
        TableSchema schema = fitted.schema();
        Architecture architecture = prepared.architecture();
        CvaeNetwork network = prepared.network();

        Optional<CheckpointStore.Loaded> checkpoint = findCheckpoint();
        TrainingConfig config = settleShards(checkpoint, prepared.slots());
        int shards = java.util.Objects.requireNonNull(config.shards());
        Dealing dealing = prepared.dealing(shards);
        TrainingPlan plan = new TrainingPlan(config, dealing);
        CheckpointStore.Identity identity = identity(config, schema, fitted.fingerprint());
        TrainingState state = checkpoint.isPresent()
                ? resumed(checkpoint.get(), identity)
                : new TrainingState(initialParameters(network, schema), plan.moments());

        describe("dealing the rows to %s shards".formatted(shards));
        WorkerSpec spec = WorkerSpec.of(architecture, schema, plan);
        try (ShardedTable table = new ShardedTable(fitted, dealing);
                Exchange exchange = Exchanges.open(context, table, plan, spec, network.parameterCount())) {
            List<Row> conditions =
                    TrainedModel.restoreConditions(spark, schema, table.keptConditions(TrainedModel.KEPT_CONDITIONS));
            describe(null);
            TrainingLoop.Validation validation = table.validation() == null
                    ? null
                    : new DistributedValidation(context, table.validation(), architecture, schema, config);
            Checkpoints checkpoints = request.checkpointDirectory() == null
                    ? Checkpoints.none()
                    : new CheckpointStore(
                            context.hadoopConfiguration(), new Path(request.checkpointDirectory()), identity);
            TrainingListener listener =
                    TrainingListener.all(new TrainingMetrics(spark.sparkContext()), request.listener());
            run(new TrainingLoop(plan, exchange, validation, checkpoints, listener), state);
            float[] parameters = plan.selected(state);
            StoredModel stored = new StoredModel(
                    StoredModel.FORMAT,
                    schema,
                    architecture,
                    request.weightColumn(),
                    provenance(fitted, config, state, parameters));
            return new Result(new TrainedModel(stored, parameters, conditions), state);
        } finally {
            describe(null);
        }
    }

    /** Runs the loop; when the process is told to stop, what no checkpoint has yet is written before Spark stops. */
    private void run(TrainingLoop loop, TrainingState state) {
        Runnable save = () -> {
            if (request.checkpointDirectory() != null && loop.saveNow(state)) {
                LOG.info(
                        "Told to stop: wrote a checkpoint after step {}; the training can be resumed from there",
                        state.step());
            }
        };
        ShutdownHookManager hooks = ShutdownHookManager.get();
        hooks.addShutdownHook(save, BEFORE_SPARK_STOPS);
        try {
            loop.run(state);
        } finally {
            if (!hooks.isShutdownInProgress()) {
                hooks.removeShutdownHook(save);
            }
        }
    }

    private void describe(@Nullable String what) {
        spark.sparkContext().setJobDescription(what == null ? null : "cvae: " + what);
    }

    private Optional<CheckpointStore.Loaded> findCheckpoint() throws IOException {
        if (!request.resume() || request.checkpointDirectory() == null) {
            return Optional.empty();
        }
        Optional<CheckpointStore.Loaded> found =
                CheckpointStore.recover(context.hadoopConfiguration(), new Path(request.checkpointDirectory()));
        if (found.isEmpty()) {
            LOG.info("No checkpoint in {}: training starts afresh", request.checkpointDirectory());
        }
        return found;
    }

    /** {@code auto} is the largest power of two of the slots at the first training, then what that was. */
    private TrainingConfig settleShards(Optional<CheckpointStore.Loaded> checkpoint, int slots) throws IOException {
        TrainingConfig config = request.config();
        if (config.shards() != null) {
            return config;
        }
        int settled = Integer.highestOneBit(slots);
        if (checkpoint.isPresent()) {
            settled = Json.MAPPER
                    .readTree(checkpoint.get().identity().job())
                    .path("training")
                    .path("shards")
                    .asInt(settled);
        }
        return config.with(TrainingConfig.SHARDS, settled);
    }

    private CheckpointStore.Identity identity(TrainingConfig config, TableSchema schema, String fingerprint)
            throws JsonProcessingException {
        ObjectNode job = Json.MAPPER.createObjectNode();
        job.set("targets", Json.MAPPER.valueToTree(request.targets()));
        job.set("conditions", Json.MAPPER.valueToTree(request.conditions()));
        job.set("model", Json.MAPPER.valueToTree(request.model()));
        job.set("training", trainingThatCounts(config));
        return new CheckpointStore.Identity(
                Json.MAPPER.writeValueAsString(job), Json.MAPPER.writeValueAsString(schema), fingerprint);
    }

    private TrainingState resumed(CheckpointStore.Loaded checkpoint, CheckpointStore.Identity now) throws IOException {
        CheckpointStore.Identity then = checkpoint.identity();
        TreeSet<String> changed = new TreeSet<>();
        difference("", withDefaults(then.job()), Json.MAPPER.readTree(now.job()), changed);
        if (!changed.isEmpty()) {
            throw new CannotResumeException(
                    checkpoint.path().toString(),
                    "the job has changed in %s. Put it back, or use another directory for checkpoints"
                            .formatted(String.join("; ", changed)));
        }
        if (!then.fingerprint().equals(now.fingerprint()) || !then.schema().equals(now.schema())) {
            throw new CannotResumeException(
                    checkpoint.path().toString(),
                    "the data has changed (then %s, now %s). Use the data it was started with, or another directory for checkpoints"
                            .formatted(then.fingerprint(), now.fingerprint()));
        }
        LOG.info(
                "Resuming from {} (step {})",
                checkpoint.path(),
                checkpoint.state().step());
        return checkpoint.state();
    }

    /** A checkpoint's job; a training key that came after its version was what it is by default. */
    private static JsonNode withDefaults(String job) throws IOException {
        ObjectNode tree = (ObjectNode) Json.MAPPER.readTree(job);
        ObjectNode training = trainingThatCounts(TrainingConfig.DEFAULT);
        tree.set("training", Json.MAPPER.readerForUpdating(training).readValue(tree.path("training")));
        return tree;
    }

    /** The keys that change the result. */
    private static ObjectNode trainingThatCounts(TrainingConfig config) {
        ObjectNode training = Json.MAPPER.valueToTree(config);
        TrainingConfig.KEYS.all().stream()
                .filter(key -> !key.traits().changesResult())
                .forEach(key -> training.remove(key.name()));
        return training;
    }

    private static void difference(String key, @Nullable JsonNode then, @Nullable JsonNode now, Set<String> out) {
        if (then != null && now != null && then.isObject() && now.isObject()) {
            TreeSet<String> names = new TreeSet<>();
            then.fieldNames().forEachRemaining(names::add);
            now.fieldNames().forEachRemaining(names::add);
            for (String name : names) {
                difference(key.isEmpty() ? name : key + "." + name, then.get(name), now.get(name), out);
            }
        } else if (then == null || !then.equals(now)) {
            out.add("%s (then %s, now %s)".formatted(key, then, now));
        }
    }

    private float[] initialParameters(CvaeNetwork network, TableSchema schema) {
        TrainedModel initial = request.initial();
        if (initial == null) {
            return network.initialize(request.config().seed(), schema.conditionNorm());
        }
        if (!initial.network().tensors().equals(network.tensors())) {
            throw new IllegalArgumentException(
                    "The model to start from has other networks than this job: it has %s parameters, the job %s. Make model, targets and conditions the same"
                            .formatted(initial.parameters().length, network.parameterCount()));
        }
        return initial.parameters().clone();
    }

    private Map<String, Object> provenance(
            TableFitter.Fitted fitted, TrainingConfig config, TrainingState state, float[] parameters) {
        Map<String, Object> provenance = new LinkedHashMap<>();
        provenance.put("program", "cvae-spark " + BuildInfo.version());
        provenance.put("spark", spark.version());
        provenance.put("created", java.time.Instant.now().toString());
        provenance.put("training_rows", fitted.trainingRows());
        provenance.put("validation_rows", fitted.validationRows());
        provenance.put("data", fitted.fingerprint());
        provenance.put("model", Json.MAPPER.convertValue(request.model(), Map.class));
        provenance.put("training", Json.MAPPER.convertValue(config, Map.class));
        provenance.put("steps", state.step());
        TrainingState.Best best = state.best();
        int epochs = state.history().isEmpty()
                ? 0
                : state.history().get(state.history().size() - 1).epoch();
        provenance.put("epochs", epochs);
        provenance.put("best_epoch", best == null ? epochs : best.epoch());
        for (HistoryRow row : state.history()) {
            if (row.epoch() == (best == null ? epochs : best.epoch())) {
                provenance.put(
                        row.split(),
                        Map.of("elbo", row.elbo(), "reconstruction", row.reconstruction(), "kl", row.kl()));
            }
        }
        provenance.put("parameters_sha256", ParameterHash.of(parameters));
        return provenance;
    }
}
