package io.cvaespark.spark.training;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.Field;
import io.cvaespark.data.TableSchema;
import io.cvaespark.data.computed.ComputedColumn;
import io.cvaespark.data.computed.Identifier;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.nn.AutoregressiveSpec;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Keys;
import io.cvaespark.settings.Section;
import io.cvaespark.spark.table.TableFitter;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.types.DataType;
import org.jspecify.annotations.Nullable;

/**
 * What a training would do, found by reading the table and no more: nothing is trained and nothing is written.
 *
 * @param columns in the job's order: targets, identifiers among them, then conditions
 * @param decided the settings that the table decided because the job does not say them, by their keys
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record DryRun(List<Column> columns, Decoder decoder, Map<String, Object> decided, Estimate estimate) {

    /** The role of a column that only tells rows apart. */
    public static final String IDENTIFIER = "identifier";

    /** The role of a column that follows from others. */
    public static final String COMPUTED = "computed";

    /**
     * What a column is taken for.
     *
     * @param role target, condition, identifier or computed
     * @param sqlType its Spark SQL type
     * @param likelihood of a target; null elsewhere
     * @param why what made it so: the job, its SQL type or its values
     * @param codec levels, atoms, bins, step, as the codec describes itself
     * @param missing the share of rows in which it is null or has nulls; null of a column that is not modelled
     * @param missingCells generate or ignore: what its missing cells are; null of a condition, an identifier, and where none is missing
     * @param constant true if all known cells are the same
     * @param otherwise what to say in the job to have it otherwise; null where the job decided, or nothing else is possible
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Column(
            String role,
            String column,
            String sqlType,
            String type,
            @Nullable String likelihood,
            String why,
            String codec,
            @Nullable Double missing,
            @Nullable String missingCells,
            boolean constant,
            @Nullable String otherwise) {}

    /**
     * How the columns of a row are generated.
     *
     * @param otherwise what to say in the job to have the other decoder; null where the job decided
     * @param order the columns in the order in which an autoregressive decoder generates them; null: any order, or all at once
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Decoder(
            String name,
            String why,
            @Nullable String otherwise,
            @Nullable List<String> order,
            boolean anyOrder) {}

    /**
     * Reads the table of {@code request} and says what training on it would do.
     *
     * @throws IllegalArgumentException for what training would refuse before its first step
     */
    public static DryRun of(Training.Request request) {
        try {
            Preparation prepared = Preparation.of(Preparation.settled(request));
            return new DryRun(
                    columns(request, prepared),
                    decoder(request, prepared),
                    decided(request, prepared.request()),
                    Estimate.of(prepared));
        } finally {
            request.table().sparkSession().sparkContext().setJobDescription(null);
        }
    }

    private static List<Column> columns(Training.Request given, Preparation prepared) {
        TableFitter.Fitted fitted = prepared.fitted();
        TableSchema schema = fitted.schema();
        double rows = fitted.trainingRows() + fitted.validationRows();
        Map<String, Column> byName = new LinkedHashMap<>();
        for (int i = 0; i < schema.targets().size() + schema.conditions().size(); i++) {
            boolean target = i < schema.targets().size();
            Field field = target
                    ? schema.targets().get(i)
                    : schema.conditions().get(i - schema.targets().size());
            Optional<ColumnSpec> said = said(target ? given.targets() : given.conditions(), field.column());
            byName.put(
                    field.column(), column(field, target, said, fitted.missing().get(i) / rows));
        }
        for (Identifier identifier : schema.identifiers()) {
            byName.put(identifier.column(), column(identifier, said(given.targets(), identifier.column())));
        }
        for (ComputedColumn computed : schema.computed()) {
            byName.put(computed.column(), column(computed, said(given.targets(), computed.column())));
        }
        List<Column> ordered = new ArrayList<>();
        prepared.request().targets().forEach(spec -> ordered.add(byName.get(spec.column())));
        prepared.request().conditions().forEach(spec -> ordered.add(byName.get(spec.column())));
        return ordered;
    }

    /** What the job says of a column's type or likelihood. */
    private static Optional<ColumnSpec> said(List<ColumnSpec> specs, String column) {
        return specs.stream()
                .filter(spec -> spec.column().equals(column)
                        && (spec.type() != null || spec.likelihood() != null || spec.formula() != null))
                .findFirst();
    }

    private static String why(ColumnSpec said) {
        if (said.formula() != null) {
            return "the job says formula: " + said.formula();
        }
        return said.type() != null
                ? "the job says type: " + said.type()
                : "the job says likelihood: " + said.likelihood();
    }

    private static Column column(Field field, boolean target, Optional<ColumnSpec> said, double missing) {
        DataType type = DataType.fromJson(field.dataType());
        ColumnMeaning meaning = new ColumnMeaning(field, type, target);
        ColumnSpec.Missing empty = field.missingCode() >= 0 ? ColumnSpec.Missing.GENERATE : ColumnSpec.Missing.IGNORE;
        return new Column(
                target ? "target" : "condition",
                field.column(),
                type.simpleString(),
                field.type().toString(),
                field.likelihood(),
                said.map(DryRun::why).orElseGet(meaning::why),
                field.codec().describe(),
                missing,
                target && missing > 0 ? empty.toString() : null,
                field.codec().hasOneValue(),
                said.isPresent() ? null : meaning.otherwise());
    }

    private static Column column(Identifier identifier, Optional<ColumnSpec> said) {
        return new Column(
                IDENTIFIER,
                identifier.column(),
                DataType.fromJson(identifier.dataType()).simpleString(),
                ColumnSpec.ID,
                null,
                said.map(DryRun::why)
                        .orElse(
                                identifier.first() == null
                                        ? "each row has another text"
                                        : "its whole numbers follow each other, one for each row, or are beyond 2^53 and all different"),
                identifier.describe(),
                null,
                null,
                false,
                said.isPresent() ? null : ColumnMeaning.spec(identifier.column(), "type: categorical"));
    }

    private static Column column(ComputedColumn computed, Optional<ColumnSpec> said) {
        return new Column(
                COMPUTED,
                computed.column(),
                DataType.fromJson(computed.dataType()).simpleString(),
                COMPUTED,
                null,
                said.map(DryRun::why)
                        .orElse("in all rows it is " + computed.formula().text()),
                computed.describe(),
                null,
                null,
                false,
                said.isPresent() ? null : ColumnMeaning.spec(computed.column(), "type: continuous"));
    }

    private static Decoder decoder(Training.Request given, Preparation prepared) {
        AutoregressiveSpec spec = prepared.architecture().autoregressive();
        List<String> names =
                prepared.fitted().schema().targets().stream().map(Field::column).toList();
        boolean said = given.model().get(ModelConfig.DECODER) != ModelConfig.Decoder.AUTO;
        ModelConfig.Decoder other = spec == null ? ModelConfig.Decoder.AUTOREGRESSIVE : ModelConfig.Decoder.INDEPENDENT;
        return new Decoder(
                (spec == null ? ModelConfig.Decoder.INDEPENDENT : ModelConfig.Decoder.AUTOREGRESSIVE).toString(),
                whyDecoder(given.model(), prepared.request()),
                said ? null : "model.decoder: " + other,
                spec == null || spec.anyOrder()
                        ? null
                        : spec.order().stream().map(names::get).toList(),
                spec != null && spec.anyOrder());
    }

    private static String whyDecoder(ModelConfig given, Training.Request settled) {
        if (given.get(ModelConfig.DECODER) != ModelConfig.Decoder.AUTO) {
            return "the job says model.decoder: " + given.get(ModelConfig.DECODER);
        }
        if (settled.model().isAutoregressive()) {
            return "the targets are columns of a table";
        }
        if (settled.targets().size() == 1) {
            return "there is one target only";
        }
        String keys = TableDefaults.OF_OTHER_DECODERS.stream()
                .filter(given::has)
                .map(Key::path)
                .collect(Collectors.joining(", "));
        return keys.isEmpty() ? "not all targets are columns of a table" : "the job says " + keys;
    }

    private static Map<String, Object> decided(Training.Request given, Training.Request settled) {
        Map<String, Object> decided = new LinkedHashMap<>();
        if (!settled.holdout().equals(given.holdout())) {
            decided.put("input.validation", settled.holdout().fraction());
        }
        add(ModelConfig.KEYS, given.model(), settled.model(), decided);
        add(TrainingConfig.KEYS, given.config(), settled.config(), decided);
        add(OptimizerConfig.KEYS, given.config().optimizer(), settled.config().optimizer(), decided);
        return decided;
    }

    private static <S extends Section<S>> void add(Keys keys, S given, S settled, Map<String, Object> to) {
        for (Key<?> key : keys.all()) {
            Object value = settled.find(key);
            boolean same = given.has(key) == settled.has(key)
                    && String.valueOf(given.find(key)).equals(String.valueOf(value));
            if (value != null && !same && !(value instanceof Section)) {
                to.put(key.path(), value instanceof Enum ? value.toString() : value);
            }
        }
    }
}
