package io.cvaespark.cli;

import io.cvaespark.cli.report.ComparisonPage;
import io.cvaespark.cli.report.ReportPage;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Results;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.spark.compare.CompareSettings;
import io.cvaespark.spark.compare.Comparer;
import io.cvaespark.spark.compare.Comparison;
import io.cvaespark.spark.compare.ComparisonTables;
import io.cvaespark.spark.compare.counts.Part;
import io.cvaespark.spark.table.Structs;
import io.cvaespark.store.Swap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
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
        name = "compare",
        description =
                "Compares a synthetic table with the real one: columns, pairs, detection, utility, copies; as Parquet and a page.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class CompareCommand implements Callable<Integer> {
    private static final int WORST = 5;

    @Spec
    private CommandSpec command = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "REAL", description = "The real rows, those that the model was trained on.")
    private String real = "";

    @Parameters(index = "1", paramLabel = "SYNTHETIC", description = "The rows to judge.")
    private String synthetic = "";

    @Option(
            names = "--holdout",
            paramLabel = "DATA",
            description = "Real rows that no model has seen; every figure is then given for them too.")
    private @Nullable String holdout;

    @Option(
            names = "--target",
            paramLabel = "COLUMN",
            description = "Also predicts this column by trees that learned from synthetic rows, and from real ones.")
    private @Nullable String target;

    @Option(
            names = "--positive",
            paramLabel = "VALUE",
            description = "The value of --target that is predicted; default: the rarer of its two.")
    private @Nullable String positive;

    @Option(
            names = "--categorical",
            paramLabel = "COLUMN",
            split = ",",
            description = "Numeric columns whose values are categories.")
    private List<String> categorical = new ArrayList<>();

    @Option(
            names = "--columns",
            paramLabel = "COLUMN",
            split = ",",
            description = "Compares only these columns; default: all, which must then be the same in all tables.")
    private List<String> columns = new ArrayList<>();

    @Option(
            names = "--output",
            paramLabel = "OUT",
            description = "Writes the figures as Parquet and compare.html into this directory.")
    private @Nullable String out;

    @Option(names = "--overwrite", description = "Replaces OUT if it exists.")
    private boolean overwrite;

    @Option(names = "--json", description = "Prints the result as one JSON object.")
    private boolean json;

    @Option(
            names = "--format",
            paramLabel = "FORMAT",
            description = "Format of the tables; default: chosen by the file's extension, else parquet.")
    private @Nullable String format;

    @Option(
            names = "--folds",
            paramLabel = "N",
            description = "Folds of the cross-validation in detection; default ${DEFAULT-VALUE}.")
    private int folds = 3;

    @Option(names = "--trees", paramLabel = "N", description = "Trees of the learner; default ${DEFAULT-VALUE}.")
    private int trees = 30;

    @Option(
            names = "--learner-rows",
            paramLabel = "N",
            description =
                    "Most rows of each table that the learner takes, drawn at random; default ${DEFAULT-VALUE}. All else is computed on all rows.")
    private long learnerRows = 200_000;

    @Option(names = "--seed", paramLabel = "N", description = "Seed of the learner; default ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private Tables.ReaderOptions reader = new Tables.ReaderOptions();

    @Override
    public Integer call() throws IOException {
        requireOptions();
        SparkSession spark = Sessions.get("compare");
        if (out != null) {
            List<String> entries = new ArrayList<>(ComparisonTables.NAMES);
            entries.add(ComparisonPage.FILE);
            new OutputGuard(spark)
                    .reads("REAL", real)
                    .reads("SYNTHETIC", synthetic)
                    .reads("--holdout", holdout)
                    .requireDirectory(out, entries, overwrite);
        }
        Map<Part, Dataset<Row>> tables = new EnumMap<>(Part.class);
        Dataset<Row> first = read(spark, real, Part.REAL, null);
        tables.put(Part.REAL, first);
        tables.put(Part.SYNTHETIC, read(spark, synthetic, Part.SYNTHETIC, first));
        if (holdout != null) {
            tables.put(Part.HOLDOUT, read(spark, holdout, Part.HOLDOUT, first));
        }
        Comparison comparison = Comparer.compare(
                tables,
                new CompareSettings(
                        columns, new LinkedHashSet<>(categorical), target, positive, folds, trees, learnerRows, seed));
        if (out != null) {
            write(spark, comparison, first.columns(), out);
        }
        if (json) {
            Results.printJson(comparison.toMap());
        } else {
            print(comparison);
        }
        return 0;
    }

    /** Reads a table, with the fields of structs as columns. */
    private Dataset<Row> read(SparkSession spark, String path, Part part, @Nullable Dataset<Row> like) {
        return Structs.flatten(Tables.read(spark, path, format, reader, part.role(), like));
    }

    private void requireOptions() {
        if (positive != null && target == null) {
            throw new ParameterException(command.commandLine(), "--positive goes with --target COLUMN");
        }
        if (folds < 2) {
            throw new ParameterException(command.commandLine(), "--folds must be at least 2, found " + folds);
        }
        if (trees < 1) {
            throw new ParameterException(command.commandLine(), "--trees must be at least 1, found " + trees);
        }
        if (learnerRows < 1) {
            throw new ParameterException(
                    command.commandLine(), "--learner-rows must be at least 1, found " + learnerRows);
        }
    }

    private void write(SparkSession spark, Comparison comparison, String[] order, String directory) throws IOException {
        Map<String, @Nullable Object> content = new LinkedHashMap<>(comparison.toPage());
        content.put("title", synthetic);
        content.put("order", order);
        Map<String, String> sources = new LinkedHashMap<>();
        sources.put(Part.REAL.role(), real);
        sources.put(Part.SYNTHETIC.role(), synthetic);
        if (holdout != null) {
            sources.put(Part.HOLDOUT.role(), holdout);
        }
        content.put("sources", sources);
        content.put("environment", ReportPage.environment(spark));
        Swap.write(spark.sparkContext().hadoopConfiguration(), new Path(directory), made -> {
            ComparisonTables.write(spark, comparison, made.toString());
            ReportPage.write(spark, new Path(made, ComparisonPage.FILE).toString(), ReportPage.COMPARISON, content);
        });
    }

    private void print(Comparison comparison) {
        StringBuilder rows = new StringBuilder();
        comparison
                .rows()
                .forEach((role, n) ->
                        rows.append(String.format(Locale.ROOT, "%s%s %,d rows", rows.isEmpty() ? "" : ", ", role, n)));
        System.out.println(rows);
        System.out.printf("  %-17s %9s  %s%n", "", "synthetic", comparison.reference());
        comparison
                .metrics()
                .forEach((name, metric) -> System.out.printf(
                        "  %-17s %9s  %s%n", name, figure(metric.synthetic()), figure(metric.reference())));
        System.out.println("worst columns");
        comparison.columns().stream()
                .limit(WORST)
                .forEach(c -> System.out.printf(Locale.ROOT, "  %.4f  %s%n", c.shape(), c.column()));
        if (!comparison.pairs().isEmpty()) {
            System.out.println("worst pairs");
            comparison.pairs().stream()
                    .filter(p -> p.similarity() != null)
                    .limit(WORST)
                    .forEach(p -> System.out.printf("  %s  %s, %s%n", figure(p.similarity()), p.first(), p.second()));
        }
        System.out.println(comparison.conclusion());
        if (out != null) {
            System.out.printf("Wrote %s%n", new Path(out, ComparisonPage.FILE));
        }
    }

    private static String figure(@Nullable Double value) {
        return value == null ? "-" : String.format(Locale.ROOT, "%.4f", value);
    }
}
