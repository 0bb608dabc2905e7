package io.cvaespark.spark;

import io.cvaespark.spark.training.HistoryFiles;
import io.cvaespark.store.ParameterHash;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingState;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/** How a training went: its history, and which epoch's model was kept. */
public final class CvaeTrainingSummary {
    private final SparkSession spark;
    private final List<HistoryRow> rows;
    private final long steps;
    private final int epochs;
    private final int bestEpoch;
    private final double seconds;
    private final String parametersSha256;

    CvaeTrainingSummary(SparkSession spark, TrainingState state, float[] parameters) {
        this.spark = spark;
        this.rows = new ArrayList<>(state.history());
        this.steps = state.step();
        this.epochs = rows.isEmpty() ? 0 : rows.get(rows.size() - 1).epoch();
        TrainingState.Best best = state.best();
        this.bestEpoch = best == null ? epochs : best.epoch();
        this.seconds = state.stepSeconds();
        this.parametersSha256 = ParameterHash.of(parameters);
    }

    /** One row per epoch and split, as in a run's {@code history/}; see {@link HistoryFiles#SCHEMA}. */
    public Dataset<Row> history() {
        return HistoryFiles.table(spark, rows);
    }

    public List<HistoryRow> rows() {
        return List.copyOf(rows);
    }

    /** Epochs trained. */
    public int epochs() {
        return epochs;
    }

    /** The epoch whose parameters were kept: the best by validation, else the last. */
    public int bestEpoch() {
        return bestEpoch;
    }

    public long steps() {
        return steps;
    }

    /** Seconds spent in steps. */
    public double seconds() {
        return seconds;
    }

    /** SHA-256 of the kept parameters as little-endian floats. */
    public String parametersSha256() {
        return parametersSha256;
    }

    /** The kept epoch's averages over a split; null when there is no such split. */
    public @Nullable HistoryRow best(String split) {
        return rows.stream()
                .filter(r -> r.epoch() == bestEpoch && r.split().equals(split))
                .findFirst()
                .orElse(null);
    }
}
