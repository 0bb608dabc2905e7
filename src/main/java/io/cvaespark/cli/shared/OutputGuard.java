package io.cvaespark.cli.shared;

import io.cvaespark.store.HadoopFiles;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.jspecify.annotations.Nullable;

/**
 * Checks where a command writes, before it does any work. Refused is a place that the command reads from, that belongs to a
 * run or a model, or that holds something which {@code --overwrite} must not replace.
 */
public final class OutputGuard {
    /** The entries of a run that {@code train} writes; other files may stand beside them. */
    public static final List<String> RUN_ENTRIES = List.of("job.yaml", "model", "checkpoints", "history");

    /** The directory in which a run keeps the run that it replaces, until its own model is there. */
    public static final String PREVIOUS = ".previous";

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G'};

    private final SparkSession spark;
    private final Configuration conf;
    private final Map<String, Path> inputs = new LinkedHashMap<>();

    public OutputGuard(SparkSession spark) {
        this.spark = spark;
        this.conf = spark.sparkContext().hadoopConfiguration();
    }

    /** The command reads {@code path}, which messages call {@code role}; null: it does not. */
    public OutputGuard reads(String role, @Nullable String path) {
        if (path != null) {
            inputs.put(role, canonical(new Path(path)));
        }
        return this;
    }

    /** The command reads the files of {@code table}: those that a pattern matches, or those of a table of the catalogue. */
    public OutputGuard reads(String role, Dataset<Row> table) {
        for (String file : table.inputFiles()) {
            inputs.put(role + ", " + file, canonical(new Path(file)));
        }
        return this;
    }

    /** Throws unless the directory {@code out} may be written; an old one must look like a table. */
    public void requireTable(String out, boolean overwrite) {
        Path path = check(out);
        look(path, fs -> {
            if (!fs.exists(path)) {
                return;
            }
            requireOverwrite(path, overwrite);
            if (!fs.getFileStatus(path).isDirectory()) {
                throw refused(path, "it is a file, which this command did not write");
            }
            requireTable(fs, path, path);
        });
        requireSeen(path);
    }

    /** Throws unless the directory {@code out} may be written; an old one must have no entries but those of such a directory. */
    public void requireDirectory(String out, List<String> entries, boolean overwrite) {
        Path path = check(out);
        look(path, fs -> {
            if (!fs.exists(path)) {
                return;
            }
            requireOverwrite(path, overwrite);
            if (!fs.getFileStatus(path).isDirectory()) {
                throw refused(path, "it is a file, which this command did not write");
            }
            for (FileStatus entry : fs.listStatus(path)) {
                String name = entry.getPath().getName();
                if (!entries.contains(name) && !name.startsWith(".")) {
                    throw refused(path, "it holds %s, which this command did not write".formatted(name));
                }
            }
        });
        requireSeen(path);
    }

    /** Throws unless the picture {@code out} may be written. */
    public void requirePicture(String out, boolean overwrite) {
        Path path = check(out);
        look(path, fs -> {
            if (!fs.exists(path)) {
                return;
            }
            requireOverwrite(path, overwrite);
            if (fs.getFileStatus(path).isDirectory()) {
                throw refused(path, "it is a directory");
            }
            byte[] head = new byte[PNG.length];
            try (InputStream in = fs.open(path)) {
                int unused = in.readNBytes(head, 0, head.length);
            }
            if (!Arrays.equals(head, PNG)) {
                throw refused(path, "it is no PNG file");
            }
        });
        requireOutlivesDriver(path);
    }

    /** Throws unless the file {@code out} may be written. */
    public void requireFile(String out, boolean overwrite) {
        Path path = check(out);
        look(path, fs -> {
            if (fs.exists(path)) {
                requireOverwrite(path, overwrite);
                if (fs.getFileStatus(path).isDirectory()) {
                    throw refused(path, "it is a directory");
                }
            }
        });
        requireOutlivesDriver(path);
    }

    /** A file that the driver writes is where the user is, but in cluster mode. */
    private void requireOutlivesDriver(Path out) {
        if (spark.sparkContext().deployMode().equals("cluster")) {
            requireSeen(out);
        }
    }

    private void requireSeen(Path out) {
        look(out, fs -> OutputProbe.requireSeen(spark, fs.makeQualified(out).getParent(), out.toString()));
    }

    /** Throws if {@code out} is, contains or lies in something that is read, or in a part of a run. */
    private Path check(String out) {
        requireUnread(out);
        Path path = new Path(out);
        look(path, fs -> requireNoPartOfARun(fs, path, canonical(path)));
        return path;
    }

    /** Throws if {@code out} is, contains or lies in something that is read. */
    public void requireUnread(String out) {
        Path canonical = canonical(new Path(out));
        inputs.forEach((role, input) -> {
            if (contains(canonical, input) || contains(input, canonical)) {
                throw new IllegalArgumentException(
                        "%s cannot be written: it is, contains or lies in %s (%s), which this command reads. Give another path"
                                .formatted(out, role, input));
            }
        });
    }

    private static void requireNoPartOfARun(FileSystem fs, Path out, Path canonical) throws IOException {
        for (String entry : List.of("job.yaml", "model", "schema.json")) {
            if (fs.exists(new Path(canonical, entry))) {
                throw refused(out, "it is a run or a model (%s is there)".formatted(entry));
            }
        }
        for (Path at = canonical; at.getParent() != null; at = at.getParent()) {
            boolean entry = RUN_ENTRIES.contains(at.getName()) || at.getName().equals(PREVIOUS);
            if (entry && fs.exists(new Path(at.getParent(), "job.yaml"))) {
                throw refused(out, "it is or lies in %s, a part of the run %s".formatted(at.getName(), at.getParent()));
            }
            if (fs.exists(new Path(at, "schema.json"))) {
                throw refused(out, "it lies in the model " + at);
            }
        }
    }

    private static void requireOverwrite(Path path, boolean overwrite) {
        if (!overwrite) {
            throw new IllegalArgumentException(
                    "%s exists already; give another path, or --overwrite to replace it".formatted(path));
        }
    }

    /** A table has data files, marks of Spark's that begin with _ or a dot, and directories of partitions. */
    private static void requireTable(FileSystem fs, Path table, Path directory) throws IOException {
        for (FileStatus entry : fs.listStatus(directory)) {
            String name = entry.getPath().getName();
            if (entry.isDirectory() && name.contains("=")) {
                requireTable(fs, table, entry.getPath());
            } else if (!name.startsWith("part-") && !name.startsWith("_") && !name.startsWith(".")) {
                throw refused(table, "it holds %s, so it does not look like a table".formatted(name));
            }
        }
    }

    private static IllegalArgumentException refused(Path path, String reason) {
        return new IllegalArgumentException("%s cannot be written: %s. Give another path".formatted(path, reason));
    }

    private interface Look {
        void at(FileSystem fs) throws IOException;
    }

    private void look(Path path, Look look) {
        try {
            look.at(path.getFileSystem(conf));
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be accessed: %s".formatted(path, e.getMessage()), e);
        }
    }

    /** The same directory under one name: qualified, and on a local disk without links. */
    private Path canonical(Path path) {
        try {
            FileSystem fs = path.getFileSystem(conf);
            Path qualified = fs.makeQualified(path);
            return HadoopFiles.isLocal(fs)
                    ? fs.makeQualified(new Path(new File(qualified.toUri().getPath()).getCanonicalPath()))
                    : qualified;
        } catch (IOException e) {
            throw new UncheckedIOException("%s cannot be accessed: %s".formatted(path, e.getMessage()), e);
        }
    }

    private static boolean contains(Path outer, Path inner) {
        for (Path at = inner; at != null; at = at.getParent()) {
            if (at.equals(outer)) {
                return true;
            }
        }
        return false;
    }
}
