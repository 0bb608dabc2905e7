package io.cvaespark.store;

import java.io.IOException;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces a file or a directory by a new one that was written beside it, so that the old one is there until the new one is
 * whole.
 *
 * <p>A directory takes two renames. A process that dies between them leaves the old one beside, as {@code .NAME.replaced-ID},
 * and the new one as {@code .NAME.writing-ID}: both whole.
 */
public final class Swap {
    private static final Logger LOG = LoggerFactory.getLogger(Swap.class);

    /** Writes a file or a directory. */
    public interface Writer {
        void write(Path path) throws IOException;
    }

    private Swap() {}

    /**
     * Writes {@code target}. Where there is one already, the new one is written beside it and takes its place at the end; if
     * the writing fails, the old one stays. Where there is none, it is written in place: on an object store a rename would copy
     * it.
     */
    public static void write(Configuration conf, Path target, Writer writer) throws IOException {
        FileSystem fs = target.getFileSystem(conf);
        Path made = fs.exists(target) ? beside(target, "writing") : target;
        boolean whole = false;
        try {
            writer.write(made);
            whole = true;
        } finally {
            if (!whole && !made.equals(target)) {
                deleteQuietly(fs, made);
            }
        }
        if (!made.equals(target)) {
            replace(conf, fs, made, target);
        }
    }

    private static void replace(Configuration conf, FileSystem fs, Path made, Path target) throws IOException {
        if (fs.getFileStatus(target).isFile() && renamedOver(conf, fs, made, target)) {
            return;
        }
        Path old = beside(target, "replaced");
        rename(fs, target, old);
        try {
            rename(fs, made, target);
        } catch (IOException e) {
            rename(fs, old, target);
            throw e;
        }
        fs.delete(old, true);
    }

    /** Replaces a file in one step; false where the file system has none for that. */
    private static boolean renamedOver(Configuration conf, FileSystem fs, Path made, Path target) throws IOException {
        try {
            FileContext.getFileContext(fs.getUri(), conf)
                    .rename(fs.makeQualified(made), fs.makeQualified(target), Options.Rename.OVERWRITE);
            return true;
        } catch (UnsupportedFileSystemException e) {
            LOG.debug("No renaming over files at {}", fs.getUri(), e);
            return false;
        }
    }

    private static void rename(FileSystem fs, Path from, Path to) throws IOException {
        if (!fs.rename(from, to)) {
            throw new IOException("Could not rename %s to %s".formatted(from, to));
        }
    }

    private static Path beside(Path target, String purpose) {
        String unique = UUID.randomUUID().toString().substring(0, 8);
        return new Path(target.getParent(), ".%s.%s-%s".formatted(target.getName(), purpose, unique));
    }

    /** What a failed command leaves is of no use; the failure itself is what the user has to hear. */
    private static void deleteQuietly(FileSystem fs, Path path) {
        try {
            fs.delete(path, true);
        } catch (IOException e) {
            LOG.warn("{} was not written whole and could not be deleted: {}", path, e.getMessage());
        }
    }
}
