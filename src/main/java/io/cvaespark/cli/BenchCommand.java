package io.cvaespark.cli;

import io.cvaespark.cli.shared.JobFiles;
import io.cvaespark.cli.shared.Results;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.job.Job;
import io.cvaespark.job.TableSource;
import io.cvaespark.spark.bench.Bench;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description =
                "Measures training on synthetic rows of the shape that JOB's model needs, and the sgemm rate of the same workers.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class BenchCommand implements Callable<Integer> {
    @Spec
    private CommandSpec command = CommandSpec.create();

    @Parameters(
            arity = "0..1",
            paramLabel = "JOB",
            description =
                    "A job file. Default: 784 Bernoulli targets, 10 conditions, hidden layers 512-512, latent 32, batch 512.")
    private @Nullable String jobPath;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Replaces a key of the job, such as training.batch=128.")
    private List<String> overrides = List.of();

    @Option(names = "--seconds", paramLabel = "S", description = "How long to measure; default ${DEFAULT-VALUE}.")
    private double seconds = 10;

    @Option(names = "--exchange", paramLabel = "P", description = "Measures only the exchange, with P parameters.")
    private @Nullable Integer exchange;

    @Option(
            names = "--workers",
            paramLabel = "W",
            description = "With --exchange: the number of workers, a power of two; default 2.")
    private int workers = 2;

    @Option(names = "--json", description = "Prints the result as one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws IOException {
        if (!(seconds > 0)) {
            throw new ParameterException(command.commandLine(), "--seconds must be above 0, found " + seconds);
        }
        if (exchange != null && exchange < 1) {
            throw new ParameterException(command.commandLine(), "--exchange must be at least 1, found " + exchange);
        }
        SparkSession spark = Sessions.get("bench");
        Job job = jobPath == null
                ? io.cvaespark.job.JobReader.read("{}", "bench", overrides)
                : JobFiles.read(spark, jobPath, overrides);
        Map<String, Object> result =
                exchange == null ? training(spark, job) : Bench.measureExchange(spark, job, exchange, workers);
        if (json) {
            Results.printJson(result);
        } else {
            result.forEach((key, value) -> System.out.printf(
                    Locale.ROOT,
                    "%-18s %s%n",
                    key,
                    value instanceof Double d ? String.format(Locale.ROOT, "%,.2f", d) : value));
        }
        return 0;
    }

    private Map<String, Object> training(SparkSession spark, Job job) {
        if (jobPath == null) {
            return Bench.reference(spark, job).measureTraining(seconds);
        }
        TableSource train = job.requireInput().train();
        if (!Tables.isThere(spark, train, "input.train")) {
            Optional<Bench> bench = Bench.withoutData(spark, job);
            if (bench.isPresent()) {
                System.err.printf(
                        "There is no %s: the widths are taken from the job (model.image, maxLevels)%n", train.name());
                return bench.get().measureTraining(seconds);
            }
        }
        return Bench.of(spark, job, Tables.read(spark, train, "input.train")).measureTraining(seconds);
    }
}
