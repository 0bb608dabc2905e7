package io.cvaespark.cli;

import io.cvaespark.cli.image.SampleGrid;
import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Results;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
import io.cvaespark.spark.inference.Sampler;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "sample",
        description = "Generates rows, which have the condition columns and the generated target columns.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class SampleCommand implements Callable<Integer> {
    private static final int FEW_ROWS = 10_000;

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "MODEL", description = "A model or run directory.")
    private String modelPath = "";

    @Parameters(index = "1", paramLabel = "OUT", description = "Where to write.")
    private String out = "";

    @ArgGroup(multiplicity = "1")
    private HowMany howMany = new HowMany();

    @Option(
            names = "--where",
            paramLabel = "COLUMN=VALUE",
            description = "Fixes a condition; the others are drawn together from the training conditions that match.")
    private Map<String, String> where = new LinkedHashMap<>();

    @Option(
            names = "--each",
            paramLabel = "COLUMN",
            description = "With --rows N: generates N rows for each level of this condition, level after level.")
    private @Nullable String each;

    @Option(
            names = "--given",
            paramLabel = "COLUMN=VALUE",
            split = ",",
            description =
                    "Gives targets, such as education=Masters or, for one column, a range age=30..40; the others are generated from them. The model needs order: any, or the given columns are the first of its order.")
    private Map<String, String> targets = new LinkedHashMap<>();

    @Option(names = "--complete", description = "Generates no empty cells.")
    private boolean complete;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--mean", description = "Writes the likelihood's mean instead of a draw.")
    private boolean mean;

    @Option(
            names = "--png",
            paramLabel = "FILE",
            description = "Also draws the first image column as a grid; with --each one grid row per level.")
    private @Nullable String png;

    @Option(names = "--json", description = "Prints the result as one JSON object.")
    private boolean json;

    @Mixin
    private Tables.ReaderOptions reader = new Tables.ReaderOptions();

    @Mixin
    private Tables.OutputOptions output = new Tables.OutputOptions();

    private static final class HowMany {
        @Option(names = "--rows", paramLabel = "N", required = true, description = "Number of rows.")
        private @Nullable Long rows;

        @Option(
                names = "--conditions",
                paramLabel = "PATH",
                required = true,
                description = "One row is generated for each row of this table.")
        private @Nullable String conditions;

        @Option(
                names = "--latents",
                paramLabel = "PATH",
                required = true,
                description =
                        "One row is generated for each row of this table, from the z in its column latent and its conditions.")
        private @Nullable String latents;
    }

    @Override
    public Integer call() throws IOException {
        if (howMany.rows == null && (!where.isEmpty() || each != null)) {
            throw new ParameterException(
                    command.commandLine(), "--where and --each go with --rows, not with --conditions or --latents");
        }
        if (each != null && where.containsKey(each)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--each %s and --where %s=%s exclude each other".formatted(each, each, where.get(each)));
        }
        if (howMany.rows != null && howMany.rows < 1) {
            throw new ParameterException(command.commandLine(), "--rows must be at least 1, found " + howMany.rows);
        }
        SparkSession spark = Sessions.get("sample");
        String resolved = ModelFiles.resolve(spark, modelPath);
        OutputGuard guard = new OutputGuard(spark)
                .reads("MODEL", resolved)
                .reads("--conditions", howMany.conditions)
                .reads("--latents", howMany.latents);
        guard.requireTable(out, output.overwrite);
        if (png != null) {
            guard.reads("OUT", out).requirePicture(png, output.overwrite);
        }
        CvaeModel model = CvaeModel.load(resolved);
        Sampler sampler = model.sampler(seed, mean).given(targets, complete);
        long start = System.nanoTime();
        ModelData given = new ModelData(spark, resolved, model.description().schema());
        long rows = Tables.write(rows(spark, sampler, given), out, output);
        double seconds = (System.nanoTime() - start) * 1e-9;
        if (png != null) {
            SampleGrid.write(
                    Tables.readOutput(spark, out, output),
                    model.description().schema(),
                    png,
                    each == null || howMany.rows == null ? 0 : howMany.rows);
        }
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("rows", rows);
            result.put("seconds", seconds);
            result.put("rows_per_second", rows / seconds);
            result.put("output", out);
            Results.printJson(result);
        } else {
            System.out.printf(
                    Locale.ROOT, "Wrote %,d rows to %s in %.1f s%s%n", rows, out, seconds, rate(rows, seconds));
            if (png != null) {
                System.out.printf(Locale.ROOT, "Drew %s%n", png);
            }
        }
        return 0;
    }

    /** The rate, or nothing for few rows, whose time is mostly that of the start. */
    private static String rate(long rows, double seconds) {
        return rows < FEW_ROWS ? "" : String.format(Locale.ROOT, " (%,.0f rows/s)", rows / seconds);
    }

    private Dataset<Row> rows(SparkSession spark, Sampler sampler, ModelData given) {
        if (howMany.conditions != null) {
            return sampler.sample(given.read(howMany.conditions, output.format, reader, null, "--conditions"));
        }
        if (howMany.latents != null) {
            return sampler.decode(given.read(howMany.latents, output.format, reader, null, "--latents"), "latent");
        }
        long rows = java.util.Objects.requireNonNull(howMany.rows);
        if (each != null) {
            return sampler.sampleEach(spark, rows, each, where);
        }
        int slots = Math.max(1, spark.sparkContext().defaultParallelism());
        int partitions = output.partitions != null ? output.partitions : (int) Math.min(slots, rows);
        return sampler.sample(spark, rows, where, partitions);
    }
}
