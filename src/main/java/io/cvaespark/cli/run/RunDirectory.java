package io.cvaespark.cli.run;

import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;

/**
 * The run directory, which is the {@code output} of a job: {@code job.yaml}, {@code model/}, {@code checkpoints/},
 * {@code history/}.
 */
public final class RunDirectory {
    private static final List<String> ENTRIES = List.of("job.yaml", "model", "checkpoints", "history");

    private final Configuration conf;
    private final Path path;

    public RunDirectory(SparkSession spark, String path) {
        this.conf = spark.sparkContext().hadoopConfiguration();
        this.path = new Path(path);
    }

    /**
     * Throws if the directory has a run already, unless it is to be resumed or overwritten. Only the entries of a run
     * are deleted.
     */
    void prepare(boolean resume, boolean overwrite) throws IOException {
        for (String entry : ENTRIES) {
            Path at = new Path(path, entry);
            if (!HadoopFiles.exists(conf, at)) {
                continue;
            }
            if (overwrite) {
                at.getFileSystem(conf).delete(at, true);
            } else if (!resume) {
                throw new IllegalArgumentException(
                        "output %s holds a run (%s is there); use --resume to continue it, --overwrite to replace it, or another output"
                                .formatted(path, entry));
            }
        }
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

    private String entry(String name) {
        return new Path(path, name).toString();
    }
}
