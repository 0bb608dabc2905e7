package io.cvaespark.spark;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.ColumnType;
import io.cvaespark.data.Json;
import io.cvaespark.job.ColumnSpecs;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.Job;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Values;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.train.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The params of a {@link Cvae} as the sections of a job, and back. */
final class CvaeSettings {
    private final KeyParams params;

    CvaeSettings(CvaeParams cvae) {
        this.params = cvae.keyed();
    }

    /** The column specifications of the targets. */
    List<ColumnSpec> targets() {
        ColumnSpecs columns = params.get(CvaeParams.COLUMNS);
        if (columns != null) {
            return columns.targets();
        }
        List<String> names = params.get(CvaeParams.TARGET_COLS);
        if (names == null) {
            throw new IllegalArgumentException("No target columns are set: call setTargetCols");
        }
        String shared = params.get(CvaeParams.LIKELIHOOD);
        return names.stream()
                .map(name -> new ColumnSpec(name).with("likelihood", shared))
                .toList();
    }

    /** The column specifications of the conditions. */
    List<ColumnSpec> conditions() {
        ColumnSpecs columns = params.get(CvaeParams.COLUMNS);
        if (columns != null) {
            return columns.conditions();
        }
        List<String> names = params.get(CvaeParams.CONDITION_COLS);
        return names == null ? List.of() : names.stream().map(ColumnSpec::new).toList();
    }

    /** Own type of the column whose class the model will predict; null: there is none. */
    @Nullable
    DataType classType(StructType schema) {
        List<ColumnSpec> candidates = model().variant().hasClassifier() ? conditions() : targets();
        if (candidates.size() != 1
                || !Arrays.asList(schema.fieldNames())
                        .contains(candidates.get(0).column())) {
            return null;
        }
        ColumnSpec spec = candidates.get(0);
        DataType own = schema.apply(spec.column()).dataType();
        ColumnType stated = spec.statedType();
        ColumnType type = stated != null ? stated : Columns.infer(spec.column(), own, false);
        return type.kind().hasLevels() ? own : null;
    }

    /** The networks' settings. */
    ModelConfig model() {
        ObjectNode options = params.get(CvaeParams.MODEL_OPTIONS);
        if (options == null) {
            options = Json.MAPPER.createObjectNode();
        }
        for (Key<?> own : CvaeParams.MODEL) {
            if (options.has(own.name())) {
                throw new IllegalArgumentException(
                        "modelOptions has '%s', which is a param of its own: set variant, latentDim, hiddenLayers or hidden, activation"
                                .formatted(own.name()));
            }
        }
        Values values = ModelConfig.KEYS.read(options);
        params.copyTo(values, CvaeParams.MODEL);
        return new ModelConfig(values);
    }

    /** The training's settings. */
    TrainingConfig training() {
        Values values = new Values();
        params.copyTo(values, TrainingConfig.KEYS.all());
        return new TrainingConfig(values);
    }

    /** Sets the params that a job's sections say. */
    void set(Job job) {
        params.set(CvaeParams.COLUMNS, new ColumnSpecs(job.targets(), job.conditions()));
        params.copyFrom(job.model(), CvaeParams.MODEL);
        ObjectNode options = Json.MAPPER.valueToTree(job.model());
        ModelConfig.KEYS.all().stream().filter(key -> !job.model().has(key)).forEach(key -> options.remove(key.name()));
        CvaeParams.MODEL.forEach(own -> options.remove(own.name()));
        params.set(CvaeParams.MODEL_OPTIONS, options.isEmpty() ? null : options);
        params.copyFrom(job.training(), TrainingConfig.KEYS.all());
        InputConfig input = job.input();
        if (input != null) {
            params.set(InputConfig.WEIGHT, input.find(InputConfig.WEIGHT));
            params.set(InputConfig.HANDLE_INVALID, input.get(InputConfig.HANDLE_INVALID));
            InputConfig.Validation validation = input.validation();
            if (validation != null && validation.fraction() != null) {
                params.set(CvaeParams.VALIDATION_FRACTION, validation.fraction());
            }
            if (validation != null && validation.source() != null) {
                params.set(CvaeParams.VALIDATION_SOURCE, validation.source().name());
            }
        }
    }
}
