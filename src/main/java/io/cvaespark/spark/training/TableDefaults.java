package io.cvaespark.spark.training;

import io.cvaespark.data.ColumnSpec;
import io.cvaespark.data.computed.Formula;
import io.cvaespark.job.ModelConfig;
import io.cvaespark.model.Variant;
import io.cvaespark.settings.Key;
import io.cvaespark.settings.Section;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.Formulas;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.table.TableProfile;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a job leaves open and its table decides: which columns {@code all} stands for, the decoder, and where this is
 * autoregressive, the settings that have proved good for tables.
 *
 * <p>A key that the job gives is never changed. The settings are those of a decoder of one small head for each column (see
 * {@link io.cvaespark.nn.Autoregressive}); they were chosen by the held-out rows of the Adult census.
 *
 * @param targets one for each column
 * @param model with a decoder that is not {@code auto}
 * @param validation the share of rows to hold out where the job says nothing of validation; 0: none
 */
public record TableDefaults(List<ColumnSpec> targets, ModelConfig model, TrainingConfig training, double validation) {
    private static final Logger LOG = LoggerFactory.getLogger(TableDefaults.class);

    /** In place of a target: every column that is not named elsewhere. */
    public static final String ALL = "all";

    private static final int EPOCHS = 100;
    private static final int BATCH = 256;
    private static final int PATIENCE = 8;
    private static final double AVERAGING = 0.999;
    private static final double WEIGHT_DECAY = 0.01;
    private static final double DROPOUT = 0.25;
    private static final double VALIDATION = 0.1;
    /** Of fewer rows a tenth may be none. */
    private static final int ENOUGH_TO_HOLD_OUT = 100;

    /** Likelihoods whose columns a table has. */
    private static final Set<String> OF_TABLES = Set.of("histogram", "categorical", "bernoulli");

    /** Keys of the model section that say what another decoder is like. */
    static final List<Key<?>> OF_OTHER_DECODERS =
            List.of(ModelConfig.VARIANT, ModelConfig.HIDDEN, ModelConfig.LATENT, ModelConfig.IMAGE, ModelConfig.PRIOR);

    /**
     * Settles a job for a table.
     *
     * @param others columns that are no targets though the job does not name them as conditions, such as weights; nulls are ignored
     */
    public static TableDefaults settle(
            Dataset<Row> given,
            List<ColumnSpec> targets,
            List<ColumnSpec> conditions,
            ModelConfig model,
            TrainingConfig training,
            List<@Nullable String> others) {
        Dataset<Row> rows = Structs.flatten(given);
        StructType table = rows.schema();
        boolean all = targets.stream().anyMatch(spec -> isAll(spec, table));
        List<ColumnSpec> expanded = all ? expand(table, targets, conditions, others) : targets;
        ModelConfig.Decoder decoder = model.get(ModelConfig.DECODER);
        if (decoder == ModelConfig.Decoder.AUTO) {
            boolean asked = all || OF_OTHER_DECODERS.stream().noneMatch(model::has);
            decoder = asked && isTable(table, expanded)
                    ? ModelConfig.Decoder.AUTOREGRESSIVE
                    : ModelConfig.Decoder.INDEPENDENT;
        }
        ModelConfig settled = decoder == ModelConfig.Decoder.AUTOREGRESSIVE || model.has(ModelConfig.DECODER)
                ? model.with(ModelConfig.DECODER, decoder)
                : model;
        if (decoder != ModelConfig.Decoder.AUTOREGRESSIVE) {
            return new TableDefaults(expanded, settled, training, 0);
        }
        expanded = withFormulas(rows, withFindings(rows, expanded, ordered(settled)), conditions, ordered(settled));
        settled = withDefault(settled, ModelConfig.VARIANT, Variant.BASELINE);
        settled = withDefault(settled, ModelConfig.DROPOUT, DROPOUT);
        boolean enough = rows.limit(ENOUGH_TO_HOLD_OUT).count() == ENOUGH_TO_HOLD_OUT;
        return new TableDefaults(expanded, settled, settled(training, enough), enough ? VALIDATION : 0);
    }

    private static TrainingConfig settled(TrainingConfig given, boolean validated) {
        OptimizerConfig optimizer = given.optimizer();
        optimizer = withDefault(optimizer, OptimizerConfig.WEIGHT_DECAY, WEIGHT_DECAY);
        if (validated) {
            optimizer = withDefault(optimizer, OptimizerConfig.SCHEDULE, OptimizerConfig.Course.PLATEAU);
        }
        TrainingConfig training = given.with(TrainingConfig.OPTIMIZER, optimizer);
        training = withDefault(training, TrainingConfig.EPOCHS, EPOCHS);
        training = withDefault(training, TrainingConfig.BATCH, BATCH);
        if (validated) {
            training = withDefault(training, TrainingConfig.PATIENCE, PATIENCE);
        }
        return withDefault(training, TrainingConfig.AVERAGING, AVERAGING);
    }

    private static <S extends Section<S>, T> S withDefault(S section, Key<T> key, T value) {
        return section.has(key) ? section : section.with(key, value);
    }

    private static boolean isAll(ColumnSpec spec, StructType table) {
        return spec.equals(new ColumnSpec(ALL))
                && !Arrays.asList(table.fieldNames()).contains(ALL);
    }

    /** The targets in the table's order: as the job says them, or by the column's own type. */
    private static List<ColumnSpec> expand(
            StructType table, List<ColumnSpec> targets, List<ColumnSpec> conditions, List<@Nullable String> others) {
        Set<String> taken = new LinkedHashSet<>();
        conditions.forEach(spec -> taken.add(spec.column()));
        others.stream().filter(Objects::nonNull).forEach(taken::add);
        List<ColumnSpec> expanded = new ArrayList<>();
        for (String column : table.fieldNames()) {
            targets.stream()
                    .filter(spec -> spec.column().equals(column))
                    .findFirst()
                    .or(() -> java.util.Optional.of(new ColumnSpec(column)).filter(spec -> !taken.contains(column)))
                    .ifPresent(expanded::add);
        }
        for (ColumnSpec spec : targets) {
            if (!isAll(spec, table) && !expanded.contains(spec)) {
                expanded.add(spec); // so that the message about a column that is not there names it
            }
        }
        return expanded;
    }

    /** The targets, of which those that say no type get the one that their values tell. */
    private static List<ColumnSpec> withFindings(Dataset<Row> rows, List<ColumnSpec> targets, List<String> ordered) {
        Map<String, TableProfile.Finding> findings = TableProfile.of(
                rows,
                targets.stream()
                        .filter(spec ->
                                spec.isModelled() && spec.statedType() == null && !ordered.contains(spec.column()))
                        .map(ColumnSpec::column)
                        .toList());
        List<ColumnSpec> found = new ArrayList<>();
        for (ColumnSpec spec : targets) {
            switch (findings.getOrDefault(spec.column(), TableProfile.Finding.USUAL)) {
                case IDENTIFIER -> {
                    LOG.info(
                            "Column '{}' has another value in each row: it is taken for an identifier, which is not modelled; sampled rows get new ones. Say {column: {}, type: categorical} under targets to model it",
                            spec.column(),
                            spec.column());
                    found.add(spec.withType(ColumnSpec.ID));
                }
                case LEVELS -> found.add(spec.withType("categorical"));
                case USUAL -> found.add(spec);
            }
        }
        return found;
    }

    /** The columns that the job puts in an order: it wants them modelled, whatever they are found to be. */
    private static List<String> ordered(ModelConfig model) {
        ModelConfig.Order order = model.find(ModelConfig.ORDER);
        return order == null || order.columns() == null ? List.of() : order.columns();
    }

    /** The targets, of which those that follow from others get their formula. */
    private static List<ColumnSpec> withFormulas(
            Dataset<Row> rows, List<ColumnSpec> targets, List<ColumnSpec> conditions, List<String> ordered) {
        // A formula that the job gives is the user's own choice: nothing is added to it.
        if (targets.stream().anyMatch(spec -> spec.formula() != null)) {
            return targets;
        }
        List<String> given = new ArrayList<>(ordered);
        conditions.forEach(spec -> given.add(spec.column()));
        Map<String, Formula> formulas = Formulas.find(
                rows,
                given,
                targets.stream()
                        .filter(spec -> !ordered.contains(spec.column()))
                        .filter(spec -> spec.equals(new ColumnSpec(spec.column())))
                        .map(ColumnSpec::column)
                        .toList());
        List<ColumnSpec> all = new ArrayList<>();
        for (ColumnSpec spec : targets) {
            Formula formula = formulas.get(spec.column());
            if (formula != null) {
                LOG.info(
                        "Column '{}' is {} in all rows: it is not modelled, and sampled rows get what this gives. Say {column: {}, type: continuous} under targets to model it",
                        spec.column(),
                        formula.text(),
                        spec.column());
            }
            all.add(formula == null ? spec : spec.with("formula", formula.text()));
        }
        return all;
    }

    private static boolean isTable(StructType table, List<ColumnSpec> targets) {
        List<String> names = Arrays.asList(table.fieldNames());
        return targets.size() > 1
                && targets.stream()
                        .allMatch(spec -> names.contains(spec.column())
                                && isOfTable(spec, table.apply(spec.column()).dataType()));
    }

    private static boolean isOfTable(ColumnSpec spec, DataType type) {
        boolean discrete =
                spec.likelihood() == null ? !"count".equals(spec.type()) : OF_TABLES.contains(spec.likelihood());
        return discrete
                && !Columns.isVector(type)
                && spec.range() == null
                && spec.standardize() == null
                && !spec.dynamicBinarization();
    }
}
