package io.cvaespark.cli.run;

import io.cvaespark.cli.shared.OutputGuard;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The run directory, which is the {@code output} of a job: {@code job.yaml}, {@code model/}, {@code checkpoints/},
 * {@code history/}.
 */
public final class RunDirectory {
    private static final Logger LOG = LoggerFactory.getLogger(RunDirectory.class);

    private final Configuration conf;
    private final Path path;

    public RunDirectory(SparkSession spark, String path) {
        this.conf = spark.sparkContext().hadoopConfiguration();
        this.path = new Path(path);
    }

    /** Throws if the directory has a run already, unless it is to be resumed or overwritten. */
    void require(boolean resume, boolean overwrite) throws IOException {
        for (String entry : OutputGuard.RUN_ENTRIES) {
            if (!resume && !overwrite && HadoopFiles.exists(conf, new Path(path, entry))) {
                throw new IllegalArgumentException(
                        "output %s holds a run (%s is there); use --resume to continue it, --overwrite to replace it, or another output"
                                .formatted(path, entry));
            }
        }
        if (resume && hasPrevious()) {
            LOG.info("{} replaces the run in {}, which is kept until the new model is there", path, previous());
        }
    }

    /**
     * Moves the run that is there to {@code .previous}, so that a new one can begin. A run without a model does not replace
     * an older one that is kept there with its model.
     */
    void retire() throws IOException {
        FileSystem fs = path.getFileSystem(conf);
        boolean keepsModel = fs.exists(new Path(previous(), "model"));
        boolean hasModel = fs.exists(new Path(path, "model"));
        if (hasModel || !keepsModel) {
            fs.delete(previous(), true);
        }
        for (String entry : OutputGuard.RUN_ENTRIES) {
            Path at = new Path(path, entry);
            if (!fs.exists(at)) {
                continue;
            }
            if (keepsModel && !hasModel) {
                fs.delete(at, true);
            } else if (!fs.mkdirs(previous()) || !fs.rename(at, new Path(previous(), entry))) {
                throw new IOException("Could not move %s to %s".formatted(at, previous()));
            }
        }
    }

    /** Deletes the run that was moved away: its successor has a model. */
    void deletePrevious() throws IOException {
        path.getFileSystem(conf).delete(previous(), true);
    }

    private boolean hasPrevious() throws IOException {
        return HadoopFiles.exists(conf, previous());
    }

    private Path previous() {
        return new Path(path, OutputGuard.PREVIOUS);
    }

    void writeJob(String yaml) throws IOException {
        HadoopFiles.writeText(conf, new Path(path, "job.yaml"), yaml);
    }

    /** Reads the resolved job; throws if this is no run directory. */
    public String readJob() throws IOException {
        Path job = new Path(path, "job.yaml");
        if (!HadoopFiles.exists(conf, job)) {
            throw new IllegalArgumentException(
                    "There is no run at %s: expected a directory that train wrote, with job.yaml, model/ and history/"
                            .formatted(path));
        }
        return HadoopFiles.readText(conf, job);
    }

    @Override
    public String toString() {
        return path.toString();
    }

    String model() {
        return entry("model");
    }

    String checkpoints() {
        return entry("checkpoints");
    }

    public String history() {
        return entry("history");
    }

    /** The paths of the entries that a training writes. */
    List<String> entries() {
        return OutputGuard.RUN_ENTRIES.stream().map(this::entry).toList();
    }

    private String entry(String name) {
        return new Path(path, name).toString();
    }
}
