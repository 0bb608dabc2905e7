package io.cvaespark.cli.run;

import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.spark.training.HistoryFiles;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.spark.sql.SparkSession;

/** Writes {@code job.yaml} and {@code history/} of a run during training. */
final class RunRecorder implements TrainingListener {
    /**
     * The shortest time between two writes of the history, because each write replaces all of it. It is always written
     * at the end of training.
     */
    private static final long HISTORY_EVERY_NANOS = 15_000_000_000L;

    private final SparkSession spark;
    private final RunDirectory run;
    private final Job job;
    private final boolean replaces;
    private long lastHistory = System.nanoTime() - HISTORY_EVERY_NANOS;
    private long trainingRows;

    /** @param replaces true if the run replaces the one that is there */
    RunRecorder(SparkSession spark, RunDirectory run, Job job, boolean replaces) {
        this.replaces = replaces;
        this.spark = spark;
        this.run = run;
        this.job = job;
    }

    /** The number of training rows of an epoch. */
    long trainingRows() {
        return trainingRows;
    }

    @Override
    public void onStart(TrainingPlan plan, TrainingState state, int workers) {
        trainingRows = plan.dealing().epochRows();
        Job resolved = new Job(job.input(), job.targets(), job.conditions(), job.model(), plan.config(), job.output());
        try {
            // Only now: columns, data and the model to start from have been read and found right.
            if (replaces) {
                run.retire();
            }
            run.writeJob(JobReader.write(resolved));
        } catch (IOException e) {
            throw new UncheckedIOException("job.yaml cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public void onEpoch(TrainingPlan plan, TrainingState state, List<HistoryRow> rows) {
        if (System.nanoTime() - lastHistory >= HISTORY_EVERY_NANOS) {
            HistoryFiles.write(spark, run.history(), state.history());
            lastHistory = System.nanoTime();
        }
    }
}
