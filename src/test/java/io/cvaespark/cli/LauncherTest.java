package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.cvaespark.spark.SparkTests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The scripts of submit/: what shellcheck says of them, the calls they print, and a cluster on this machine. */
class LauncherTest {
    @TempDir
    private static Path directory = Path.of("");

    private record Call(int status, String out, String err) {
        /** The words of a printed call, one option with its value each. */
        List<String> options() {
            return out.lines().map(l -> l.replaceFirst(" \\\\$", "").strip()).toList();
        }
    }

    private static Call run(Map<String, String> environment, String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command);
        // The caller's own set-up would change what is printed, or which Spark runs.
        builder.environment().keySet().removeIf(k -> k.matches("(SPARK|CVAE|HADOOP|YARN)_.*|MASTER"));
        builder.environment().putAll(environment);
        Path out = Files.createTempFile(directory, "out", ".txt");
        Path err = Files.createTempFile(directory, "err", ".txt");
        int status = builder.redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start()
                .waitFor();
        return new Call(status, Files.readString(out), Files.readString(err));
    }

    @Test
    void shellcheckFindsNothing() throws Exception {
        boolean there = Stream.of(System.getenv("PATH").split(":", -1))
                .anyMatch(p -> Files.isExecutable(Path.of(p, "shellcheck")));
        assumeTrue(
                there, "shellcheck is not installed (Debian: apt-get install shellcheck): the scripts are not checked");
        List<String> command = new ArrayList<>(List.of("shellcheck", "-x", ".ci/run"));
        try (Stream<Path> scripts = Files.list(Path.of("submit"))) {
            scripts.map(Path::toString).sorted().forEach(command::add);
        }
        Call call = run(Map.of(), command.toArray(String[]::new));
        assertEquals(0, call.status(), call.out() + call.err());
    }

    @Test
    void standalonePrintsItsCall() throws Exception {
        Call call = run(
                Map.of(),
                "submit/standalone",
                "--dry-run",
                "--master",
                "spark://h:7077",
                "--total-executor-cores",
                "4",
                "--",
                "train",
                "a job.yaml",
                "--resume");
        assertEquals(0, call.status(), call.err());
        assertPrints(
                call,
                "--class io.cvaespark.cli.Main",
                "--master spark://h:7077",
                "--total-executor-cores 4",
                "--conf spark.task.cpus=1",
                "--conf spark.dynamicAllocation.enabled=false");
        assertTrue(call.out().contains(".jar train a\\ job.yaml"), call.out());
        assertTrue(call.out().endsWith("--resume\n"), call.out());
    }

    @Test
    void standaloneWithoutAMasterIsMisused() throws Exception {
        Call call =
                run(Map.of("CVAE_LOCAL_CLUSTER", directory.resolve("none").toString()), "submit/standalone", "train");
        assertEquals(2, call.status(), call.out());
        assertTrue(call.err().contains("expected --master spark://HOST:7077"), call.err());
    }

    @Test
    void yarnPrintsItsCall() throws Exception {
        Call call = run(
                Map.of("SPARK_HOME", "/opt/spark"),
                "submit/yarn",
                "--dry-run",
                "--num-executors",
                "4",
                "--conf",
                "spark.executor.memoryOverheadFactor=0.4",
                "--",
                "train",
                "hdfs:///job.yaml");
        assertEquals(0, call.status(), call.err());
        assertPrints(
                call,
                "--conf spark.master=yarn",
                "--num-executors 4",
                "--conf spark.executorEnv.OPENBLAS_NUM_THREADS=1",
                "--conf spark.dynamicAllocation.enabled=false");
        assertTrue(call.out().startsWith("/opt/spark/bin/spark-submit "), call.out());
        // Of two values Spark takes the last.
        List<String> options = call.options();
        assertTrue(
                options.indexOf("--conf spark.executor.memoryOverheadFactor=0.4")
                        > options.indexOf("--conf spark.executor.memoryOverheadFactor=0.25"),
                call.out());
    }

    @Test
    void yarnNeedsAnInstallation() throws Exception {
        Call call = run(Map.of(), "submit/yarn", "train", "job.yaml");
        assertEquals(1, call.status(), call.out());
        assertTrue(call.err().contains("expected SPARK_HOME"), call.err());
    }

    @Test
    void kubernetesPrintsItsCall() throws Exception {
        String image = "spark.kubernetes.container.image=registry/cvae-spark:1";
        Call call = run(
                Map.of(),
                "submit/kubernetes",
                "--dry-run",
                "--master",
                "k8s://https://h:6443",
                "--conf",
                image,
                "--",
                "train",
                "s3a://bucket/job.yaml");
        assertEquals(0, call.status(), call.err());
        String template =
                Path.of("conf/kubernetes/pod-template.yaml").toAbsolutePath().toString();
        assertPrints(
                call,
                "--deploy-mode cluster",
                "--master k8s://https://h:6443",
                "--conf " + image,
                "--conf spark.kubernetes.driver.podTemplateFile=" + template,
                "--conf spark.kubernetes.executor.podTemplateFile=" + template,
                "local:///opt/cvae-spark/cvae-spark.jar train s3a://bucket/job.yaml");
    }

    @Test
    void kubernetesWithoutAnImageIsMisused() throws Exception {
        Call call = run(Map.of(), "submit/kubernetes", "--dry-run", "--master", "k8s://https://h", "--", "train", "j");
        assertEquals(2, call.status(), call.out());
        assertTrue(call.err().contains("expected --conf spark.kubernetes.container.image=IMAGE"), call.err());
    }

    /** The jar's place in the image and the local directory's volume are named in two files each. */
    @Test
    void whatKubernetesIsGivenFitsTogether() throws Exception {
        String launcher = Files.readString(Path.of("submit/kubernetes"));
        String image = Files.readString(Path.of("conf/kubernetes/Dockerfile"));
        assertTrue(launcher.contains("local:///opt/cvae-spark/cvae-spark.jar"));
        assertTrue(image.contains("COPY target/cvae-spark-*.jar /opt/cvae-spark/cvae-spark.jar"));
        Map<?, ?> pod = (Map<?, ?>) new Load(LoadSettings.builder().build())
                .loadFromString(Files.readString(Path.of("conf/kubernetes/pod-template.yaml")));
        assertEquals("Pod", pod.get("kind"));
        String text = String.valueOf(pod.get("spec"));
        assertEquals(2, text.split("name=spark-local-dir-1", -1).length - 1, text);
    }

    @Test
    void localClusterWantsStartOrStop() throws Exception {
        for (List<String> words :
                List.of(List.<String>of(), List.of("begin"), List.of("start", "0"), List.of("start", "2", "x"))) {
            List<String> command = new ArrayList<>(List.of("submit/local-cluster"));
            command.addAll(words);
            Call call = run(
                    Map.of("CVAE_LOCAL_CLUSTER", directory.resolve("unused").toString()),
                    command.toArray(String[]::new));
            assertEquals(2, call.status(), words + call.err());
        }
    }

    @Test
    @Tag("slow")
    @Tag("cluster")
    void standaloneTrainsOnALocalClusterToTheSameBits() throws Exception {
        SparkTests.session();
        String data = directory.resolve("strokes.parquet").toString();
        assertEquals(0, Main.run("data", "strokes", data, "--rows", "400", "--size", "10"));
        String job = directory.resolve("job.yaml").toString();
        Files.writeString(Path.of(job), """
                input: {train: %s}
                targets: [{column: image, likelihood: bernoulli}]
                conditions: [{column: label, type: categorical}]
                model: {latent: 3, hidden: [24]}
                training: {epochs: 2, batch: 64, shards: 2}
                output: %s
                """.formatted(data, directory.resolve("here")));
        String here = captured("train", job, "--json");

        Path cluster = directory.resolve("cluster");
        // Tests run before there is a program jar: an empty one, and the classes beside it.
        Path jar = directory.resolve("empty.jar");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, new Manifest()).close();
        }
        String classes = TestProgram.classPath();
        String options = LocalCluster.oneText(TestProgram.options());
        Map<String, String> environment = Map.of("CVAE_LOCAL_CLUSTER", cluster.toString(), "CVAE_JAR", jar.toString());
        List<ProcessHandle> processes;
        try {
            Call start = run(environment, "submit/local-cluster", "start", "2", "1");
            assertEquals(0, start.status(), start.err());
            assertTrue(start.out().matches("spark://127\\.0\\.0\\.1:\\d+\n"), start.out());
            processes = processes(cluster);
            assertEquals(3, processes.size());
            Call train = run(
                    environment,
                    "submit/standalone",
                    "--driver-class-path",
                    classes,
                    "--conf",
                    "spark.executor.extraClassPath=" + classes,
                    "--conf",
                    "spark.executor.extraJavaOptions=" + options,
                    "--driver-java-options",
                    options,
                    "--conf",
                    "spark.ui.enabled=false",
                    "--total-executor-cores",
                    "2",
                    "--executor-memory",
                    "700m",
                    "--driver-memory",
                    "700m",
                    "--",
                    "train",
                    job,
                    "--json",
                    "--set",
                    "output=" + directory.resolve("there"));
            assertEquals(0, train.status(), train.err());
            assertTrue(train.err().contains("2 shards on 2 workers"), train.err());
            assertEquals(CliProcess.hash(here), CliProcess.hash(train.out()));
        } finally {
            Call stop = run(environment, "submit/local-cluster", "stop");
            assertEquals(0, stop.status(), stop.err());
        }
        for (ProcessHandle process : processes) {
            assertFalse(process.isAlive(), () -> "still there: " + process.info());
        }
    }

    private static List<ProcessHandle> processes(Path cluster) throws IOException {
        return Files.readAllLines(cluster.resolve("pids")).stream()
                .map(l -> Long.valueOf(l.split(" ", -1)[0]))
                .flatMap(pid -> ProcessHandle.of(pid).stream())
                .toList();
    }

    private static String captured(String... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream real = System.out;
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        try {
            assertEquals(0, Main.run(args));
        } finally {
            System.setOut(real);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    private static void assertPrints(Call call, String... options) {
        for (String option : options) {
            assertTrue(call.options().contains(option), () -> "no " + option + " in:\n" + call.out());
        }
    }
}
