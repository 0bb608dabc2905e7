package io.cvaespark.cli.report;

import io.cvaespark.cli.run.RunDirectory;
import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.job.InputConfig;
import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.job.TableSource;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
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
        name = "report",
        description =
                "Writes report.html about a run, one file that opens without a network: curves, samples, a comparison, reconstructions, latents, timing.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class ReportCommand implements Callable<Integer> {
    static final String FILE = "report.html";

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "RUN", description = "A run directory.")
    private String runPath = "";

    @Option(names = "--output", paramLabel = "DIR", description = "Where report.html is written; default: RUN.")
    private @Nullable String directory;

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "The real rows to show; default: those held out, where they are a table of their own, else the training rows.")
    private @Nullable String data;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "Format of DATA; default: by extension, else parquet.")
    private @Nullable String format;

    @Option(
            names = "--compare",
            paramLabel = "DIR",
            description =
                    "Also shows the comparison that compare --output DIR wrote; default: RUN/comparison, where there is one.")
    private @Nullable String compared;

    @Option(
            names = "--rows",
            paramLabel = "N",
            description = "Most real rows to look at, chosen at random by --seed; default ${DEFAULT-VALUE}.")
    private int rows = 2000;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--overwrite", description = "Replace a report that is there.")
    private boolean overwrite;

    @Mixin
    private Tables.ReaderOptions reader = new Tables.ReaderOptions();

    @Override
    public Integer call() throws IOException {
        if (rows < 1) {
            throw new ParameterException(command.commandLine(), "--rows must be at least 1, found " + rows);
        }
        SparkSession spark = Sessions.get("report");
        RunDirectory run = new RunDirectory(spark, runPath);
        String file = new Path(directory == null ? runPath : directory, FILE).toString();
        new OutputGuard(spark).reads("DATA", data).reads("--compare", compared).requireFile(file, overwrite);
        ComparisonPage comparison = comparison(spark.sparkContext().hadoopConfiguration());
        Job job = JobReader.read(run.readJob(), runPath + "/job.yaml", List.of());
        CvaeModel model = CvaeModel.load(ModelFiles.resolve(spark, runPath));
        TableSource source = source(job);
        ReportRows real = source == null || (data == null && !Tables.isThere(spark, source, "DATA"))
                ? null
                : ReportRows.of(rows(spark, source, model), model, rows, seed);
        Report report = new Report(spark, run, model, seed);
        Map<String, @Nullable Object> content = report.content(real, source == null ? "" : source.name());
        if (comparison != null) {
            content.put("comparison", comparison.content(trained(model)));
        }
        ReportPage.write(spark, file, ReportPage.REPORT, content);
        System.out.printf(
                Locale.ROOT, "Wrote %s%s%n", file, comparison == null ? "" : ", with the comparison in " + comparison);
        return 0;
    }

    private @Nullable ComparisonPage comparison(Configuration conf) throws IOException {
        return compared == null ? ComparisonPage.ofRun(conf, runPath) : ComparisonPage.in(conf, new Path(compared));
    }

    private static Instant trained(CvaeModel model) {
        return Instant.parse(String.valueOf(model.description().provenance().get("created")));
    }

    private Dataset<Row> rows(SparkSession spark, TableSource source, CvaeModel model) {
        return data == null
                ? Tables.read(spark, source, "DATA")
                : new ModelData(
                                spark,
                                ModelFiles.resolve(spark, runPath),
                                model.description().schema())
                        .read(data, format, reader, null, "DATA");
    }

    private @Nullable TableSource source(Job job) {
        if (data != null) {
            return new TableSource(data, format, null, null, null, null);
        }
        InputConfig input = job.input();
        if (input == null) {
            return null;
        }
        TableSource heldOut =
                input.validation() == null ? null : input.validation().source();
        return heldOut != null ? heldOut : input.train();
    }
}
