package io.cvaespark.spark;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.batch.Augmentation;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Json;
import io.cvaespark.job.Job;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.model.Variant;
import io.cvaespark.nn.LayerSpec;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The params of a {@link Cvae} as the sections of a job, and back. */
final class CvaeSettings {
    /** Keys of the model section that are params of their own. */
    private static final List<String> OWN_PARAMS = List.of("variant", "latent", "hidden", "activation");

    private final CvaeParams params;

    CvaeSettings(CvaeParams params) {
        this.params = params;
    }

    /** The column specifications of the targets. */
    List<ColumnSpec> targets() {
        if (!params.text(params.columns()).isEmpty()) {
            return columnSpecs().targets();
        }
        if (!params.isDefined(params.targetCols())) {
            throw new IllegalArgumentException("No target columns are set: call setTargetCols");
        }
        String shared = params.text(params.likelihood()).isEmpty() ? null : params.text(params.likelihood());
        return Arrays.stream(params.$(params.targetCols()))
                .map(name -> new ColumnSpec(name, null, shared, null, null, null, null, null, null))
                .toList();
    }

    /** The column specifications of the conditions. */
    List<ColumnSpec> conditions() {
        if (!params.text(params.columns()).isEmpty()) {
            return columnSpecs().conditions();
        }
        return Arrays.stream(params.$(params.conditionCols()))
                .map(ColumnSpec::new)
                .toList();
    }

    /** Own type of the column whose class the model will predict; null: there is none. */
    @Nullable
    DataType classType(StructType schema) {
        boolean classifier = Variant.of(model().variant()).hasClassifier();
        List<ColumnSpec> candidates = classifier ? conditions() : targets();
        if (candidates.size() != 1
                || !Arrays.asList(schema.fieldNames())
                        .contains(candidates.get(0).column())) {
            return null;
        }
        ColumnSpec spec = candidates.get(0);
        DataType own = schema.apply(spec.column()).dataType();
        ColumnType stated = spec.statedType();
        ColumnType type = stated != null ? stated : Columns.infer(spec.column(), own);
        return type.kind().hasLevels() ? own : null;
    }

    /** The networks' settings. */
    ModelConfig model() {
        ModelConfig.Hidden widths = params.text(params.hidden()).isEmpty()
                ? ModelConfig.Hidden.of(LayerSpec.dense(
                        Arrays.stream(params.$(params.hiddenLayers())).boxed().toList()))
                : parse(params.hidden(), ModelConfig.Hidden.class);
        ObjectNode section = params.text(params.modelOptions()).isEmpty()
                ? Json.MAPPER.createObjectNode()
                : parse(params.modelOptions(), ObjectNode.class);
        for (String own : OWN_PARAMS) {
            if (section.has(own)) {
                throw new IllegalArgumentException(
                        "modelOptions has '%s', which is a param of its own: set variant, latentDim, hiddenLayers or hidden, activation"
                                .formatted(own));
            }
        }
        section.put("variant", params.text(params.variant()));
        section.put("latent", (Integer) params.$(params.latentDim()));
        section.set("hidden", Json.MAPPER.valueToTree(widths));
        section.put("activation", params.text(params.activation()));
        try {
            return Json.MAPPER.treeToValue(section, ModelConfig.class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "The model's settings are not what they should be: " + e.getOriginalMessage(), e);
        }
    }

    /** The training's settings. */
    TrainingConfig training() {
        OptimizerConfig settings = params.text(params.optimizer()).isEmpty()
                ? OptimizerConfig.DEFAULT
                : parse(params.optimizer(), OptimizerConfig.class);
        int shards = (Integer) params.$(params.numShards());
        int epochsToWait = (Integer) params.$(params.patience());
        int roundSteps = (Integer) params.$(params.roundSteps());
        return new TrainingConfig(
                (Integer) params.$(params.maxIter()),
                (Integer) params.$(params.batchSize()),
                settings.withLearningRate((Double) params.$(params.stepSize())),
                params.text(params.betaSchedule()).isEmpty()
                        ? TrainingConfig.Beta.of((Double) params.$(params.beta()))
                        : parse(params.betaSchedule(), TrainingConfig.Beta.class),
                (Double) params.$(params.freeBits()),
                params.text(params.augment()).isEmpty() ? null : parse(params.augment(), Augmentation.class),
                (Long) params.$(params.seed()),
                shards == 0 ? TrainingConfig.ShardCount.AUTO : new TrainingConfig.ShardCount(shards),
                params.text(params.exchange()),
                roundSteps == 0 ? null : Integer.valueOf(roundSteps),
                params.text(params.blas()),
                epochsToWait == 0 ? null : Integer.valueOf(epochsToWait),
                params.text(params.checkpointEvery()).isEmpty()
                        ? new TrainingConfig.CheckpointEvery(
                                (Integer) params.$(params.checkpointInterval()), null, null)
                        : parse(params.checkpointEvery(), TrainingConfig.CheckpointEvery.class));
    }

    /** Sets the params that a job's sections say. */
    void set(Job job) {
        TrainingConfig training = job.training();
        params.set(params.columns(), json(new Job(null, job.targets(), job.conditions(), null, null, null)));
        params.set(params.variant(), job.model().variant());
        params.set(params.latentDim(), job.model().latent());
        // Where a plain param says all, the one that would replace it stays empty: so that the plain one can be tuned.
        ModelConfig.Hidden layers = job.model().hidden();
        List<Integer> widths = layers.uniformWidths();
        params.set(params.hidden(), widths == null ? json(layers) : "");
        if (widths != null) {
            params.set(
                    params.hiddenLayers(),
                    widths.stream().mapToInt(Integer::intValue).toArray());
        }
        ObjectNode options = Json.MAPPER.valueToTree(job.model());
        options.remove(OWN_PARAMS);
        params.set(params.modelOptions(), options.isEmpty() ? "" : options.toString());
        params.set(params.activation(), job.model().activation());
        params.set(params.maxIter(), training.epochs());
        params.set(params.batchSize(), training.batch());
        params.set(params.stepSize(), training.optimizer().learningRate());
        params.set(params.optimizer(), json(training.optimizer()));
        Double constant = training.beta().constant();
        params.set(params.betaSchedule(), constant == null ? json(training.beta()) : "");
        params.set(params.beta(), constant == null ? 1.0 : constant);
        params.set(params.freeBits(), training.freeBits());
        params.set(params.augment(), training.augment() == null ? "" : json(training.augment()));
        params.set(params.seed(), training.seed());
        Integer shards = training.shards().value();
        params.set(params.numShards(), shards == null ? 0 : shards);
        params.set(params.exchange(), training.exchange());
        Integer stepsOfRound = training.roundSteps();
        params.set(params.roundSteps(), stepsOfRound == null ? 0 : stepsOfRound);
        params.set(params.blas(), training.blas());
        Integer epochsToWait = training.patience();
        params.set(params.patience(), epochsToWait == null ? 0 : epochsToWait);
        Integer everyEpochs = training.checkpointEvery().epochs();
        params.set(params.checkpointEvery(), everyEpochs == null ? json(training.checkpointEvery()) : "");
        params.set(params.checkpointInterval(), everyEpochs == null ? 1 : everyEpochs);
        if (job.input() != null) {
            String weight = job.input().weight();
            params.set(params.weightCol(), weight == null ? "" : weight);
            if (job.input().validation() != null && job.input().validation().fraction() != null) {
                params.set(params.validationFraction(), job.input().validation().fraction());
            }
        }
    }

    private Job columnSpecs() {
        return parse(params.columns(), Job.class);
    }

    private <T> T parse(Param<String> param, Class<T> type) {
        try {
            return Json.MAPPER.readValue(params.text(param), type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "Param %s is not what it should be: %s".formatted(param.name(), e.getOriginalMessage()), e);
        }
    }

    private static String json(@Nullable Object value) {
        try {
            return Json.MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
