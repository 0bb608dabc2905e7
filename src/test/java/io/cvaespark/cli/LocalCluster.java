package io.cvaespark.cli;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * A standalone Spark cluster of real processes on 127.0.0.1, from the jars of the embedded Spark: a master and workers of one
 * core each.
 */
final class LocalCluster implements AutoCloseable {
    private final Path directory;
    private final Map<String, String> settings;
    private final int port;
    private final List<Process> workers = new ArrayList<>();
    private final Process master;

    /** @param settings of Spark, for the cluster's own processes and for the applications it runs */
    LocalCluster(Path directory, int cores, Map<String, String> settings) throws Exception {
        this.directory = directory;
        this.settings = settings;
        this.port = freePort();
        master = start("master", "org.apache.spark.deploy.master.Master", "--port", String.valueOf(port));
        awaitLog("master", "New state: ALIVE");
        for (int i = 0; i < cores; i++) {
            workers.add(start(
                    "worker-" + i,
                    "org.apache.spark.deploy.worker.Worker",
                    "--cores",
                    "1",
                    "--memory",
                    "1g",
                    "--work-dir",
                    directory.resolve("work-" + i).toString(),
                    url()));
        }
        for (int i = 0; i < cores; i++) {
            awaitLog("worker-" + i, "Successfully registered with master");
        }
    }

    String url() {
        return "spark://127.0.0.1:" + port;
    }

    /** What an application needs to run here. */
    Map<String, String> applicationSettings() {
        Map<String, String> all = new HashMap<>(settings);
        all.put("spark.executor.memory", "700m");
        // The program's classes; Spark's own come with the worker.
        all.put("spark.executor.extraClassPath", TestProgram.classPath());
        List<String> options = new ArrayList<>(TestProgram.options());
        options.add(CliProcess.logging());
        all.put("spark.executor.extraJavaOptions", oneText(options));
        all.put("spark.cores.max", String.valueOf(workers.size()));
        return all;
    }

    /** Options of a JVM as Spark's settings take them. */
    static String oneText(List<String> options) {
        return options.stream().map(option -> '"' + option + '"').collect(Collectors.joining(" "));
    }

    /** Executors that run now. */
    List<ProcessHandle> executors() {
        return workers.stream()
                .flatMap(w -> w.toHandle().descendants())
                .filter(ProcessHandle::isAlive)
                .toList();
    }

    private Process start(String name, String type, String... args) throws IOException {
        List<String> command = new ArrayList<>(CliProcess.java("-Xmx256m", CliProcess.QUICK_START));
        command.addAll(TestProgram.options());
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.add("-Dspark.master.ui.port=0");
        // It has no authentication, and the master refuses to start with both.
        command.add("-Dspark.master.rest.enabled=false");
        command.add("-Dspark.worker.ui.port=0");
        command.addAll(List.of("-cp", TestProgram.classPath(), type, "--host", "127.0.0.1"));
        command.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.redirectOutput(directory.resolve(name + ".log").toFile());
        builder.environment()
                .put("SPARK_HOME", Path.of("target/spark").toAbsolutePath().toString());
        builder.environment().put("SPARK_SCALA_VERSION", "2.13");
        builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
        builder.environment().put("SPARK_LOCAL_DIRS", directory.resolve("local").toString());
        return builder.start();
    }

    private void awaitLog(String name, String line) throws Exception {
        Path log = directory.resolve(name + ".log");
        for (int i = 0; i < 600; i++) {
            if (Files.exists(log) && Files.readString(log).contains(line)) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
        throw new IllegalStateException(name + " did not start: " + Files.readString(log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws InterruptedException {
        List<ProcessHandle> executors = executors();
        for (Process worker : workers) {
            worker.destroyForcibly().waitFor();
        }
        executors.forEach(ProcessHandle::destroyForcibly);
        master.destroyForcibly().waitFor();
    }
}
