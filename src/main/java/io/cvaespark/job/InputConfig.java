package io.cvaespark.job;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.data.Json;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.settings.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The {@code input} section of a job. */
public final class InputConfig extends Section<InputConfig> {
    public static final Keys KEYS = new Keys("input");

    public static final Key<TableSource> TRAIN = KEYS.add(Key.json(
                    "train",
                    TableSource.class,
                    "path or map",
                    null,
                    "The training rows: a path, which may be a pattern (data/*.parquet), {path, format, options, schema, where}, or {table: db.name, where}. The format follows the extension, else Parquet; options are those of Spark's reader; schema states the columns of a text file: zip STRING, x DOUBLE")
            .absentIs("required"));

    public static final Key<Validation> VALIDATION = KEYS.add(
            Key.json(
                    "validation",
                    Validation.class,
                    "number, path or map",
                    null,
                    "The rows held out: a fraction of train, chosen by a hash of each row's content (duplicates stay together), or rows of their own, said as those of train"));

    public static final Key<String> WEIGHT =
            KEYS.add(Key.text("weight", null, "Column of instance weights, 0 or more; without one every row weighs 1")
                    .asParam("weightCol"));

    public static final Key<HandleInvalid> HANDLE_INVALID = KEYS.add(Key.choice(
                    "handleInvalid",
                    HandleInvalid.ERROR,
                    List.of(HandleInvalid.values()),
                    "What becomes of a row with a cell that its column cannot hold, such as a null condition or a level that training never saw. error: an error; skip: it is left out, and counted; keep: transform keeps it with nulls (not for training)")
            .unwritten());

    public InputConfig(Values values) {
        super(values);
        if (find(TRAIN) == null) {
            throw new IllegalArgumentException("The section input has no train: name the training data there");
        }
    }

    /** What a job says; throws for keys that are not known, and without training rows. */
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public static InputConfig of(JsonNode json) {
        return new InputConfig(KEYS.read(json));
    }

    @Override
    protected Keys keys() {
        return KEYS;
    }

    @Override
    protected InputConfig of(Values other) {
        return new InputConfig(other);
    }

    /** The same, or where the job says nothing of validation, a fraction; 0: none. */
    public InputConfig orValidation(double fraction) {
        return has(VALIDATION) || fraction == 0 ? this : with(VALIDATION, new Validation(fraction, null));
    }

    public TableSource train() {
        return get(TRAIN);
    }

    /** Held-out rows; null: none. */
    public @Nullable Validation validation() {
        return find(VALIDATION);
    }

    /** A fraction of the training rows, chosen by their hash, or rows of their own. */
    public record Validation(
            @Nullable Double fraction, @Nullable TableSource source) {
        public Validation {
            if (fraction != null && !(fraction > 0 && fraction < 1)) {
                throw new IllegalArgumentException(
                        "input.validation as a fraction must lie between 0 and 1, found " + fraction);
            }
        }

        @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
        public static Validation of(JsonNode node) {
            return node.isNumber()
                    ? new Validation(node.asDouble(), null)
                    : new Validation(null, Json.MAPPER.convertValue(node, TableSource.class));
        }

        @JsonValue
        public @Nullable Object json() {
            return fraction != null ? fraction : source;
        }
    }
}
