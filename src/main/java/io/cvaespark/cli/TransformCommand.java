package io.cvaespark.cli;

import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.spark.table.VectorColumns;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
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
        @Nullable String inputFormat = output.format;
        Dataset<Row> result = model.transform(
                Tables.read(new ModelData(spark, resolved, model.description().schema()), data, inputFormat, rows));
        for (String vector : VECTORS) {
            String name = named(vector);
            if (!name.isEmpty()) {
                result = result.withColumn(name, VectorColumns.toArray(result.col("`" + name + "`")));
            }
        }
        Tables.write(result, out, output);
        System.out.printf(
                "Wrote %s with %s%n",
                out, add.keySet().stream().map(this::named).collect(Collectors.joining(", ")));
        return 0;
    }

    /** The name of an added column; empty if the column is not added. */
    private String named(String column) {
        String name = add.get(column);
        return name == null ? "" : name.isEmpty() ? column : name;
    }
}
