package io.cvaespark.spark;

import io.cvaespark.data.Field;
import io.cvaespark.job.InputConfig;
import io.cvaespark.spark.inference.Evaluation;
import io.cvaespark.spark.inference.LatentSpace;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.spark.inference.RowTransform;
import io.cvaespark.spark.inference.Sampler;
import io.cvaespark.spark.inference.TrainedModel;
import io.cvaespark.spark.inference.TransformTask;
import io.cvaespark.spark.internal.ModelMetadata;
import io.cvaespark.store.HadoopFiles;
import io.cvaespark.store.Swap;
import io.cvaespark.train.TrainingConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.ml.util.MLWritable;
import org.apache.spark.ml.util.MLWriter;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A trained model: adds columns to rows, and generates rows.
 *
 * <p>Whatever it computes for a row depends on that row and the seed alone, not on partitioning or neighbours: noise is keyed
 * by the hash of the row's content in {@link #transform}, by the row's index in {@link #sample}.
 */
public final class CvaeModel extends Model<CvaeModel> implements OutputColumns<CvaeModel>, MLWritable {
    private final String uid;
    private final TrainedModel trained;
    private transient @Nullable CvaeTrainingSummary summary;
    private final Param<?>[] params;

    CvaeModel(String uid, TrainedModel trained) {
        this.uid = uid;
        this.trained = trained;
        this.params = new KeyParams(this)
                .add(OutputColumns.KEYS)
                .add(TrainingConfig.SEED)
                .add(InputConfig.HANDLE_INVALID)
                .all();
    }

    @Override
    public Param<?>[] params() {
        return params;
    }

    @Override
    public String uid() {
        return uid;
    }

    TrainedModel trained() {
        return trained;
    }

    /** What the model is and how it was made. */
    public io.cvaespark.store.StoredModel description() {
        return trained.stored();
    }

    /** θ, in the order of the tensor table; a copy. */
    public float[] parameters() {
        return trained.parameters().clone();
    }

    /** Adds the columns whose names are not empty; see {@link OutputColumns}. */
    @Override
    public Dataset<Row> transform(Dataset<?> dataset) {
        return new RowTransform(trained, AddedColumns.of(this), AddedColumns.settings(this)).apply(dataset.toDF());
    }

    /**
     * Generates the target columns for each row of {@code conditions}: z ~ p(z|c), x ~ p(x|z,c).
     *
     * @param conditions rows with the condition columns; all its columns are kept, except targets, which are replaced
     */
    public Dataset<Row> sample(Dataset<Row> conditions, long seedOfNoise) {
        return new Sampler(trained, seedOfNoise, false).sample(conditions);
    }

    /**
     * Generates rows for conditions that are drawn, or fixed in part.
     *
     * @param mean whether it gives the likelihood's mean instead of a draw
     */
    public Sampler sampler(long seedOfNoise, boolean mean) {
        return new Sampler(trained, seedOfNoise, mean);
    }

    /**
     * The likelihood's mean E[x|z,c] for each row, given its latent and its conditions.
     *
     * @param rows with a column of z, named {@code latentCol} or else {@value LatentSpace#LATENT}: array&lt;float&gt;,
     *     array&lt;double&gt; or a Spark ML vector; and with the condition columns. All its columns are kept, except targets, which
     *     are replaced
     */
    public Dataset<Row> decode(Dataset<Row> rows) {
        return latentSpace().decode(rows);
    }

    /** As {@link #decode(Dataset)}, but x is drawn from p(x|z,c). */
    public Dataset<Row> decode(Dataset<Row> rows, long seedOfNoise) {
        return new Sampler(trained, seedOfNoise, false)
                .decode(rows, latentSpace().latentColumn());
    }

    /**
     * From one row to another: z = (1 − t)·μ_a + t·μ_b between their posterior means, t = 0 … 1 in equal steps, decoded.
     *
     * <p>Continuous conditions are mixed as z is, the others are those of the first row.
     *
     * @param ends exactly two rows, with targets and conditions
     * @param steps at least 2
     * @return columns {@code step} (from 0), {@code share} (t), {@code latent}, the conditions, the targets' means
     */
    public Dataset<Row> interpolate(Dataset<Row> ends, int steps) {
        return latentSpace().interpolate(ends, steps);
    }

    /**
     * One latent dimension swept: z_j = m_j(c) + t·s_j(c) for t from {@code from} to {@code to} in equal steps, the other dimensions at
     * m(c) = E[z|c]; s is the deviation of a learned Gaussian p(z|c), and 1 for any other prior, so that for N(0, I) z_j = t.
     *
     * @param conditions rows with the condition columns; each is swept, and keeps its columns except targets
     * @param dimension j, from 0
     * @param steps at least 2
     * @return with columns {@code step} (from 0), {@code value} (t), {@code latent} and the targets' means added
     */
    public Dataset<Row> sweep(Dataset<Row> conditions, int dimension, double from, double to, int steps) {
        return latentSpace().sweep(conditions, dimension, from, to, steps);
    }

    /**
     * What each row would be under other conditions: z is the posterior's mean given the row's x and c, decoded with the
     * changed c.
     *
     * @param rows with targets and conditions
     * @param condition new values by condition column, as text; what is not in it stays the row's own
     * @return the rows' columns, conditions and targets (means) replaced, and {@code latent}
     */
    public Dataset<Row> counterfactual(Dataset<Row> rows, Map<String, String> condition) {
        return latentSpace().counterfactual(rows, List.of(condition));
    }

    /** As {@link #counterfactual(Dataset, Map)}, once for every level of the categorical condition {@code column}, in order. */
    public Dataset<Row> counterfactual(Dataset<Row> rows, String column) {
        return latentSpace().counterfactual(rows, latentSpace().levels(column));
    }

    private LatentSpace latentSpace() {
        return new LatentSpace(trained, getLatentCol(), getSeed());
    }

    /**
     * Metrics over the rows of {@code dataset}: per-row averages in nats. Predictions of a class average over {@code
     * predictionSamples} draws of z.
     */
    public Evaluation evaluate(Dataset<Row> dataset, int draws, long seedOfNoise) {
        return Evaluation.of(
                trained,
                dataset,
                new TransformTask.Settings(
                        draws, getPredictionSamples(), seedOfNoise, AddedColumns.handleInvalid(this)));
    }

    /** Returns whether the model comes from training, not from disk. */
    public boolean hasSummary() {
        return summary != null;
    }

    /** How training went. */
    public CvaeTrainingSummary summary() {
        if (summary == null) {
            throw new IllegalStateException(
                    "This model was loaded; it has no training summary. Its history is in the run directory's history/");
        }
        return summary;
    }

    CvaeModel withSummary(@Nullable CvaeTrainingSummary value) {
        summary = value;
        return this;
    }

    @Override
    public StructType transformSchema(StructType schema) {
        Field classField = trained.classField();
        return RowTransform.outputSchema(
                TrainedModel.ownTypes(trained.schema().targets()),
                trained.schema().structs(),
                classField == null ? null : DataType.fromJson(classField.dataType()),
                AddedColumns.of(this),
                schema);
    }

    @Override
    public CvaeModel copy(ParamMap extra) {
        CvaeModel copy = new CvaeModel(uid, trained).withSummary(summary);
        copyValues(copy, extra);
        copy.setParent(parent());
        return copy;
    }

    @Override
    public MLWriter write() {
        return new MLWriter() {
            /** As Spark ML's, but the old model is there until the new one is whole. */
            @Override
            public void save(String path) throws IOException {
                Configuration conf = sparkSession().sparkContext().hadoopConfiguration();
                if (!shouldOverwrite() && HadoopFiles.exists(conf, new Path(path))) {
                    throw new IOException("%s exists already; give another path, or replace it by write().overwrite()"
                            .formatted(path));
                }
                Swap.write(conf, new Path(path), directory -> saveImpl(directory.toString()));
            }

            @Override
            public void saveImpl(String path) {
                ModelMetadata.save(CvaeModel.this, path, sparkSession());
                ModelFiles.write(sparkSession(), path, trained);
            }
        };
    }

    public static MLReader<CvaeModel> read() {
        return new MLReader<>() {
            @Override
            public CvaeModel load(String path) {
                String type = CvaeModel.class.getName();
                CvaeModel model = new CvaeModel(
                        ModelMetadata.uid(path, sparkSession(), type), ModelFiles.read(sparkSession(), path));
                ModelMetadata.restoreParams(model, path, sparkSession(), type);
                return model;
            }
        };
    }

    public static CvaeModel load(String path) {
        return read().load(path);
    }
}
