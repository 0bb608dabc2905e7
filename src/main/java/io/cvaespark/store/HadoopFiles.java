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

    /** Writes a file completely or not at all: an old one is replaced when the new one is whole. */
    public static void writeText(Configuration conf, Path path, String text) throws IOException {
        Swap.write(conf, path, file -> {
            try (OutputStream out = file.getFileSystem(conf).create(file, true)) {
                out.write(text.getBytes(StandardCharsets.UTF_8));
            }
        });
    }

    public static String readText(Configuration conf, Path path) throws IOException {
        try (InputStream in = path.getFileSystem(conf).open(path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    public static boolean exists(Configuration conf, Path path) throws IOException {
        return path.getFileSystem(conf).exists(path);
    }

    /** True if the file system is the disk of this machine. */
    public static boolean isLocal(FileSystem fs) {
        return "file".equals(fs.getUri().getScheme());
    }
}
