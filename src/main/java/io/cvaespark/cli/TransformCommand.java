package io.cvaespark.cli;

import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;

import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.data.HandleInvalid;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.spark.table.VectorColumns;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Observation;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "transform",
        description = "Adds columns that the model computes for each row of DATA.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TransformCommand implements Callable<Integer> {
    private static final List<String> KNOWN = List.of(
            "latent",
            "latent_std",
            "latent_draw",
            "reconstruction",
            "elbo",
            "log_likelihood",
            "prediction",
            "probability");

    /** Columns that are written as arrays, because readers without Spark ML cannot read its vectors. */
    private static final List<String> VECTORS = List.of("latent", "latent_std", "latent_draw", "probability");

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "MODEL", description = "A model or run directory.")
    private String modelPath = "";

    @Parameters(index = "1", paramLabel = "DATA", description = "The rows.")
    private String data = "";

    @Parameters(index = "2", paramLabel = "OUT", description = "Where to write.")
    private String out = "";

    @Option(
            names = "--add",
            required = true,
            split = ",",
            mapFallbackValue = "",
            paramLabel = "COLUMN[=NAME]",
            description =
                    "latent, latent_std, latent_draw, reconstruction, elbo, log_likelihood, prediction, probability; several are separated by commas. =NAME gives the column another name.")
    private Map<String, String> add = new LinkedHashMap<>();

    @Option(
            names = "--importance-samples",
            paramLabel = "K",
            description = "Number of draws of z for log_likelihood; default ${DEFAULT-VALUE}.")
    private int draws = 100;

    @Option(
            names = "--prediction-samples",
            paramLabel = "N",
            description =
                    "prediction and probability are averages over N draws of z ~ p(z|c); default ${DEFAULT-VALUE}, which uses the mean of p(z|c).")
    private int predictionSamples;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--handle-invalid",
            paramLabel = "error|skip|keep",
            description =
                    "What becomes of rows with a cell that its column cannot hold, such as a level that training never saw: an error; skip leaves them out; keep writes nulls in the added columns. Default: what input.handleInvalid of the run says, else error.")
    private @Nullable String handleInvalid;

    @Mixin
    private Tables.DataOptions rows = new Tables.DataOptions();

    @Mixin
    private Tables.OutputOptions output = new Tables.OutputOptions();

    @Override
    public Integer call() {
        for (String column : add.keySet()) {
            if (!KNOWN.contains(column)) {
                throw new ParameterException(
                        command.commandLine(),
                        "--add knows %s, found '%s'".formatted(String.join(", ", KNOWN), column));
            }
        }
        SparkSession spark = Sessions.get("transform");
        String resolved = ModelFiles.resolve(spark, modelPath);
        new OutputGuard(spark).reads("MODEL", resolved).reads("DATA", data).requireTable(out, output.overwrite);
        CvaeModel model = CvaeModel.load(resolved)
                .setLatentCol(named("latent"))
                .setLatentStdCol(named("latent_std"))
                .setLatentDrawCol(named("latent_draw"))
                .setReconstructionCol(named("reconstruction"))
                .setReconstructionLossCol("")
                .setElboCol(named("elbo"))
                .setLogLikelihoodCol(named("log_likelihood"))
                .setPredictionCol(named("prediction"))
                .setProbabilityCol(named("probability"))
                .setPredictionSamples(predictionSamples)
                .setImportanceSamples(draws)
                .setSeed(seed);
        if (handleInvalid != null) {
            model.setHandleInvalid(handleInvalid);
        }
        @Nullable String inputFormat = output.format;
        Dataset<Row> table =
                Tables.read(new ModelData(spark, resolved, model.description().schema()), data, inputFormat, rows);
        boolean counts = !model.getHandleInvalid().equals(HandleInvalid.ERROR.toString());
        Observation read = new Observation("read");
        Observation computed = new Observation("computed");
        Dataset<Row> result =
                model.transform(counts ? table.observe(read, count(lit(1)).as(Tables.ROWS)) : table);
        if (counts) {
            // No column that is added is null in a row of which it was computed.
            String added = named(add.keySet().iterator().next());
            result = result.observe(
                    computed, count(result.col("`" + added + "`")).as(Tables.ROWS));
        }
        for (String vector : VECTORS) {
            String name = named(vector);
            if (!name.isEmpty()) {
                result = result.withColumn(name, VectorColumns.toArray(result.col("`" + name + "`")));
            }
        }
        Tables.write(result, out, output);
        if (counts) {
            long all = Tables.rows(read);
            System.out.printf(
                    Locale.ROOT,
                    "%s %,d invalid rows of %,d%n",
                    model.getHandleInvalid().equals(HandleInvalid.SKIP.toString()) ? "Skipped" : "Kept, with nulls,",
                    all - Tables.rows(computed),
                    all);
        }
        System.out.printf(
                Locale.ROOT,
                "Wrote %s with %s%n",
                out,
                add.keySet().stream().map(this::named).collect(Collectors.joining(", ")));
        return 0;
    }

    /** The name of an added column; empty if the column is not added. */
    private String named(String column) {
        String name = add.get(column);
        return name == null ? "" : name.isEmpty() ? column : name;
    }
}
