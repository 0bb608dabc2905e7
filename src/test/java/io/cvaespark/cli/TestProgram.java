package io.cvaespark.cli;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.spark.SparkTests;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The program as the processes that tests start run it: its classes in a jar, and an archive of loaded classes with which a
 * JVM of Spark is up in about a third of the time.
 *
 * <p>Both are made before there is the jar that Maven builds, since Java archives no classes of directories, and are kept for
 * the next run of the tests while the program, its libraries and the JVM stay the same.
 */
final class TestProgram {
    private static final Path PLACE = Path.of("target/test-program").toAbsolutePath();
    private static final Path ARCHIVE = PLACE.resolve("classes.jsa");

    private TestProgram() {}

    /** The program's jar and the jars that it needs. */
    static String classPath() {
        return Holder.CLASS_PATH;
    }

    /** Options of a JVM whose class path begins with {@link #classPath()}; the archive is left where it does not fit. */
    static List<String> options() {
        // What the JVM says of the archive would go to standard output, which belongs to the program.
        return Holder.ARCHIVED
                ? List.of("-XX:SharedArchiveFile=" + ARCHIVE, "-Xlog:disable", "-Xlog:all=error:stderr")
                : List.of();
    }

    private static final class Holder {
        static final String CLASS_PATH = make();
        static final boolean ARCHIVED = Files.exists(ARCHIVE);
    }

    /** Makes jar and archive, unless they are there; returns the class path. */
    private static String make() {
        Path jar = PLACE.resolve("program.jar");
        Path madeFor = PLACE.resolve("made-for.txt");
        String classPath = Stream.concat(
                        Stream.of(jar.toString()),
                        Stream.of(System.getProperty("java.class.path").split(File.pathSeparator, -1))
                                .filter(entry -> entry.endsWith(".jar")))
                .collect(Collectors.joining(File.pathSeparator));
        try {
            Files.createDirectories(PLACE);
            byte[] program = jarOf(Path.of("target/classes"));
            String state = "%s\n%s\n%s\n"
                    .formatted(
                            System.getProperty("java.vm.version"),
                            classPath,
                            HexFormat.of()
                                    .formatHex(
                                            MessageDigest.getInstance("SHA-256").digest(program)));
            // Surefire runs test classes in two JVMs at a time.
            try (FileChannel lock = FileChannel.open(PLACE.resolve("lock"), CREATE, WRITE);
                    FileLock held = lock.lock()) {
                if (!Files.exists(madeFor) || !Files.readString(madeFor).equals(state)) {
                    Files.deleteIfExists(ARCHIVE);
                    Files.write(jar, program);
                    makeArchive(classPath);
                    Files.writeString(madeFor, state);
                }
            }
            return classPath;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A jar of the files below a folder, the same bytes for the same files. */
    private static byte[] jarOf(Path folder) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(bytes);
                Stream<Path> all = Files.walk(folder)) {
            for (Path part : all.filter(Files::isRegularFile).sorted().toList()) {
                JarEntry entry = new JarEntry(folder.relativize(part).toString().replace(File.separatorChar, '/'));
                entry.setTime(0);
                out.putNextEntry(entry);
                Files.copy(part, out);
                out.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** Trains a little, and keeps the classes that this took, where the JVM can. */
    private static void makeArchive(String classPath) {
        try {
            SparkTests.session();
            Path directory = Files.createTempDirectory(PLACE, "archived");
            Path data = directory.resolve("strokes.parquet");
            InProcess.cvae("data", "strokes", data.toString(), "--rows", "60", "--size", "8");
            Path job = directory.resolve("job.yaml");
            Files.writeString(job, """
                    input: {train: %s, validation: 0.2}
                    targets: [{column: image, likelihood: bernoulli}]
                    conditions: [{column: label, type: categorical}, slant]
                    model: {latent: 2, hidden: [4]}
                    training: {epochs: 2, batch: 20, shards: 2}
                    output: %s
                    """.formatted(data, directory.resolve("run")));
            Path log = directory.resolve("log.txt");
            List<String> command = CliProcess.program(
                    classPath, List.of("-XX:ArchiveClassesAtExit=" + ARCHIVE), "local[2]", "train", job.toString());
            int status = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            assertEquals(0, status, Files.readString(log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
