package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.settings.Keys;
import io.cvaespark.train.AugmentConfig;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A job file: what to train, on what, how, and where to.
 *
 * @param input the rows
 * @param targets x, the columns that are generated
 * @param conditions c, the columns they are generated from
 * @param output the run directory; null only where a job is used without one
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Job(
        @Nullable InputConfig input,
        List<ColumnSpec> targets,
        List<ColumnSpec> conditions,
        ModelConfig model,
        TrainingConfig training,
        @Nullable String output) {
    /** The sections whose settings are declared as keys. */
    public static final List<Keys> SECTIONS = List.of(
            InputConfig.KEYS,
            ModelConfig.KEYS,
            PriorConfig.KEYS,
            TrainingConfig.KEYS,
            OptimizerConfig.KEYS,
            AugmentConfig.KEYS);

    @JsonCreator
    public Job(
            @JsonProperty("input") @Nullable InputConfig input,
            @JsonProperty("targets") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<ColumnSpec> targets,
            @JsonProperty("conditions") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Nullable
                    List<ColumnSpec> conditions,
            @JsonProperty("model") @Nullable ModelConfig model,
            @JsonProperty("training") @Nullable TrainingConfig training,
            @JsonProperty("output") @Nullable String output) {
        this.input = input;
        this.targets = targets == null ? List.of() : List.copyOf(targets);
        this.conditions = conditions == null ? List.of() : List.copyOf(conditions);
        this.model = model == null ? ModelConfig.DEFAULT : model;
        this.training = training == null ? TrainingConfig.DEFAULT : training;
        this.output = output;
    }

    /** The input section; throws where the job has none. */
    public InputConfig requireInput() {
        if (input == null) {
            throw new IllegalArgumentException("The job has no input.train: name the training data there");
        }
        return input;
    }

    /** The run directory; throws where the job has none. */
    public String requireOutput() {
        if (output == null) {
            throw new IllegalArgumentException("The job has no output: name the run directory there");
        }
        return output;
    }
}
