package io.cvaespark.cli;

import io.cvaespark.cli.image.SampleGrid;
import io.cvaespark.cli.shared.ModelData;
import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.spark.CvaeModel;
import io.cvaespark.spark.inference.ModelFiles;
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
        name = "latent",
        description = "Works with the latent z: interpolates, sweeps a dimension, or changes conditions and keeps z.",
        mixinStandardHelpOptions = true,
        subcommands = {LatentCommand.Interpolate.class, LatentCommand.Sweep.class, LatentCommand.Counterfactual.class})
final class LatentCommand {

    /** The common base of the three commands: each reads a model, writes a table and can draw a picture. */
    private abstract static class Base implements Callable<Integer> {
        @Spec
        CommandSpec command = CommandSpec.create();

        @Parameters(index = "0", paramLabel = "MODEL", description = "A model or run directory.")
        private String modelPath = "";

        @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise; default ${DEFAULT-VALUE}.")
        long seed;

        @Option(
                names = {"--png", "--image"},
                paramLabel = "FILE",
                description = "Also draws the first image column as a grid.")
        @Nullable
        String png;

        @Mixin
        Tables.OutputOptions output = new Tables.OutputOptions();

        abstract String out();

        /** Reads rows as those of the model's training were read. */
        ModelData rowsOf(SparkSession spark, CvaeModel model) {
            return new ModelData(
                    spark,
                    ModelFiles.resolve(spark, modelPath),
                    model.description().schema());
        }

        /** The table that the command reads; null where it reads none. */
        @Nullable
        String data() {
            return null;
        }

        abstract void writeResult(SparkSession spark, CvaeModel model) throws IOException;

        @Override
        public Integer call() throws IOException {
            SparkSession spark = Sessions.get("latent " + command.name());
            String resolved = ModelFiles.resolve(spark, modelPath);
            OutputGuard guard = new OutputGuard(spark).reads("MODEL", resolved).reads("DATA", data());
            guard.requireTable(out(), output.overwrite);
            if (png != null) {
                guard.reads("OUT", out()).requirePicture(png, output.overwrite);
            }
            CvaeModel model = CvaeModel.load(resolved).setLatentCol("latent").setSeed(seed);
            if (png != null) {
                SampleGrid.requireImage(model.description().schema());
            }
            writeResult(spark, model);
            System.out.printf(Locale.ROOT, "Wrote %s%s%n", out(), png == null ? "" : " and drew " + png);
            return 0;
        }

        /** Writes the rows of a path through the latent; the picture has a grid row for every {@code steps} rows. */
        void writePath(Dataset<Row> path, CvaeModel model, int steps) throws IOException {
            Tables.write(path, out(), output);
            if (png != null) {
                SampleGrid.write(path, model.description().schema(), png, steps);
            }
        }

        int requireSteps(int steps) {
            if (steps < 2) {
                throw new ParameterException(
                        command.commandLine(), "--steps must be at least 2, the two ends; found " + steps);
            }
            return steps;
        }
    }

    @Command(
            name = "interpolate",
            description = "Goes from the first row of DATA to the second in z, and in the continuous conditions.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Interpolate extends Base {
        @Parameters(
                index = "1",
                paramLabel = "DATA",
                description = "A table, of which the first two rows that --filter selects are used.")
        private String data = "";

        @Mixin
        private Tables.DataOptions chosen = new Tables.DataOptions();

        @Parameters(index = "2", paramLabel = "OUT", description = "Where to write.")
        private String out = "";

        @Option(
                names = "--steps",
                paramLabel = "N",
                description = "Rows to write, both ends included; default ${DEFAULT-VALUE}.")
        private int steps = 10;

        @Override
        String data() {
            return data;
        }

        @Override
        String out() {
            return out;
        }

        @Override
        void writeResult(SparkSession spark, CvaeModel model) throws IOException {
            requireSteps(steps);
            Dataset<Row> ends = Tables.first(Tables.read(rowsOf(spark, model), data, output.format, chosen), 2);
            writePath(model.interpolate(ends, steps), model, steps);
        }
    }

    @Command(
            name = "sweep",
            description =
                    "Moves one dimension of z through the prior p(z|c), in units of its standard deviation; the other dimensions stay at the mean.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Sweep extends Base {
        @Parameters(index = "1", paramLabel = "OUT", description = "Where to write.")
        private String out = "";

        @Option(names = "--dimension", required = true, paramLabel = "J", description = "The dimension of z, from 0.")
        private int dimension;

        @Option(names = "--from", paramLabel = "T", description = "The first value; default ${DEFAULT-VALUE}.")
        private double from = -3;

        @Option(names = "--to", paramLabel = "T", description = "The last value; default ${DEFAULT-VALUE}.")
        private double to = 3;

        @Option(
                names = "--steps",
                paramLabel = "N",
                description = "Rows to write, both ends included; default ${DEFAULT-VALUE}.")
        private int steps = 10;

        @Option(
                names = "--where",
                paramLabel = "COLUMN=VALUE",
                description =
                        "Fixes a condition; the others are taken from one matching training row, which --seed chooses.")
        private Map<String, String> where = new LinkedHashMap<>();

        @Override
        String out() {
            return out;
        }

        @Override
        void writeResult(SparkSession spark, CvaeModel model) throws IOException {
            requireSteps(steps);
            Dataset<Row> conditions = model.sampler(seed, true).conditions(spark, 1, where);
            writePath(model.sweep(conditions, dimension, from, to, steps), model, steps);
        }
    }

    @Command(
            name = "counterfactual",
            description =
                    "Keeps each row's z and changes its conditions, such as another digit in the same handwriting.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    static final class Counterfactual extends Base {
        @Parameters(index = "1", paramLabel = "DATA", description = "The rows.")
        private String data = "";

        @Mixin
        private Tables.DataOptions chosen = new Tables.DataOptions();

        @Parameters(index = "2", paramLabel = "OUT", description = "Where to write.")
        private String out = "";

        @ArgGroup(multiplicity = "1")
        private Change change = new Change();

        @Option(
                names = "--rows",
                paramLabel = "N",
                description = "Only the first N rows of DATA that --filter selects.")
        private @Nullable Integer rows;

        private static final class Change {
            @Option(names = "--set", paramLabel = "COLUMN=VALUE", required = true, description = "The new conditions.")
            private Map<String, String> set = new LinkedHashMap<>();

            @Option(
                    names = "--column",
                    paramLabel = "COLUMN",
                    required = true,
                    description = "A categorical condition; writes a row for each of its levels.")
            private @Nullable String column;
        }

        @Override
        String data() {
            return data;
        }

        @Override
        String out() {
            return out;
        }

        @Override
        void writeResult(SparkSession spark, CvaeModel model) throws IOException {
            if (rows != null && rows < 1) {
                throw new ParameterException(command.commandLine(), "--rows must be at least 1, found " + rows);
            }
            Dataset<Row> given = Tables.read(rowsOf(spark, model), data, output.format, chosen);
            given = rows == null ? given : Tables.first(given, rows);
            Dataset<Row> made = change.column == null
                    ? model.counterfactual(given, change.set)
                    : model.counterfactual(given, change.column);
            Tables.write(made, out, output);
            if (png != null) {
                int each = change.column == null ? 1 : levels(model, change.column);
                SampleGrid.writeWithOriginals(
                        given, made, each, model.description().schema(), png);
            }
        }

        private static int levels(CvaeModel model, String column) {
            return model.description().schema().conditions().stream()
                    .filter(f -> f.column().equals(column))
                    .mapToInt(f -> f.levels().size())
                    .sum();
        }
    }
}
