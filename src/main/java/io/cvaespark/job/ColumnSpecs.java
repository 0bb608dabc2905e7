package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.cvaespark.data.ColumnSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The columns of a model, in JSON {@code {"targets": [...], "conditions": [...]}}.
 *
 * <p>Version 0.1.0 saved an estimator's columns as a whole job; of that, the other sections are left alone.
 *
 * @param targets x
 * @param conditions c
 */
@JsonIgnoreProperties({"input", "model", "training", "output"})
public record ColumnSpecs(List<ColumnSpec> targets, List<ColumnSpec> conditions) {

    @JsonCreator
    public ColumnSpecs(
            @JsonProperty("targets") @Nullable List<ColumnSpec> targets,
            @JsonProperty("conditions") @Nullable List<ColumnSpec> conditions) {
        this.targets = targets == null ? List.of() : List.copyOf(targets);
        this.conditions = conditions == null ? List.of() : List.copyOf(conditions);
    }
}
