package io.cvaespark.store;

import io.cvaespark.data.Json;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.Checkpoints;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.TrainingState;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store for checkpoints on any Hadoop file system. It keeps the last two, and a checkpoint that is not complete does
 * not count.
 *
 * <p>A checkpoint is a directory {@code step-N} with {@code state.json} (everything but the arrays, with the resolved
 * job, the schema with its codecs, and the data's fingerprint), {@code arrays.bin} (parameters, moments, best
 * parameters: little-endian float32 one after the other) and {@code checksum} (SHA-256 of both, written last). It is
 * written to a temporary directory, which is then renamed. If the checksum shows that a checkpoint is incomplete or
 * damaged, the one before it is used.
 */
public final class CheckpointStore implements Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final int KEPT = 2;
    private static final String PREFIX = "step-";

    private final Configuration conf;
    private final Path directory;
    private final Identity identity;

    /**
     * The training that a checkpoint belongs to.
     *
     * @param job the resolved job as JSON
     * @param schema the fitted table schema as JSON
     * @param fingerprint the fingerprint of the data
     */
    public record Identity(String job, String schema, String fingerprint) {}

    /** A checkpoint that was read. */
    public record Loaded(Path path, Identity identity, TrainingState state) {}

    /** The values of a state without its arrays. */
    private record Scalars(
            Identity identity,
            int parameters,
            int moments,
            long step,
            LossSums epochSums,
            double stepSeconds,
            double epochSeconds,
            boolean finished,
            @Nullable Double bestLoss,
            @Nullable Integer bestEpoch,
            List<HistoryRow> history) {}

    public CheckpointStore(Configuration conf, Path directory, Identity identity) {
        this.conf = conf;
        this.directory = directory;
        this.identity = identity;
    }

    @Override
    public void save(TrainingState state) throws IOException {
        FileSystem fs = directory.getFileSystem(conf);
        Path target = new Path(directory, PREFIX + "%012d".formatted(state.step()));
        Path temporary = new Path(directory, ".writing-" + target.getName());
        fs.delete(temporary, true);
        fs.mkdirs(temporary);
        String scalars = write(
                fs, new Path(temporary, "state.json"), out -> out.write(Json.MAPPER.writeValueAsBytes(scalars(state))));
        String arrays = write(fs, new Path(temporary, "arrays.bin"), out -> {
            for (float[] array : arrays(state)) {
                writeFloats(out, array);
            }
        });
        try (OutputStream out = fs.create(new Path(temporary, "checksum"), true)) {
            out.write(
                    "%s state.json%n%s arrays.bin%n".formatted(scalars, arrays).getBytes(StandardCharsets.UTF_8));
        }
        fs.delete(target, true);
        if (!fs.rename(temporary, target)) {
            throw new IOException("Could not rename %s to %s".formatted(temporary, target));
        }
        List<Path> all = list(conf, directory);
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            fs.delete(old, true);
        }
    }

    /** Reads the newest complete checkpoint in {@code directory}; warns about damaged ones. */
    public static Optional<Loaded> latest(Configuration conf, Path directory) throws IOException {
        List<Path> all = list(conf, directory);
        for (int i = all.size() - 1; i >= 0; i--) {
            try {
                return Optional.of(load(conf, all.get(i)));
            } catch (IOException e) {
                LOG.warn(
                        "Checkpoint {} is damaged ({}); {}",
                        all.get(i),
                        e.getMessage(),
                        i > 0 ? "using the one before it" : "there is none before it");
            }
        }
        return Optional.empty();
    }

    private static Loaded load(Configuration conf, Path path) throws IOException {
        FileSystem fs = path.getFileSystem(conf);
        Path checksumFile = new Path(path, "checksum");
        if (!fs.exists(checksumFile)) {
            throw new IOException("it has no checksum: writing it was interrupted");
        }
        List<String> lines = HadoopFiles.readText(conf, checksumFile).lines().toList();
        byte[] json = readChecked(fs, new Path(path, "state.json"), lines);
        byte[] floats = readChecked(fs, new Path(path, "arrays.bin"), lines);
        Scalars scalars = Json.MAPPER.readValue(json, Scalars.class);
        int arrays = 1 + scalars.moments() + (scalars.bestLoss() == null ? 0 : 1);
        long expected = 4L * arrays * scalars.parameters();
        if (floats.length != expected) {
            throw new IOException("arrays.bin has %s bytes, expected %s".formatted(floats.length, expected));
        }
        java.nio.FloatBuffer buffer =
                ByteBuffer.wrap(floats).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        TrainingState state = new TrainingState(new float[scalars.parameters()], scalars.moments());
        buffer.get(state.parameters());
        for (float[] moment : state.moments()) {
            buffer.get(moment);
        }
        TrainingState.Best best = null;
        if (scalars.bestLoss() != null && scalars.bestEpoch() != null) {
            float[] parameters = new float[scalars.parameters()];
            buffer.get(parameters);
            best = new TrainingState.Best(parameters, scalars.bestLoss(), scalars.bestEpoch());
        }
        state.restore(
                scalars.step(),
                scalars.epochSums(),
                scalars.stepSeconds(),
                scalars.epochSeconds(),
                best,
                scalars.finished());
        state.history().addAll(scalars.history());
        return new Loaded(path, scalars.identity(), state);
    }

    private Scalars scalars(TrainingState state) {
        TrainingState.Best best = state.best();
        return new Scalars(
                identity,
                state.parameters().length,
                state.moments().length,
                state.step(),
                state.epochSums(),
                state.stepSeconds(),
                state.epochSeconds(),
                state.finished(),
                best == null ? null : best.loss(),
                best == null ? null : best.epoch(),
                state.history());
    }

    private static List<float[]> arrays(TrainingState state) {
        List<float[]> arrays = new ArrayList<>();
        arrays.add(state.parameters());
        arrays.addAll(Arrays.asList(state.moments()));
        TrainingState.Best best = state.best();
        if (best != null) {
            arrays.add(best.parameters());
        }
        return arrays;
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    /** Writes a file and returns the SHA-256 of what was written. */
    private static String write(FileSystem fs, Path file, Content content) throws IOException {
        MessageDigest digest = sha256();
        try (OutputStream out = new DigestOutputStream(fs.create(file, true), digest)) {
            content.to(out);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static byte[] readChecked(FileSystem fs, Path file, List<String> checksums) throws IOException {
        MessageDigest digest = sha256();
        byte[] bytes;
        try (InputStream in = new DataInputStream(new DigestInputStream(fs.open(file), digest))) {
            bytes = in.readAllBytes();
        }
        String line = HexFormat.of().formatHex(digest.digest()) + " " + file.getName();
        if (!checksums.contains(line)) {
            throw new IOException(file.getName() + " does not match its checksum");
        }
        return bytes;
    }

    private static void writeFloats(OutputStream out, float[] values) throws IOException {
        int chunk = 1 << 16;
        ByteBuffer buffer = ByteBuffer.allocate(4 * chunk).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += chunk) {
            int n = Math.min(chunk, values.length - from);
            buffer.clear();
            buffer.asFloatBuffer().put(values, from, n);
            out.write(buffer.array(), 0, 4 * n);
        }
    }

    /** The checkpoints that have their final name, oldest first. */
    private static List<Path> list(Configuration conf, Path directory) throws IOException {
        FileSystem fs = directory.getFileSystem(conf);
        if (!fs.exists(directory)) {
            return List.of();
        }
        return Arrays.stream(fs.listStatus(directory))
                .filter(FileStatus::isDirectory)
                .map(FileStatus::getPath)
                .filter(p -> p.getName().startsWith(PREFIX))
                .sorted(Comparator.comparing(Path::getName))
                .toList();
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
