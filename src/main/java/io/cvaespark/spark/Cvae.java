package io.cvaespark.spark;

import io.cvaespark.data.ColumnSpec;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.settings.Key;
import io.cvaespark.spark.inference.RowTransform;
import io.cvaespark.spark.internal.ModelMetadata;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.spark.training.DryRun;
import io.cvaespark.spark.training.RunLocks;
import io.cvaespark.spark.training.Training;
import io.cvaespark.store.HadoopFiles;
import io.cvaespark.store.RunLock;
import io.cvaespark.train.TrainingListener;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Trains a conditional variational autoencoder p(x | c) on the target columns x and the condition columns c of a DataFrame.
 *
 * <p>Maximises E_q[log p(x|z,c)] − β·KL(q(z|x,c) ‖ p(z|c)) by synchronous mini-batch gradient steps over the cluster. With
 * {@link #setNumShards} fixed the result does not depend, to the last bit, on the number of workers or on how the input is
 * partitioned. Kingma and Welling 2014 (VAE), Sohn et al. 2015 (CVAE), Pandey and Dukkipati 2017 (CMMA).
 */
public final class Cvae extends CvaeParams implements MLWritable {
    private transient @Nullable TrainingListener listener;

    public Cvae() {
        this(Identifiable$.MODULE$.randomUID("cvae"));
    }

    public Cvae(String uid) {
        super(uid);
    }

    /**
     * An estimator with everything that the job file at {@code path} says but input and output.
     *
     * <p>Where the job holds out rows of their own ({@code input.validation} is a path or a table), they have to be given to {@link
     * #train}; {@link #fit} is refused.
     */
    public static Cvae fromJob(String path) throws IOException {
        Configuration conf = SparkSession.active().sparkContext().hadoopConfiguration();
        return fromJob(JobReader.read(HadoopFiles.readText(conf, new Path(path)), path, List.of()));
    }

    /** An estimator with everything that {@code job} says but input and output. */
    public static Cvae fromJob(Job job) {
        Cvae cvae = new Cvae();
        new CvaeSettings(cvae).set(job);
        return cvae;
    }

    /**
     * Trains on the rows of {@code dataset}.
     *
     * @throws IllegalStateException if another training writes to the checkpoint directory
     */
    @Override
    public CvaeModel fit(Dataset<?> dataset) {
        String checkpoints = keyed().get(CHECKPOINT_DIR);
        if (checkpoints == null) {
            return train(dataset.toDF(), null, true, null);
        }
        try (RunLock lock = RunLocks.take(dataset.sparkSession(), checkpoints)) {
            Cvae locked = copy(ParamMap.empty()).setListener(TrainingListener.all(lock, listener()));
            return locked.train(dataset.toDF(), null, true, null).setParent(this);
        }
    }

    private TrainingListener listener() {
        return listener == null ? new TrainingListener() {} : listener;
    }

    /**
     * {@link #fit} with what Spark ML's signature has no place for.
     *
     * @param validation rows held out; null: by fraction, by indicator, or none
     * @param resume whether to continue from the newest checkpoint in the checkpoint directory
     * @param initial the model whose parameters to start from; null: initialised from the seed
     */
    public CvaeModel train(
            Dataset<Row> table, @Nullable Dataset<Row> validation, boolean resume, @Nullable CvaeModel initial) {
        Training.Request request = request(table, validation, resume, initial);
        // Train.
        Training.Result result = Training.run(request);
        // Wrap: the model inherits the params it shares.
        CvaeModel model = new CvaeModel(uid(), result.model());
        copyValues(model.setParent(this), extractParamMap(ParamMap.empty()));
        return model.withSummary(new CvaeTrainingSummary(
                table.sparkSession(), result.state(), result.model().parameters()));
    }

    /**
     * Reads the rows and says what {@link #train} would do with them, without training or writing.
     *
     * @param validation as in {@link #train}
     */
    public DryRun dryRun(Dataset<Row> table, @Nullable Dataset<Row> validation) {
        return DryRun.of(request(table, validation, false, null));
    }

    /** The params as a request. */
    private Training.Request request(
            Dataset<Row> table, @Nullable Dataset<Row> validation, boolean resume, @Nullable CvaeModel initial) {
        CvaeSettings settings = new CvaeSettings(this);
        String source = keyed().get(VALIDATION_SOURCE);
        if (source != null && validation == null) {
            throw new IllegalArgumentException(
                    "The job holds out the rows of %s, which an estimator is not given: read them and call train(table, validation, ...), or clear validationSource and use validationFraction or validationIndicatorCol"
                            .formatted(source));
        }
        TableFitter.Holdout holdout = new TableFitter.Holdout(
                (Double) $(validationFraction()), keyed().get(VALIDATION_INDICATOR_COL), validation);
        return new Training.Request(
                table,
                settings.targets(),
                settings.conditions(),
                settings.model(),
                settings.training(),
                keyed().get(InputConfig.WEIGHT),
                holdout,
                AddedColumns.handleInvalid(this),
                keyed().get(CHECKPOINT_DIR),
                resume,
                initial == null ? null : initial.trained(),
                listener());
    }

    /** Is told how training goes; not a param, and not copied. */
    public Cvae setListener(TrainingListener value) {
        listener = value;
        return this;
    }

    /** Sets the param of a key of the job file, whether it has a setter of its own or not; null: no value. */
    public <T> Cvae set(Key<T> key, @Nullable T value) {
        keyed().set(key, value);
        return this;
    }

    /** Columns x that are generated. */
    public Cvae setTargetCols(String[] value) {
        set(targetCols(), value);
        return this;
    }

    /** Columns c they are generated from; none for ae and vae. */
    public Cvae setConditionCols(String[] value) {
        set(conditionCols(), value);
        return this;
    }

    /** Column specifications as JSON, as in a job file; replaces target and condition columns. */
    public Cvae setColumns(String value) {
        set(columns(), value);
        return this;
    }

    /** Likelihood of the target columns; empty: by each column's type. */
    public Cvae setLikelihood(String value) {
        set(likelihood(), value);
        return this;
    }

    /** Column of instance weights; empty: every row weighs 1. */
    public Cvae setWeightCol(String value) {
        set(weightCol(), value);
        return this;
    }

    /** Member of the family, such as cvae-2. */
    public Cvae setVariant(String value) {
        set(variant(), value);
        return this;
    }

    /** Width Z of the latent. */
    public Cvae setLatentDim(int value) {
        set(latentDim(), value);
        return this;
    }

    /** Hidden widths of every network. */
    public Cvae setHiddenLayers(int[] value) {
        set(hiddenLayers(), value);
        return this;
    }

    /** Hidden widths per network as JSON; replaces the hidden layers of every network. */
    public Cvae setHidden(String value) {
        set(hidden(), value);
        return this;
    }

    /** Activation after every hidden layer. */
    public Cvae setActivation(String value) {
        set(activation(), value);
        return this;
    }

    /** Further keys of a job file's model section as JSON, such as {@code {"alpha": 0.5}}. */
    public Cvae setModelOptions(String value) {
        set(modelOptions(), value);
        return this;
    }

    /** Epochs. */
    public Cvae setMaxIter(int value) {
        set(maxIter(), value);
        return this;
    }

    /** Global rows per step, whatever the number of workers. */
    public Cvae setBatchSize(int value) {
        set(batchSize(), value);
        return this;
    }

    /** Learning rate. */
    public Cvae setStepSize(double value) {
        set(stepSize(), value);
        return this;
    }

    /** Optimizer settings as JSON, as in a job file; the step size is set apart. */
    public Cvae setOptimizer(String value) {
        set(optimizer(), value);
        return this;
    }

    /** Weight of the KL term. */
    public Cvae setBeta(double value) {
        set(beta(), value);
        return this;
    }

    /** Schedule of beta as JSON, as in a job file; replaces beta. */
    public Cvae setBetaSchedule(String value) {
        set(betaSchedule(), value);
        return this;
    }

    /** Nats per row and latent dimension that cost nothing. */
    public Cvae setFreeBits(double value) {
        set(freeBits(), value);
        return this;
    }

    /** How rows are changed at every visit of training, as JSON; empty: not at all. */
    public Cvae setAugment(String value) {
        set(augment(), value);
        return this;
    }

    /** Shards, a power of two; 0: chosen from the slots. */
    public Cvae setNumShards(int value) {
        set(numShards(), value);
        return this;
    }

    /** How gradients are combined. */
    public Cvae setExchange(String value) {
        set(exchange(), value);
        return this;
    }

    /** Most steps between two returns of the state to the driver; 0: those of an epoch. */
    public Cvae setRoundSteps(int value) {
        set(roundSteps(), value);
        return this;
    }

    /** native, or java (slow) where there is no native library. */
    public Cvae setBlas(String value) {
        set(blas(), value);
        return this;
    }

    /** Epochs without a better validation loss before training stops; 0: never. */
    public Cvae setPatience(int value) {
        set(patience(), value);
        return this;
    }

    /** Directory of checkpoints; empty: none. Training continues from the newest one there. */
    public Cvae setCheckpointDir(String value) {
        set(checkpointDir(), value);
        return this;
    }

    /** Epochs between checkpoints. */
    public Cvae setCheckpointInterval(int value) {
        set(checkpointInterval(), value);
        return this;
    }

    /** When a checkpoint is written, as JSON; replaces the interval in epochs. */
    public Cvae setCheckpointEvery(String value) {
        set(checkpointEvery(), value);
        return this;
    }

    /** Boolean column that marks the rows held out. */
    public Cvae setValidationIndicatorCol(String value) {
        set(validationIndicatorCol(), value);
        return this;
    }

    /** Share of the rows held out, chosen by their hash; 0: none. */
    public Cvae setValidationFraction(double value) {
        set(validationFraction(), value);
        return this;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        CvaeSettings settings = new CvaeSettings(this);
        StructType flat = Structs.flatten(schema);
        StructType targets = new StructType();
        for (ColumnSpec target : settings.targets()) {
            if (Arrays.asList(flat.fieldNames()).contains(target.column())) {
                targets =
                        targets.add(target.column(), flat.apply(target.column()).dataType(), true);
            }
        }
        return RowTransform.outputSchema(
                targets,
                Structs.of(flat, List.of(targets.fieldNames())),
                settings.classType(flat),
                AddedColumns.of(this),
                schema);
    }

    @Override
    public Cvae copy(ParamMap extra) {
        return defaultCopy(extra);
    }

    @Override
    public MLWriter write() {
        return new MLWriter() {
            @Override
            public void saveImpl(String path) {
                ModelMetadata.save(Cvae.this, path, sparkSession());
            }
        };
    }

    public static MLReader<Cvae> read() {
        return new MLReader<>() {
            @Override
            public Cvae load(String path) {
                String type = Cvae.class.getName();
                Cvae cvae = new Cvae(ModelMetadata.uid(path, sparkSession(), type));
                ModelMetadata.restoreParams(cvae, path, sparkSession(), type);
                return cvae;
            }
        };
    }

    public static Cvae load(String path) {
        return read().load(path);
    }
}
