package io.cvaespark.store;

import io.cvaespark.data.Json;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.Checkpoints;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.StepTimes;
import io.cvaespark.train.TrainingState;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
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
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.ChecksumException;
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
 * written to a temporary directory, which is then renamed.
 */
public final class CheckpointStore implements Checkpoints {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointStore.class);
    private static final int KEPT = 2;
    private static final String PREFIX = "step-";
    private static final String STATE = "state.json";
    private static final String ARRAYS = "arrays.bin";
    /** The number of floats that are read or written at a time: a file may be longer than an array. */
    private static final int CHUNK = 1 << 16;

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
            @Nullable StepTimes epochTimes,
            boolean finished,
            @Nullable Double bestLoss,
            @Nullable Integer bestEpoch,
            List<HistoryRow> history) {

        /** Checkpoints of 0.1.0 have only the seconds. */
        StepTimes times() {
            return epochTimes == null ? new StepTimes(0, epochSeconds, 0, 0) : epochTimes;
        }
    }

    public CheckpointStore(Configuration conf, Path directory, Identity identity) {
        this.conf = conf;
        this.directory = directory;
        this.identity = identity;
    }

    @Override
    public void save(TrainingState state) throws IOException {
        FileSystem fs = directory.getFileSystem(conf);
        Path target = new Path(directory, PREFIX + String.format(Locale.ROOT, "%012d", state.step()));
        Path temporary = new Path(directory, ".writing-" + target.getName());
        fs.delete(temporary, true);
        fs.mkdirs(temporary);
        String scalars =
                write(fs, new Path(temporary, STATE), out -> out.write(Json.MAPPER.writeValueAsBytes(scalars(state))));
        String arrays = write(fs, new Path(temporary, ARRAYS), out -> {
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
        verify(fs, target);
        List<Path> all = list(conf, directory);
        for (Path old : all.subList(0, Math.max(0, all.size() - KEPT))) {
            fs.delete(old, true);
        }
    }

    /**
     * Reads the checkpoint that was just written, because older ones may be deleted only if a newer one is complete.
     */
    private static void verify(FileSystem fs, Path path) throws IOException {
        List<String> checksums = checksums(fs, path);
        for (String file : List.of(STATE, ARRAYS)) {
            readChecked(fs, new Path(path, file), checksums, in -> in.transferTo(OutputStream.nullOutputStream()));
        }
    }

    /**
     * Finds the newest complete checkpoint in {@code directory}.
     *
     * <p>Newer checkpoints that are damaged, because a file is missing or does not match its checksum, are renamed to
     * {@code damaged-step-N}, so that they neither count as checkpoints nor are lost.
     *
     * @throws IOException if a checkpoint cannot be read now for another reason; then nothing has been changed
     */
    public static Optional<Loaded> recover(Configuration conf, Path directory) throws IOException {
        List<Path> all = list(conf, directory);
        List<Path> damaged = new ArrayList<>();
        Optional<Loaded> newest = Optional.empty();
        for (int i = all.size() - 1; i >= 0 && newest.isEmpty(); i--) {
            try {
                newest = Optional.of(load(conf, all.get(i)));
            } catch (DamagedException e) {
                LOG.warn(
                        "Checkpoint {} is damaged ({}); {}",
                        all.get(i),
                        e.getMessage(),
                        i > 0 ? "using the one before it" : "there is none before it");
                damaged.add(all.get(i));
            } catch (IOException e) {
                throw new IOException(
                        "Checkpoint %s cannot be read now, and nothing has been changed: %s. Make it readable and try again"
                                .formatted(all.get(i), e.getMessage()),
                        e);
            }
        }
        for (Path path : damaged) {
            setAside(path.getFileSystem(conf), path);
        }
        return newest;
    }

    private static void setAside(FileSystem fs, Path path) throws IOException {
        Path free = new Path(path.getParent(), "damaged-" + path.getName());
        for (int i = 2; fs.exists(free); i++) {
            free = new Path(path.getParent(), "damaged-%s-%s".formatted(path.getName(), i));
        }
        if (!fs.rename(path, free)) {
            throw new IOException("Could not rename the damaged checkpoint %s to %s".formatted(path, free));
        }
        LOG.warn("The damaged checkpoint is kept as {}; delete it if you do not need it", free);
    }

    /** A checkpoint is incomplete, or its files have changed since it was written. */
    private static final class DamagedException extends IOException {
        DamagedException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    private static Loaded load(Configuration conf, Path path) throws IOException {
        FileSystem fs = path.getFileSystem(conf);
        List<String> checksums = checksums(fs, path);
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        readChecked(fs, new Path(path, STATE), checksums, in -> in.transferTo(json));
        Scalars scalars = Json.MAPPER.readValue(json.toByteArray(), Scalars.class);
        TrainingState state = new TrainingState(new float[scalars.parameters()], scalars.moments());
        Double bestLoss = scalars.bestLoss();
        Integer bestEpoch = scalars.bestEpoch();
        boolean hasBest = bestLoss != null && bestEpoch != null;
        float[] bestParameters = new float[hasBest ? scalars.parameters() : 0];
        readChecked(fs, new Path(path, ARRAYS), checksums, in -> {
            readFloats(in, state.parameters());
            for (float[] moment : state.moments()) {
                readFloats(in, moment);
            }
            readFloats(in, bestParameters);
            if (in.read() >= 0) {
                throw new DamagedException(ARRAYS + " is longer than " + STATE + " says", null);
            }
        });
        TrainingState.Best best = bestLoss != null && bestEpoch != null
                ? new TrainingState.Best(bestParameters, bestLoss, bestEpoch)
                : null;
        state.restore(
                scalars.step(), scalars.epochSums(), scalars.stepSeconds(), scalars.times(), best, scalars.finished());
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
                state.epochTimes().seconds(),
                state.epochTimes(),
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

    private interface Reader {
        void from(InputStream in) throws IOException;
    }

    private static List<String> checksums(FileSystem fs, Path path) throws IOException {
        Path file = new Path(path, "checksum");
        if (!fs.exists(file)) {
            throw new DamagedException("it has no checksum: writing it was interrupted", null);
        }
        try (InputStream in = fs.open(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        }
    }

    /** Reads a file of any size and compares its SHA-256 with {@code checksums}. */
    private static void readChecked(FileSystem fs, Path file, List<String> checksums, Reader reader)
            throws IOException {
        MessageDigest digest = sha256();
        try (InputStream in = new DigestInputStream(fs.open(file), digest)) {
            reader.from(in);
        } catch (FileNotFoundException | EOFException | ChecksumException e) {
            throw new DamagedException(String.valueOf(e.getMessage()), e);
        }
        String line = HexFormat.of().formatHex(digest.digest()) + " " + file.getName();
        if (!checksums.contains(line)) {
            throw new DamagedException(file.getName() + " does not match its checksum", null);
        }
    }

    private static void readFloats(InputStream in, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += CHUNK) {
            int n = Math.min(CHUNK, values.length - from);
            if (in.readNBytes(buffer.array(), 0, 4 * n) < 4 * n) {
                throw new EOFException(ARRAYS + " ends too early");
            }
            buffer.clear();
            buffer.asFloatBuffer().get(values, from, n);
        }
    }

    private static void writeFloats(OutputStream out, float[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(4 * CHUNK).order(ByteOrder.LITTLE_ENDIAN);
        for (int from = 0; from < values.length; from += CHUNK) {
            int n = Math.min(CHUNK, values.length - from);
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
