package io.cvaespark.spark.training;

import io.cvaespark.model.LossSums;
import io.cvaespark.spark.internal.MetricsSource;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.util.List;
import org.apache.spark.SparkContext;

/**
 * Publishes the progress of a training as the source {@code cvae} of Spark's metrics system on the driver.
 *
 * <p>Losses and times are averages over the steps of the current epoch so far. If several trainings run at once, the
 * source shows the values of the one that was updated last.
 */
final class TrainingMetrics implements TrainingListener {
    static final String SOURCE = "cvae";

    private static final List<String> GAUGES = List.of(
            "epoch",
            "epochs",
            "step",
            "steps",
            "workers",
            "loss",
            "elbo",
            "reconstruction",
            "kl",
            "validation_loss",
            "validation_elbo",
            "rows_per_second",
            "step_ms",
            "compute_ms",
            "exchange_ms",
            "wait_ms");

    private final MetricsSource source;

    TrainingMetrics(SparkContext spark) {
        this.source = MetricsSource.of(spark, SOURCE, GAUGES);
    }

    @Override
    public void onStart(TrainingPlan plan, TrainingState state, int workers) {
        // Remove the values of an earlier training in this application.
        GAUGES.forEach(gauge -> source.set(gauge, Double.NaN));
        source.set("epochs", plan.config().epochs());
        source.set("steps", plan.totalSteps());
        source.set("step", state.step());
        source.set("workers", workers);
    }

    @Override
    public void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {
        source.set("epoch", plan.epochOf(result.step()) + 1);
        source.set("step", state.step());
        LossSums sums = state.epochSums();
        source.set("loss", sums.meanLoss());
        source.set("elbo", sums.meanElbo());
        source.set("reconstruction", sums.meanReconstruction());
        source.set("kl", sums.meanKl());
        source.set("rows_per_second", sums.rows() / state.epochTimes().seconds());
        state.epochTimes().millis().forEach(source::set);
    }

    @Override
    public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
        for (HistoryRow row : rows) {
            source.set("workers", row.workers());
            if (row.split().equals(HistoryRow.VALIDATION)) {
                source.set("validation_loss", row.loss());
                source.set("validation_elbo", row.elbo());
            }
        }
    }
}
