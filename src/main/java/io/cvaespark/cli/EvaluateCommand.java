package io.cvaespark.cli;

import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Results;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.Evaluation;
import io.cvaespark.spark.inference.ModelFiles;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "evaluate",
        description = "Prints the metrics of DATA as averages per row, in nats.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "MODEL", description = "A model or run directory.")
    private String modelPath = "";

    @Parameters(index = "1", paramLabel = "DATA", description = "The rows.")
    private String data = "";

    @Option(
            names = "--importance-samples",
            paramLabel = "K",
            description = "Also estimates log p(x|c) with K draws of z.")
    private int draws;

    @Option(
            names = "--prediction-samples",
            paramLabel = "N",
            description =
                    "The prediction of a class is the average over N draws of z ~ p(z|c); default ${DEFAULT-VALUE}, which uses the mean of p(z|c).")
    private int predictionSamples;

    @Option(names = "--output", paramLabel = "DIR", description = "Writes the metrics as Parquet: metric, value, rows.")
    private @Nullable String directory;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--json", description = "Prints the result as one JSON object.")
    private boolean json;

    @Option(
            names = "--handle-invalid",
            paramLabel = "error|skip|keep",
            description =
                    "What becomes of rows with a cell that its column cannot hold, such as a level that training never saw: an error; skip leaves them out; keep counts them and takes no average over them. Default: what input.handleInvalid of the run says, else error.")
    private @Nullable String handleInvalid;

    @Mixin
    private Tables.DataOptions rows = new Tables.DataOptions();

    @Mixin
    private Tables.OutputOptions output = new Tables.OutputOptions();

    @Override
    public Integer call() {
        SparkSession spark = Sessions.get("evaluate");
        String resolved = ModelFiles.resolve(spark, modelPath);
        if (directory != null) {
            new OutputGuard(spark)
                    .reads("MODEL", resolved)
                    .reads("DATA", data)
                    .requireTable(directory, output.overwrite);
        }
        CvaeModel model = CvaeModel.load(resolved).setPredictionSamples(predictionSamples);
        if (handleInvalid != null) {
            model.setHandleInvalid(handleInvalid);
        }
        Evaluation evaluation = model.evaluate(
                Tables.read(new ModelData(spark, resolved, model.description().schema()), data, output.format, rows),
                draws,
                seed);
        if (directory != null) {
            Tables.OutputOptions parquet = new Tables.OutputOptions();
            parquet.format = "parquet";
            parquet.overwrite = output.overwrite;
            Tables.write(evaluation.toTable(spark).coalesce(1), directory, parquet);
        }
        if (json) {
            Results.printJson(evaluation.toMap());
        } else {
            print(evaluation);
        }
        return 0;
    }

    private static void print(Evaluation evaluation) {
        System.out.printf(Locale.ROOT, "%,d rows, averages per row in nats%n", evaluation.rows());
        if (evaluation.invalidRows() > 0) {
            System.out.printf(Locale.ROOT, "%,d invalid rows, which no average is over%n", evaluation.invalidRows());
        }
        evaluation
                .metrics()
                .forEach((metric, value) -> System.out.printf(Locale.ROOT, "  %-17s %.4f%n", metric, value));
        Evaluation.LatentUse latent = evaluation.latentUse();
        if (latent != null) {
            System.out.printf(Locale.ROOT, "  %-17s %d%n", "active_units", latent.activeUnits());
            if (!latent.klPerDimension().isEmpty()) {
                System.out.printf(
                        Locale.ROOT,
                        "  %-17s %s%n",
                        "kl_per_dimension",
                        latent.klPerDimension().stream()
                                .map(v -> String.format(Locale.ROOT, "%.4f", v))
                                .collect(Collectors.joining(" ")));
            }
        }
        Evaluation.Classification classification = evaluation.classification();
        if (classification != null) {
            System.out.printf(Locale.ROOT, "  %-17s %.4f%n", "accuracy", classification.accuracy());
            System.out.printf(Locale.ROOT, "  %-17s %.4f%n", "calibration_error", classification.calibrationError());
        }
        evaluation.byCondition().forEach((column, levels) -> {
            System.out.printf(Locale.ROOT, "elbo by %s%n", column);
            levels.forEach((level, of) ->
                    System.out.printf(Locale.ROOT, "  %-17s %.4f (%,d rows)%n", level, of.elbo(), of.rows()));
        });
    }
}
