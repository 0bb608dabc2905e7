package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.spark.SparkTests;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * The program as the processes that tests start run it: its classes in a jar, and an archive of loaded classes with which a
 * JVM of Spark is up in about a third of the time.
 *
 * <p>Both are made once for each run of the tests, before there is the jar that Maven builds; Java archives no classes of
 * directories.
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
        static final String CLASS_PATH = makeJar();
        static final boolean ARCHIVED = makeArchive();
    }

    private static String makeJar() {
        try {
            Files.createDirectories(PLACE);
            Path jar = PLACE.resolve("program.jar");
            Path classes = Path.of("target/classes");
            try (OutputStream file = Files.newOutputStream(jar);
                    JarOutputStream out = new JarOutputStream(file);
                    Stream<Path> all = Files.walk(classes)) {
                for (Path part : all.filter(Files::isRegularFile).sorted().toList()) {
                    out.putNextEntry(
                            new JarEntry(classes.relativize(part).toString().replace(File.separatorChar, '/')));
                    Files.copy(part, out);
                    out.closeEntry();
                }
            }
            List<String> path = new ArrayList<>(List.of(jar.toString()));
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                if (entry.endsWith(".jar")) {
                    path.add(entry);
                }
            }
            return String.join(File.pathSeparator, path);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Trains a little, and keeps the classes that this took; returns whether the JVM wrote them. */
    private static boolean makeArchive() {
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
            Files.deleteIfExists(ARCHIVE);
            Path log = directory.resolve("log.txt");
            List<String> command = CliProcess.program(
                    List.of("-XX:ArchiveClassesAtExit=" + ARCHIVE), "local[2]", "train", job.toString());
            int status = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start()
                    .waitFor();
            assertEquals(0, status, Files.readString(log));
            return Files.exists(ARCHIVE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
