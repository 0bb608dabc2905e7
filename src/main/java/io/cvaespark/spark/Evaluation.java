package io.cvaespark.spark;

import static org.apache.spark.sql.functions.col;

import io.cvaespark.model.LossSums;
import io.cvaespark.spark.internal.InternalRows;
import java.util.ArrayList;
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
 * @param rows number of rows
 * @param elbo −reconstruction − kl
 * @param reconstruction −E log p(x|z,c), one draw of z
 * @param kl KL(q‖p)
 * @param logLikelihood log p(x|c) by importance sampling; null when not asked for
 */
public record Evaluation(
        long rows,
        double elbo,
        double reconstruction,
        double kl,
        @Nullable Double logLikelihood) {

    /** {@code metric}, {@code value}, {@code rows}. */
    public static final StructType SCHEMA = new StructType()
            .add("metric", DataTypes.StringType, false)
            .add("value", DataTypes.DoubleType, false)
            .add("rows", DataTypes.LongType, false);

    /** @param draws of z for the log-likelihood; 0: not computed */
    static Evaluation of(TrainedModel model, Dataset<Row> table, int draws, long seed) {
        String weight = model.stored().weightColumn();
        Dataset<Row> weighted = weight != null && List.of(table.columns()).contains(weight)
                ? table
                : table.withColumn("__cvae_weight", org.apache.spark.sql.functions.lit(1.0));
        String weightColumn = weighted == table && weight != null ? weight : "__cvae_weight";
        RowTransform transform = RowTransform.of(
                model,
                draws > 0
                        ? List.of(
                                RowTransform.Output.RECONSTRUCTION_LOSS,
                                RowTransform.Output.ELBO,
                                RowTransform.Output.LOG_LIKELIHOOD)
                        : List.of(RowTransform.Output.RECONSTRUCTION_LOSS, RowTransform.Output.ELBO),
                Math.max(1, draws),
                seed);
        List<Column> columns = new ArrayList<>();
        columns.add(Columns.named(weightColumn).cast(DataTypes.DoubleType));
        transform.names().forEach(name -> columns.add(col(name)));
        Dataset<Row> scored = transform.apply(weighted).select(columns.toArray(Column[]::new));
        ExactLosses total = InternalRows.of(scored)
                .mapPartitions(rows -> {
                    ExactLosses sums = new ExactLosses();
                    rows.forEachRemaining(row -> {
                        double reconstruction = row.getDouble(1);
                        double elbo = row.getDouble(2);
                        sums.add(
                                row.getDouble(0),
                                -elbo,
                                reconstruction,
                                -elbo - reconstruction,
                                draws > 0 ? row.getDouble(3) : 0);
                    });
                    return List.of(sums).iterator();
                })
                .treeReduce(ExactLosses::merge);
        LossSums sums = total.sums();
        if (sums.rows() == 0) {
            throw new IllegalArgumentException("The data to evaluate has no rows");
        }
        return new Evaluation(
                sums.rows(),
                -sums.meanLoss(),
                sums.meanReconstruction(),
                sums.meanKl(),
                draws > 0 ? total.meanLogLikelihood() : null);
    }

    /** The metrics by name. */
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

    /** The metrics as a table of {@link #SCHEMA}. */
    public Dataset<Row> toTable(SparkSession spark) {
        List<Row> table = new ArrayList<>();
        metrics().forEach((metric, value) -> table.add(RowFactory.create(metric, value, rows)));
        return spark.createDataFrame(table, SCHEMA);
    }
}
