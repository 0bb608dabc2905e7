package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.cvaespark.data.Json;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The program in a JVM of its own; what it prints goes to files of a directory. */
final class CliProcess {
    /** For a JVM that lives for seconds: what compiling well costs would not come back. */
    static final String QUICK_START = "-XX:TieredStopAtLevel=1";

    private final Process process;
    private final Path out;
    private final Path err;

    private CliProcess(Process process, Path out, Path err) {
        this.process = process;
        this.out = out;
        this.err = err;
    }

    /** Starts it in {@code directory} under {@code master}, with further Spark settings. */
    static CliProcess start(Path directory, String master, Map<String, String> settings, String... args)
            throws IOException {
        List<String> options = new ArrayList<>(TestProgram.options());
        settings.forEach((key, value) -> options.add("-D" + key + "=" + value));
        List<String> command = program(TestProgram.classPath(), options, master, args);
        Path out = directory.resolve("stdout.txt");
        Path err = directory.resolve("stderr.txt");
        Process process = new ProcessBuilder(command)
                .redirectError(err.toFile())
                .redirectOutput(out.toFile())
                .start();
        return new CliProcess(process, out, err);
    }

    /** Logs as the tests do: their configuration is in no jar. */
    static String logging() {
        return "-Dlog4j2.configurationFile="
                + Path.of("src/test/resources/log4j2-test.properties").toAbsolutePath();
    }

    /** The command that runs the program under {@code master} in a JVM with further options. */
    static List<String> program(String classPath, List<String> options, String master, String... args) {
        List<String> command = new ArrayList<>(java("-Xmx1g", QUICK_START));
        command.addAll(options);
        command.add(logging());
        command.add("-Dspark.master=" + master);
        command.add("-Dspark.ui.enabled=false");
        command.add("-Dspark.driver.host=127.0.0.1");
        command.add("-Dspark.driver.bindAddress=127.0.0.1");
        command.addAll(List.of("-cp", classPath, "io.cvaespark.cli.Main"));
        command.addAll(List.of(args));
        return command;
    }

    /** Runs it to its end, which must be a good one; returns what it printed to standard output. */
    static String run(Path directory, String master, Map<String, String> settings, String... args) throws Exception {
        return start(directory, master, settings, args).await();
    }

    /** A java command with the module flags that Spark needs, which are those of this JVM. */
    static List<String> java(String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(a -> a.startsWith("--add-"))
                .forEach(command::add);
        command.addAll(List.of(options));
        return command;
    }

    Process process() {
        return process;
    }

    String await() throws Exception {
        int status = process.waitFor();
        assertEquals(0, status, log());
        return Files.readString(out);
    }

    /** What it has printed to standard error. */
    String log() throws IOException {
        return Files.readString(err);
    }

    /** The hash in the JSON object that ends {@code out}. */
    static String hash(String out) throws IOException {
        List<String> lines = out.lines().toList();
        return Json.MAPPER
                .readTree(lines.get(lines.size() - 1))
                .get("parameters_sha256")
                .asText();
    }
}
