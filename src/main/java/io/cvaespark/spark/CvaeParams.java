package io.cvaespark.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.job.ColumnSpecs;
import io.cvaespark.job.HiddenLayers;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.settings.Check;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingConfig.Beta;
import io.cvaespark.train.TrainingConfig.CheckpointEvery;
import java.util.List;
import org.apache.spark.ml.Estimator;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntArrayParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/**
 * The params of {@link Cvae}: those of the table are declared here, those of the model and the training follow from the keys of
 * a job file, under Spark ML's name where it has one ({@code maxIter} for epochs, {@code stepSize} for the learning rate).
 */
abstract class CvaeParams extends Estimator<CvaeModel> implements OutputColumns<Cvae> {
    private static final Keys TABLE = new Keys("");

    static final Key<List<String>> TARGET_COLS =
            TABLE.add(Key.texts("targetCols", null, "columns x that are generated"));
    static final Key<List<String>> CONDITION_COLS =
            TABLE.add(Key.texts("conditionCols", List.of(), "columns c they are generated from"));
    static final Key<ColumnSpecs> COLUMNS = TABLE.add(
            Key.json(
                    "columns",
                    ColumnSpecs.class,
                    "map",
                    null,
                    "column specifications, {\"targets\": [...], \"conditions\": [...]}; replaces targetCols and conditionCols"));
    static final Key<String> LIKELIHOOD =
            TABLE.add(Key.text("likelihood", null, "likelihood of the target columns (empty: by each column's type)"));
    static final Key<ObjectNode> MODEL_OPTIONS = TABLE.add(Key.json(
            "modelOptions",
            ObjectNode.class,
            "map",
            null,
            "further keys of a job file's model section, such as {\"alpha\": 0.5} or {\"objective\": \"iwae\"}"));
    static final Key<String> CHECKPOINT_DIR =
            TABLE.add(Key.text("checkpointDir", null, "directory of checkpoints (empty: none)"));
    static final Key<String> VALIDATION_INDICATOR_COL = TABLE.add(
            Key.text("validationIndicatorCol", null, "boolean column that marks the rows held out (empty: none)"));
    static final Key<String> VALIDATION_SOURCE = TABLE.add(
            Key.text(
                    "validationSource",
                    null,
                    "the rows held out that a job file names, a table of their own; only train(table, validation, ...) can be given them (empty: none)"));
    static final Key<Double> VALIDATION_FRACTION = TABLE.add(Key.number(
            "validationFraction", 0.0, Check.belowOne(), "share of the rows held out, by their hash (0: none)"));

    /** Keys of the model section that have params; the others are in {@link #MODEL_OPTIONS}. */
    static final List<Key<?>> MODEL =
            List.of(ModelConfig.VARIANT, ModelConfig.LATENT, ModelConfig.HIDDEN, ModelConfig.ACTIVATION);

    private static final Key<Double> CONSTANT_BETA =
            Key.number("beta", TrainingConfig.DEFAULT.beta().constant(), Check.atLeast(0), "weight of the KL term");
    private static final Key<Integer> CHECKPOINT_INTERVAL = Key.integer(
            "checkpointInterval",
            TrainingConfig.DEFAULT.checkpointEvery().epochs(),
            Check.atLeast(1),
            "epochs between checkpoints");
    private static final Key<List<Integer>> HIDDEN_LAYERS = Key.integers(
            "hiddenLayers", ModelConfig.DEFAULT.hidden().uniformWidths(), "hidden widths of every network");

    private final String uid;
    private final KeyParams keyed;
    private final Param<?>[] all;

    CvaeParams(String uid) {
        this.uid = uid;
        keyed = new KeyParams(this)
                .add(TABLE)
                .add(InputConfig.WEIGHT)
                .add(InputConfig.HANDLE_INVALID)
                .add(OutputColumns.KEYS)
                .add(new ParamsOfKey.PlainOrJson<>(
                        new KeyParam<>(this, HIDDEN_LAYERS),
                        new KeyParam<>(this, ModelConfig.HIDDEN),
                        HiddenLayers::uniformWidths,
                        widths -> HiddenLayers.of(LayerSpec.dense(widths))))
                .add(new ParamsOfKey.PlainOrJson<>(
                        new KeyParam<>(this, CONSTANT_BETA),
                        new KeyParam<>(this, TrainingConfig.BETA),
                        Beta::constant,
                        Beta::of))
                .add(new ParamsOfKey.PlainOrJson<>(
                        new KeyParam<>(this, CHECKPOINT_INTERVAL),
                        new KeyParam<>(this, TrainingConfig.CHECKPOINT_EVERY),
                        CheckpointEvery::epochs,
                        CheckpointEvery::ofEpochs))
                .add(new ParamsOfKey.SectionAndPart<>(
                        new KeyParam<>(this, TrainingConfig.OPTIMIZER),
                        new KeyParam<>(this, OptimizerConfig.LEARNING_RATE),
                        optimizer -> optimizer.get(OptimizerConfig.LEARNING_RATE),
                        (optimizer, rate) -> optimizer.with(OptimizerConfig.LEARNING_RATE, rate)))
                .add(TrainingConfig.KEYS);
        MODEL.forEach(keyed::add);
        all = keyed.all();
    }

    @Override
    public String uid() {
        return uid;
    }

    @Override
    public Param<?>[] params() {
        return all;
    }

    /** The params by key. */
    final KeyParams keyed() {
        return keyed;
    }

    public StringArrayParam targetCols() {
        return KeyParam.of(this, TARGET_COLS, StringArrayParam.class);
    }

    public StringArrayParam conditionCols() {
        return KeyParam.of(this, CONDITION_COLS, StringArrayParam.class);
    }

    public Param<String> columns() {
        return KeyParam.text(this, COLUMNS);
    }

    public Param<String> likelihood() {
        return KeyParam.text(this, LIKELIHOOD);
    }

    public Param<String> weightCol() {
        return KeyParam.text(this, InputConfig.WEIGHT);
    }

    public Param<String> variant() {
        return KeyParam.text(this, ModelConfig.VARIANT);
    }

    public IntParam latentDim() {
        return KeyParam.of(this, ModelConfig.LATENT, IntParam.class);
    }

    public IntArrayParam hiddenLayers() {
        return KeyParam.of(this, HIDDEN_LAYERS, IntArrayParam.class);
    }

    public Param<String> hidden() {
        return KeyParam.text(this, ModelConfig.HIDDEN);
    }

    public Param<String> activation() {
        return KeyParam.text(this, ModelConfig.ACTIVATION);
    }

    /** Further keys of a job file's model section, as JSON. */
    public Param<String> modelOptions() {
        return KeyParam.text(this, MODEL_OPTIONS);
    }

    public IntParam maxIter() {
        return KeyParam.of(this, TrainingConfig.EPOCHS, IntParam.class);
    }

    public IntParam batchSize() {
        return KeyParam.of(this, TrainingConfig.BATCH, IntParam.class);
    }

    public DoubleParam stepSize() {
        return KeyParam.of(this, OptimizerConfig.LEARNING_RATE, DoubleParam.class);
    }

    public Param<String> optimizer() {
        return KeyParam.text(this, TrainingConfig.OPTIMIZER);
    }

    public DoubleParam beta() {
        return KeyParam.of(this, CONSTANT_BETA, DoubleParam.class);
    }

    public Param<String> betaSchedule() {
        return KeyParam.text(this, TrainingConfig.BETA);
    }

    public DoubleParam freeBits() {
        return KeyParam.of(this, TrainingConfig.FREE_BITS, DoubleParam.class);
    }

    public Param<String> augment() {
        return KeyParam.text(this, TrainingConfig.AUGMENT);
    }

    public IntParam numShards() {
        return KeyParam.of(this, TrainingConfig.SHARDS, IntParam.class);
    }

    public Param<String> exchange() {
        return KeyParam.text(this, TrainingConfig.EXCHANGE);
    }

    /** Most steps between two returns of the state to the driver; 0: those of an epoch. */
    public IntParam roundSteps() {
        return KeyParam.of(this, TrainingConfig.ROUND_STEPS, IntParam.class);
    }

    public Param<String> blas() {
        return KeyParam.text(this, TrainingConfig.BLAS);
    }

    public IntParam patience() {
        return KeyParam.of(this, TrainingConfig.PATIENCE, IntParam.class);
    }

    public Param<String> checkpointDir() {
        return KeyParam.text(this, CHECKPOINT_DIR);
    }

    public IntParam checkpointInterval() {
        return KeyParam.of(this, CHECKPOINT_INTERVAL, IntParam.class);
    }

    public Param<String> checkpointEvery() {
        return KeyParam.text(this, TrainingConfig.CHECKPOINT_EVERY);
    }

    public Param<String> validationIndicatorCol() {
        return KeyParam.text(this, VALIDATION_INDICATOR_COL);
    }

    public DoubleParam validationFraction() {
        return KeyParam.of(this, VALIDATION_FRACTION, DoubleParam.class);
    }
}
