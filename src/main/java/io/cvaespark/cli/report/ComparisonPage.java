package io.cvaespark.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/** The page that {@code compare} writes, whose content {@code report} takes over. */
public final class ComparisonPage {
    /** The page's name in the directory that {@code compare} writes. */
    public static final String FILE = "compare.html";

    /** The directory of a run whose comparison is shown unasked. */
    private static final String PLACE = "comparison";

    /** What is drawn. */
    private static final List<String> PARTS = List.of(
            "conclusion",
            "rows",
            "sources",
            "reference",
            "metrics",
            "columns",
            "pairs",
            "charts",
            "order",
            "learner_rows");

    private static final int MOST_NAMED = 5;

    private final Path directory;
    private final ObjectNode content;
    private final Instant written;

    private ComparisonPage(Path directory, ObjectNode content, Instant written) {
        this.directory = directory;
        this.content = content;
        this.written = written;
    }

    /** The comparison in {@code run/comparison}; null: there is none. */
    static @Nullable ComparisonPage ofRun(Configuration conf, String run) throws IOException {
        Path place = new Path(run, PLACE);
        return HadoopFiles.exists(conf, new Path(place, FILE)) ? in(conf, place) : null;
    }

    /** The comparison that {@code compare --output directory} wrote; throws if there is none. */
    static ComparisonPage in(Configuration conf, Path directory) throws IOException {
        FileSystem fs = directory.getFileSystem(conf);
        Path file = new Path(directory, FILE);
        if (!fs.exists(file)) {
            throw wrong(directory, found(fs, directory));
        }
        ObjectNode content = ReportPage.read(conf, file);
        if (content == null) {
            throw wrong(directory, "a %s without the figures of a comparison".formatted(FILE));
        }
        List<String> missing = PARTS.stream()
                .filter(part -> content.path(part).isMissingNode())
                .toList();
        if (!missing.isEmpty()) {
            throw wrong(directory, "a %s that lacks %s".formatted(FILE, String.join(", ", missing)));
        }
        return new ComparisonPage(
                directory, content, Instant.ofEpochMilli(fs.getFileStatus(file).getModificationTime()));
    }

    private static IllegalArgumentException wrong(Path directory, String found) {
        return new IllegalArgumentException(
                "There is no comparison at %s: expected a directory that compare --output wrote, with %s, found %s. Run compare REAL SYNTHETIC --output DIR, and give that DIR"
                        .formatted(directory, FILE, found));
    }

    private static String found(FileSystem fs, Path directory) throws IOException {
        if (!fs.exists(directory)) {
            return "nothing";
        }
        if (!fs.getFileStatus(directory).isDirectory()) {
            return "a file";
        }
        FileStatus[] entries = fs.listStatus(directory);
        return entries.length == 0
                ? "an empty directory"
                : Arrays.stream(entries)
                        .map(entry -> entry.getPath().getName())
                        .sorted()
                        .limit(MOST_NAMED)
                        .collect(Collectors.joining(
                                ", ", "a directory with ", entries.length > MOST_NAMED ? ", …" : ""));
    }

    /**
     * What the run's page shows of the comparison.
     *
     * @param trained when the model was made; a comparison older than that is of other rows, which the page says
     */
    JsonNode content(Instant trained) {
        return content.deepCopy()
                .put("file", new Path(directory, FILE).toString())
                .put("old", written.isBefore(trained));
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
