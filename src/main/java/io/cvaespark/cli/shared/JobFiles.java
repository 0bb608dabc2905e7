package io.cvaespark.cli.shared;

import io.cvaespark.job.Job;
import io.cvaespark.job.JobReader;
import io.cvaespark.store.HadoopFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.SparkFiles;
import org.apache.spark.sql.SparkSession;

/** Finds and reads job files. */
public final class JobFiles {
    private JobFiles() {}

    /** Reads a job file from a Hadoop path, or one that was shipped with {@code --files}. */
    public static Job read(SparkSession spark, String path, List<String> overrides) throws IOException {
        Configuration conf = spark.sparkContext().hadoopConfiguration();
        Path hadoop = new Path(path);
        if (HadoopFiles.exists(conf, hadoop)) {
            return JobReader.read(HadoopFiles.readText(conf, hadoop), path, overrides);
        }
        java.nio.file.Path shipped = java.nio.file.Path.of(SparkFiles.get(hadoop.getName()));
        if (Files.exists(shipped)) {
            return JobReader.read(Files.readString(shipped), path, overrides);
        }
        throw new IllegalArgumentException(
                "There is no job file %s (looked at %s; a local file needs file: where fs.defaultFS is another file system, or ship it with --files)"
                        .formatted(path, hadoop.getFileSystem(conf).makeQualified(hadoop)));
    }
}
