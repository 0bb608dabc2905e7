package io.cvaespark.data;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Identifier;
import java.io.Serializable;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The columns of the dataset, fitted: targets x and conditions c, in the order of their floats.
 *
 * @param identifiers columns that are not modelled, because they only tell rows apart
 * @param computed columns that are not modelled, because they follow from others
 * @param structs those columns that were fields of structs, in the order of the table
 */
public record TableSchema(
        List<Field> targets,
        List<Field> conditions,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Identifier> identifiers,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<ComputedColumn> computed,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<InStruct> structs)
        implements Serializable {

    /**
     * A column that was a field of a struct.
     *
     * @param column its name, such as a.b
     * @param path the names of the column that is the struct, of structs in it, and of the field; a name may have dots
     */
    public record InStruct(String column, List<String> path) implements Serializable {
        public InStruct {
            path = List.copyOf(path);
        }
    }

    @JsonCreator
    public TableSchema(
            @JsonProperty("targets") List<Field> targets,
            @JsonProperty("conditions") List<Field> conditions,
            @JsonProperty("identifiers") @Nullable List<Identifier> identifiers,
            @JsonProperty("computed") @Nullable List<ComputedColumn> computed,
            @JsonProperty("structs") @Nullable List<InStruct> structs) {
        this.targets = List.copyOf(targets);
        this.conditions = List.copyOf(conditions);
        this.identifiers = identifiers == null ? List.of() : List.copyOf(identifiers);
        this.computed = computed == null ? List.of() : List.copyOf(computed);
        this.structs = structs == null ? List.of() : List.copyOf(structs);
    }

    /** Of columns that are all modelled, and in no structs. */
    public TableSchema(List<Field> targets, List<Field> conditions) {
        this(targets, conditions, null, null, null);
    }

    /** The names of the columns that are not modelled. */
    public List<String> unmodelled() {
        return Stream.concat(
                        identifiers.stream().map(Identifier::column),
                        computed.stream().map(ComputedColumn::column))
                .toList();
    }

    /** X, floats per target row. */
    public int targetWidth() {
        return width(targets);
    }

    /** C, floats per condition row. */
    public int conditionWidth() {
        return width(conditions);
    }

    /** X + C. */
    public int rowWidth() {
        return targetWidth() + conditionWidth();
    }

    /** E‖c‖², about: 1 for a one-hot column, 1 for each value of another. */
    public double conditionNorm() {
        return conditions.stream().mapToInt(f -> f.codec().cells()).sum();
    }

    private static int width(List<Field> fields) {
        return fields.stream().mapToInt(f -> f.codec().width()).sum();
    }
}
