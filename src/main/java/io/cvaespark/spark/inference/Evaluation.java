package io.cvaespark.spark.inference;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;

import io.cvaespark.data.Field;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.model.Architecture;
import io.cvaespark.model.LossSums;
import io.cvaespark.model.Variant;
import io.cvaespark.spark.internal.InternalRows;
import io.cvaespark.spark.table.Columns;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.spark.table.VectorColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Metrics of a model over a table: weighted averages per row, in nats, whatever the order of the rows.
 *
 * @param rows number of rows; with {@code handleInvalid: keep} the invalid ones too, which no average is over
 * @param invalidRows number of rows that no average is over, because they have cells that their columns cannot hold
 * @param elbo −reconstruction − kl
 * @param reconstruction −E log p(x|z,c), one draw of z
 * @param kl KL(q‖p)
 * @param logLikelihood log p(x|c) by importance sampling; null when not asked for
 * @param latentUse how much of the latent is used; null without a distribution q(z|·)
 * @param byCondition the ELBO by categorical condition of up to {@value #MOST_LEVELS} levels, and level
 * @param classification of the class that the model predicts; null where it predicts none
 */
public record Evaluation(
        long rows,
        long invalidRows,
        double elbo,
        double reconstruction,
        double kl,
        @Nullable Double logLikelihood,
        @Nullable LatentUse latentUse,
        Map<String, Map<String, LevelElbo>> byCondition,
        @Nullable Classification classification) {

    /** {@code metric}, {@code value}, {@code rows}. */
    public static final StructType SCHEMA = new StructType()
            .add("metric", DataTypes.StringType, false)
            .add("value", DataTypes.DoubleType, false)
            .add("rows", DataTypes.LongType, false);

    /** Most levels of a condition by which the ELBO is shown. */
    public static final int MOST_LEVELS = 50;

    private static final Column NONE = lit(null);

    /**
     * What of the latent is used.
     *
     * @param rows those that have a latent: all, or those with a label for m2
     * @param klPerDimension KL(q‖p) of each dimension; empty where p(z|c) is a mixture, whose KL has no such parts
     * @param activeUnits number of dimensions j with Var_x(E_q[z_j]) &gt; 0.01 (Burda et al. 2016)
     */
    public record LatentUse(long rows, List<Double> klPerDimension, int activeUnits) {}

    /** The ELBO over the rows of one level. */
    public record LevelElbo(long rows, double elbo) {}

    /**
     * How well the class is predicted.
     *
     * @param rows those whose class is known
     * @param accuracy share of the rows whose most probable class is theirs
     * @param calibrationError Σ_b w_b/w·|accuracy_b − confidence_b| over 15 equal bins of the confidence max_k p_k (Guo et al. 2017)
     */
    public record Classification(long rows, double accuracy, double calibrationError) {}

    /** @param settings with 0 importance samples the log-likelihood is not computed */
    public static Evaluation of(TrainedModel model, Dataset<Row> given, TransformTask.Settings settings) {
        Dataset<Row> table = Structs.spread(given, model.columns());
        List<Field> groups = model.schema().conditions().stream()
                .filter(f -> f.hasLevelsUpTo(MOST_LEVELS))
                .filter(f -> List.of(table.columns()).contains(f.column()))
                .toList();
        List<String> names = groups.stream().map(Field::column).toList();
        Field classField = model.classField();
        // Invalid rows come through without an ELBO, and are counted.
        TransformTask.Settings counting =
                settings.handleInvalid() == HandleInvalid.SKIP ? settings.with(HandleInvalid.KEEP) : settings;
        EvaluationSums total = InternalRows.of(scored(model, table, groups, counting))
                .mapPartitions(rows -> {
                    EvaluationSums sums = new EvaluationSums(classField, names);
                    rows.forEachRemaining(sums::add);
                    return List.of(sums).iterator();
                })
                .treeReduce(EvaluationSums::merge);
        LossSums sums = total.total().sums();
        if (sums.rows() == 0) {
            throw new IllegalArgumentException(
                    total.invalidRows() == 0
                            ? "The data to evaluate has no rows"
                            : "All %s rows to evaluate are invalid; handleInvalid: error says why"
                                    .formatted(total.invalidRows()));
        }
        if (sums.weight() == 0) {
            throw new IllegalArgumentException(
                    "The weight column '%s' is 0 in all %s rows; some must have a weight above 0"
                            .formatted(model.stored().weightColumn(), sums.rows()));
        }
        boolean counted = settings.handleInvalid() == HandleInvalid.KEEP;
        return new Evaluation(
                sums.rows() + (counted ? total.invalidRows() : 0),
                total.invalidRows(),
                -sums.meanLoss(),
                sums.meanReconstruction(),
                sums.meanKl(),
                settings.importanceSamples() > 0 ? total.total().meanLogLikelihood() : null,
                total.latentUse(),
                total.byCondition(groups),
                total.classification());
    }

    /** The rows as {@link EvaluationSums} takes them. */
    private static Dataset<Row> scored(
            TrainedModel model, Dataset<Row> table, List<Field> groups, TransformTask.Settings settings) {
        List<String> names = List.of(table.columns());
        String weight = model.stored().weightColumn();
        boolean weighted = weight != null && names.contains(weight);
        Field label = model.classField();
        List<RowOutput> outputs = outputs(model.stored().architecture(), label != null, settings);
        Column[] columns = new Column[EvaluationSums.FIRST_GROUP + groups.size()];
        columns[EvaluationSums.WEIGHT] = weighted && weight != null ? Columns.weight(table, weight) : lit(1.0);
        columns[EvaluationSums.RECONSTRUCTION] = number(outputs, RowOutput.RECONSTRUCTION_LOSS);
        columns[EvaluationSums.ELBO] = number(outputs, RowOutput.ELBO);
        columns[EvaluationSums.LOG_LIKELIHOOD] = number(outputs, RowOutput.LOG_LIKELIHOOD);
        columns[EvaluationSums.LATENT] = vector(outputs, RowOutput.LATENT);
        columns[EvaluationSums.KL] = vector(outputs, RowOutput.KL_PER_DIMENSION);
        columns[EvaluationSums.LABEL] =
                label != null && names.contains(label.column()) ? Columns.cell(table, label, "model") : NONE;
        columns[EvaluationSums.PROBABILITY] = vector(outputs, RowOutput.PROBABILITY);
        for (int g = 0; g < groups.size(); g++) {
            columns[EvaluationSums.FIRST_GROUP + g] = Columns.cell(table, groups.get(g), "condition");
        }
        return RowTransform.of(model, outputs, settings).apply(table).select(columns);
    }

    /** What the model computes of each row. */
    static List<RowOutput> outputs(Architecture architecture, boolean hasClass, TransformTask.Settings settings) {
        boolean gaussian = architecture.variant().posterior() == Variant.Posterior.GAUSSIAN;
        boolean mixture = architecture.latentPrior().components() > 0;
        List<RowOutput> outputs = new ArrayList<>(List.of(RowOutput.RECONSTRUCTION_LOSS, RowOutput.ELBO));
        if (settings.importanceSamples() > 0) {
            outputs.add(RowOutput.LOG_LIKELIHOOD);
        }
        if (gaussian) {
            outputs.add(RowOutput.LATENT);
        }
        if (gaussian && !mixture) {
            outputs.add(RowOutput.KL_PER_DIMENSION);
        }
        if (hasClass) {
            outputs.add(RowOutput.PROBABILITY);
        }
        return outputs;
    }

    private static Column number(List<RowOutput> outputs, RowOutput output) {
        return outputs.contains(output) ? col(RowTransform.name(output)) : lit(0.0);
    }

    private static Column vector(List<RowOutput> outputs, RowOutput output) {
        return outputs.contains(output) ? VectorColumns.toArray(col(RowTransform.name(output))) : NONE;
    }

    /** The metrics of all rows by name. */
    public Map<String, Double> metrics() {
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("elbo", elbo);
        metrics.put("reconstruction", reconstruction);
        metrics.put("kl", kl);
        if (logLikelihood != null) {
            metrics.put("log_likelihood", logLikelihood);
        }
        return metrics;
    }

    /** Everything, nested as {@code evaluate --json} prints it. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("rows", rows);
        if (invalidRows > 0) {
            map.put("invalid_rows", invalidRows);
        }
        map.putAll(metrics());
        if (latentUse != null) {
            if (!latentUse.klPerDimension().isEmpty()) {
                map.put("kl_per_dimension", latentUse.klPerDimension());
            }
            map.put("active_units", latentUse.activeUnits());
        }
        if (classification != null) {
            map.put("accuracy", classification.accuracy());
            map.put("calibration_error", classification.calibrationError());
        }
        if (!byCondition.isEmpty()) {
            map.put("by_condition", byCondition);
        }
        return map;
    }

    /**
     * Everything as a table of {@link #SCHEMA}: the {@link #metrics}, then {@code kl.0} … per latent dimension, {@code active_units},
     * {@code accuracy}, {@code calibration_error}, {@code elbo[column=level]}; {@code rows} are those that the value is over.
     */
    public Dataset<Row> toTable(SparkSession spark) {
        List<Row> table = new ArrayList<>();
        metrics().forEach((metric, value) -> table.add(RowFactory.create(metric, value, rows)));
        if (latentUse != null) {
            for (int j = 0; j < latentUse.klPerDimension().size(); j++) {
                table.add(
                        RowFactory.create("kl." + j, latentUse.klPerDimension().get(j), latentUse.rows()));
            }
            table.add(RowFactory.create("active_units", (double) latentUse.activeUnits(), latentUse.rows()));
        }
        if (classification != null) {
            table.addAll(Arrays.asList(
                    RowFactory.create("accuracy", classification.accuracy(), classification.rows()),
                    RowFactory.create("calibration_error", classification.calibrationError(), classification.rows())));
        }
        byCondition.forEach((column, levels) -> levels.forEach((level, of) ->
                table.add(RowFactory.create("elbo[%s=%s]".formatted(column, level), of.elbo(), of.rows()))));
        return spark.createDataFrame(table, SCHEMA);
    }
}
