package io.cvaespark.cli.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.cvaespark.data.Json;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.Exchange;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.PrintStream;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reports progress for other programs as one JSON object per line. Each has {@code time} and {@code event}; the event
 * determines the other keys.
 *
 * <p>The event {@code start} describes the training. {@code round} follows after every {@code training.roundSteps}
 * steps, if that is set, with the averages of the epoch so far. {@code epoch} has the history of an epoch. {@code
 * early-stop} says which epoch is kept.
 */
final class JsonProgress implements TrainingListener {
    private final PrintStream out;

    JsonProgress(PrintStream out) {
        this.out = out;
    }

    @Override
    public void onStart(TrainingPlan plan, TrainingState state, int workers) {
        Map<String, @Nullable Object> values = position(plan, state, plan.epochOf(state.step()));
        values.put("rows", plan.dealing().allRows());
        values.put("parameters", state.parameters().length);
        values.put("shards", plan.dealing().shards());
        values.put("workers", workers);
        print("start", values);
    }

    @Override
    public void onStep(TrainingPlan plan, TrainingState state, Exchange.StepResult result) {
        int epoch = plan.epochOf(result.step());
        Integer every = plan.config().roundSteps();
        int inEpoch = plan.stepInEpoch(result.step()) + 1;
        // After the last step of an epoch, the event {@code epoch} follows instead.
        if (every == null || inEpoch % every != 0 || inEpoch == plan.dealing().stepsPerEpoch()) {
            return;
        }
        LossSums sums = state.epochSums();
        Map<String, @Nullable Object> values = position(plan, state, epoch + 1);
        values.put("train", losses(sums.meanLoss(), sums.meanElbo(), sums.meanReconstruction(), sums.meanKl()));
        values.put("rows_per_second", sums.rows() / state.epochTimes().seconds());
        values.putAll(state.epochTimes().millis());
        print("round", values);
    }

    @Override
    public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
        HistoryRow train = rows.get(0);
        Map<String, @Nullable Object> values = position(plan, state, train.epoch());
        values.put("train", losses(train));
        values.put("validation", rows.size() > 1 ? losses(rows.get(1)) : null);
        values.put("learning_rate", train.learningRate());
        values.put("beta", train.beta());
        values.put("rows_per_second", train.rowsPerSecond());
        values.put("seconds", train.seconds());
        values.put("workers", train.workers());
        values.put("step_ms", train.computeMs() + train.exchangeMs() + train.waitMs());
        values.put("compute_ms", train.computeMs());
        values.put("exchange_ms", train.exchangeMs());
        values.put("wait_ms", train.waitMs());
        print("epoch", values);
    }

    @Override
    public void onEarlyStop(TrainingPlan plan, TrainingState state) {
        TrainingState.Best best = state.best();
        Map<String, @Nullable Object> values = position(plan, state, plan.epochOf(state.step() - 1) + 1);
        values.put("patience", plan.config().patience());
        values.put("kept_epoch", best == null ? 0 : best.epoch());
        print("early-stop", values);
    }

    /**
     * The position in the training: {@code epoch} counts the epochs that have begun, {@code step} the steps that are
     * done.
     */
    private static Map<String, @Nullable Object> position(TrainingPlan plan, TrainingState state, int epoch) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        values.put("epoch", epoch);
        values.put("epochs", plan.config().epochs());
        values.put("step", state.step());
        values.put("steps", plan.totalSteps());
        return values;
    }

    private static Map<String, Double> losses(HistoryRow row) {
        return losses(row.loss(), row.elbo(), row.reconstruction(), row.kl());
    }

    private static Map<String, Double> losses(double loss, double elbo, double reconstruction, double kl) {
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put("loss", loss);
        losses.put("elbo", elbo);
        losses.put("reconstruction", reconstruction);
        losses.put("kl", kl);
        return losses;
    }

    private void print(String event, Map<String, @Nullable Object> values) {
        Map<String, @Nullable Object> line = new LinkedHashMap<>();
        line.put("time", Instant.now().toString());
        line.put("event", event);
        line.putAll(values);
        try {
            out.println(Json.MAPPER.writeValueAsString(line));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Progress cannot be written as JSON", e);
        }
    }
}
