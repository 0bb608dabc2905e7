package io.cvaespark.cli;

import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.cli.shared.Sessions;
import io.cvaespark.cli.shared.Tables;
import io.cvaespark.job.TableSource;
import io.cvaespark.spark.datasets.BagOfWords;
import io.cvaespark.spark.datasets.BuiltinData;
import java.io.IOException;
import java.util.Locale;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "data",
        description = "Makes tables from IDX files, from bags of words, or of drawn strokes.",
        mixinStandardHelpOptions = true)
final class DataCommand {
    private static final String LABELLED =
            "Only N rows of each label keep their label, chosen by a hash of the image; the others get null.";

    @Command(
            name = "idx",
            description =
                    "Converts IDX files such as MNIST's (gzip or plain) to a table: image array<float> in [0,1], label int.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    int idx(
            @Option(names = "--images", required = true, paramLabel = "F", description = "The images.") String images,
            @Option(names = "--labels", required = true, paramLabel = "F", description = "Their labels.") String labels,
            @Option(
                            names = "--binarize",
                            paramLabel = "SEED",
                            description = "Replaces each pixel by a fixed draw of 0 or 1.")
                    @Nullable
                    Long binarize,
            @Option(
                            names = "--quadrants",
                            paramLabel = "N",
                            description =
                                    "Adds two columns: given has the pixels of 1 (lower left), 2 (left) or 3 (all but upper right) quadrants, always grey; rest has the other pixels.")
                    @Nullable
                    Integer quadrants,
            @Option(names = "--labelled", paramLabel = "N", description = LABELLED) @Nullable Integer labelled,
            @Parameters(paramLabel = "OUT", description = "Where to write.") String out,
            @Mixin Tables.OutputOptions output)
            throws IOException {
        SparkSession spark = Sessions.get("data idx");
        new OutputGuard(spark)
                .reads("--images", images)
                .reads("--labels", labels)
                .requireTable(out, output.overwrite);
        Dataset<Row> table = quadrants == null
                ? BuiltinData.idx(spark, images, labels, binarize)
                : BuiltinData.idxQuadrants(spark, images, labels, binarize, quadrants);
        return write(labelled(table, labelled), out, output);
    }

    @Command(
            name = "strokes",
            description = "Draws digits as random strokes: image, label, slant, thickness.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    int strokes(
            @Option(names = "--rows", required = true, paramLabel = "N", description = "Number of rows.") long rows,
            @Option(names = "--seed", paramLabel = "N", defaultValue = "0", description = "Default ${DEFAULT-VALUE}.")
                    long seed,
            @Option(
                            names = "--size",
                            paramLabel = "PIXELS",
                            defaultValue = "28",
                            description = "Side of an image; default ${DEFAULT-VALUE}.")
                    int size,
            @Option(names = "--labelled", paramLabel = "N", description = LABELLED) @Nullable Integer labelled,
            @Parameters(paramLabel = "OUT", description = "Where to write.") String out,
            @Mixin Tables.OutputOptions output) {
        SparkSession spark = Sessions.get("data strokes");
        new OutputGuard(spark).requireTable(out, output.overwrite);
        return write(labelled(BuiltinData.strokes(spark, rows, seed, size), labelled), out, output);
    }

    private static Dataset<Row> labelled(Dataset<Row> table, @Nullable Integer labelled) {
        return labelled == null ? table : BuiltinData.withFewLabels(table, labelled);
    }

    @Command(
            name = "bow",
            description =
                    "Converts word counts in the UCI bag-of-words format (gzip or plain) to a table: id int, counts array<int>.",
            mixinStandardHelpOptions = true,
            sortOptions = false)
    int bow(
            @Option(names = "--docword", required = true, paramLabel = "F", description = "The counts.") String docword,
            @Option(
                            names = "--words",
                            paramLabel = "N",
                            description = "Keeps only the N most frequent words; default: all.")
                    @Nullable
                    Integer words,
            @Parameters(paramLabel = "OUT", description = "Where to write.") String out,
            @Mixin Tables.OutputOptions output) {
        SparkSession spark = Sessions.get("data bow");
        new OutputGuard(spark).reads("--docword", docword).requireTable(out, output.overwrite);
        Tables.requireThere(spark, new TableSource(docword), "--docword");
        return write(BagOfWords.read(spark, docword, words), out, output);
    }

    private static int write(Dataset<Row> table, String out, Tables.OutputOptions output) {
        Tables.write(table, out, output);
        System.out.printf(Locale.ROOT, "Wrote %s%n", out);
        return 0;
    }
}
