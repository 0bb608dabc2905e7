package io.cvaespark.store;

import java.io.IOException;
import java.net.URI;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.security.AccessControlException;

/** The local file system under the scheme {@code refusing}; it refuses to read the files that a test names. */
public final class RefusingFileSystem extends RawLocalFileSystem {
    private static final String REFUSED = "test.refused";

    /** Files whose path ends in {@code suffix} cannot be read from now on. */
    static void refuse(Configuration conf, String suffix) {
        conf.set("fs.refusing.impl", RefusingFileSystem.class.getName());
        conf.setBoolean("fs.refusing.impl.disable.cache", true);
        conf.set(REFUSED, suffix);
    }

    static Path path(java.nio.file.Path local) {
        return new Path("refusing://" + local.toAbsolutePath());
    }

    @Override
    public URI getUri() {
        return URI.create("refusing:///");
    }

    @Override
    public String getScheme() {
        return "refusing";
    }

    @Override
    public FSDataInputStream open(Path path, int bufferSize) throws IOException {
        if (path.toUri().getPath().endsWith(getConf().get(REFUSED, "?"))) {
            throw new AccessControlException("permission denied: " + path);
        }
        return super.open(path, bufferSize);
    }
}
