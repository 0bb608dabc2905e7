package io.cvaespark.store;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** Small text files on any Hadoop file system. */
public final class HadoopFiles {
    private HadoopFiles() {}

    /** Writes a file completely or not at all: it writes a temporary file and then renames it over the old file. */
    public static void writeText(Configuration conf, Path path, String text) throws IOException {
        FileSystem fs = path.getFileSystem(conf);
        Path temporary = new Path(path.getParent(), "." + path.getName() + ".writing");
        try (OutputStream out = fs.create(temporary, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        fs.delete(path, false);
        if (!fs.rename(temporary, path)) {
            throw new IOException("Could not rename %s to %s".formatted(temporary, path));
        }
    }

    public static String readText(Configuration conf, Path path) throws IOException {
        try (InputStream in = path.getFileSystem(conf).open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static boolean exists(Configuration conf, Path path) throws IOException {
        return path.getFileSystem(conf).exists(path);
    }
}
