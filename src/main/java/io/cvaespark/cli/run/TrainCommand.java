package io.cvaespark.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.cvaespark.cli.shared.JobFiles;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.OutputProbe;
import io.cvaespark.cli.shared.Results;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.data.Json;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.Job;
import io.cvaespark.job.TableSource;
import io.cvaespark.spark.Cvae;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.CvaeTrainingSummary;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.spark.training.CannotResumeException;
import io.cvaespark.spark.training.DryRun;
import io.cvaespark.spark.training.HistoryFiles;
import io.cvaespark.spark.training.RunLocks;
import io.cvaespark.spark.training.TableDefaults;
import io.cvaespark.store.RunLock;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingListener;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "train",
        description = "Trains the model of the job file and writes it to the job's output.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TrainCommand implements Callable<Integer> {
    @Parameters(paramLabel = "JOB", description = "The job file: a Hadoop path, or a file shipped with --files.")
    private String jobPath = "";

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Replaces a key of the job, such as training.epochs=5; the value is YAML.")
    private List<String> overrides = List.of();

    @ArgGroup
    private @Nullable ExistingRun existingRun;

    @Option(names = "--init", paramLabel = "MODEL", description = "Starts from this model's parameters.")
    private @Nullable String init;

    @Option(names = "--json", description = "Prints the result as one JSON object.")
    private boolean json;

    @Option(
            names = "--log",
            paramLabel = "FORMAT",
            defaultValue = "text",
            description =
                    "Format of the progress on standard error: text, or json with one object per line. Default: ${DEFAULT-VALUE}.")
    private Log log = Log.text;

    /** The formats of the progress. */
    private enum Log {
        text,
        json
    }

    private static final class ExistingRun {
        @Option(names = "--resume", description = "Continues the run in output from its newest checkpoint.")
        private boolean resume;

        @Option(names = "--overwrite", description = "Replaces the run in output.")
        private boolean overwrite;

        @Option(
                names = "--dry-run",
                description =
                        "Reads the table and says what each column is taken for and what training would take; trains and writes nothing.")
        private boolean dryRun;
    }

    @Override
    public Integer call() throws IOException {
        SparkSession spark = Sessions.get("train");
        Job job = JobFiles.read(spark, jobPath, overrides);
        job.requireInput();
        if (existingRun != null && existingRun.dryRun) {
            return dryRun(spark, job);
        }
        try (RunLock lock = RunLocks.take(spark, job.requireOutput())) {
            return train(spark, job, lock);
        }
    }

    private int dryRun(SparkSession spark, Job job) {
        if (init != null) {
            throw new IllegalArgumentException(
                    "--dry-run trains nothing, so that there is nothing to start by --init: leave one of the two out");
        }
        InputConfig input = job.requireInput();
        DryRun found =
                Cvae.fromJob(job).dryRun(Tables.read(spark, input.train(), "input.train"), heldOut(spark, input));
        if (json) {
            System.out.println(Json.MAPPER.<JsonNode>valueToTree(found));
        } else {
            System.out.print(DryRunText.of(found));
        }
        return 0;
    }

    /** The rows that are held out as a table of their own; null: there is none. */
    private static @Nullable Dataset<Row> heldOut(SparkSession spark, InputConfig input) {
        TableSource source =
                input.validation() == null ? null : input.validation().source();
        return source == null ? null : Tables.read(spark, source, "input.validation");
    }

    private int train(SparkSession spark, Job job, RunLock lock) throws IOException {
        InputConfig input = job.requireInput();
        RunDirectory run = new RunDirectory(spark, job.requireOutput());
        boolean resume = existingRun != null && existingRun.resume;
        boolean overwrite = existingRun != null && existingRun.overwrite;
        run.require(resume, overwrite);
        OutputProbe.requireSeen(spark, job.requireOutput());

        Dataset<Row> table = Tables.read(spark, input.train(), "input.train");
        Dataset<Row> validation = heldOut(spark, input);
        job = settled(job, table);
        CvaeModel initial = init == null ? null : CvaeModel.load(ModelFiles.resolve(spark, init));

        requireInputsOutside(spark, run, input);
        RunRecorder recorder = new RunRecorder(spark, run, job, overwrite);
        TrainingListener progress = log == Log.json ? new JsonProgress(System.err) : Progress.forTerminal();
        Cvae cvae = Cvae.fromJob(job)
                .setCheckpointDir(run.checkpoints())
                .setListener(TrainingListener.all(lock, progress, recorder));
        CvaeModel model = train(cvae, table, validation, resume, initial);
        lock.requireHeld();
        model.write().overwrite().save(run.model());
        CvaeTrainingSummary summary = model.summary();
        HistoryFiles.write(spark, run.history(), summary.rows());
        run.deletePrevious();
        Map<String, Object> result = result(summary, run, recorder.trainingRows());
        if (json) {
            Results.printJson(result);
        } else {
            print(summary, run, recorder.trainingRows());
        }
        return 0;
    }

    /** The job with what the table decides, as it is written to the run. */
    private static Job settled(Job job, Dataset<Row> table) {
        InputConfig input = job.requireInput();
        TableDefaults settled = TableDefaults.settle(
                table,
                job.targets(),
                job.conditions(),
                job.model(),
                job.training(),
                Arrays.asList(input.find(InputConfig.WEIGHT)));
        return new Job(
                input.orValidation(settled.validation()),
                settled.targets(),
                job.conditions(),
                settled.model(),
                settled.training(),
                job.output());
    }

    /** Throws if the training data lies in a part of the run that this training writes. */
    private static void requireInputsOutside(SparkSession spark, RunDirectory run, InputConfig input) {
        OutputGuard guard =
                new OutputGuard(spark).reads("input.train", input.train().path());
        TableSource heldOut =
                input.validation() == null ? null : input.validation().source();
        guard.reads("input.validation", heldOut == null ? null : heldOut.path());
        run.entries().forEach(guard::requireUnread);
    }

    /** Trains, and says by which options a run that cannot be resumed is begun anew. */
    private static CvaeModel train(
            Cvae cvae,
            Dataset<Row> table,
            @Nullable Dataset<Row> validation,
            boolean resume,
            @Nullable CvaeModel initial) {
        try {
            return cvae.train(table, validation, resume, initial);
        } catch (CannotResumeException e) {
            throw new IllegalArgumentException(
                    e.getMessage()
                            + ". --overwrite begins the run anew; --init with another output begins a run with the parameters of this one's model",
                    e);
        }
    }

    private static Map<String, @Nullable Object> result(CvaeTrainingSummary summary, RunDirectory run, long rows) {
        Map<String, @Nullable Object> result = new LinkedHashMap<>();
        result.put("epochs", summary.epochs());
        result.put("steps", summary.steps());
        result.put("train", losses(summary.best(HistoryRow.TRAIN)));
        result.put("validation", losses(summary.best(HistoryRow.VALIDATION)));
        result.put("rows_per_second", rows * summary.epochs() / summary.seconds());
        result.put("seconds", summary.seconds());
        result.put("model", run.model());
        result.put("parameters_sha256", summary.parametersSha256());
        return result;
    }

    private static @Nullable Map<String, Double> losses(@Nullable HistoryRow row) {
        if (row == null) {
            return null;
        }
        Map<String, Double> losses = new LinkedHashMap<>();
        losses.put("elbo", row.elbo());
        losses.put("reconstruction", row.reconstruction());
        losses.put("kl", row.kl());
        return losses;
    }

    private static void print(CvaeTrainingSummary summary, RunDirectory run, long rows) {
        System.out.printf(
                Locale.ROOT,
                "Trained %d epochs (%d steps) in %.1f s, %.0f rows/s; kept epoch %d%n",
                summary.epochs(),
                summary.steps(),
                summary.seconds(),
                rows * summary.epochs() / summary.seconds(),
                summary.bestEpoch());
        for (String split : List.of(HistoryRow.TRAIN, HistoryRow.VALIDATION)) {
            HistoryRow row = summary.best(split);
            if (row != null) {
                System.out.printf(
                        Locale.ROOT,
                        "  %-10s  ELBO %.3f = -(reconstruction %.3f + KL %.3f) nats per row%n",
                        split,
                        row.elbo(),
                        row.reconstruction(),
                        row.kl());
            }
        }
        System.out.printf(Locale.ROOT, "  model       %s%n  history     %s%n", run.model(), run.history());
        System.out.printf(Locale.ROOT, "  parameters  sha256 %s%n", summary.parametersSha256());
    }
}
