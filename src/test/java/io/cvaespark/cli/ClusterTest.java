package io.cvaespark.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.spark.SparkTests;
import io.cvaespark.spark.internal.ForeignClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Training on a real standalone cluster whose executors are killed again and again: the bits of an undisturbed run.
 *
 * <p>When and which executors are killed follows from a seed, which is printed; {@code -Dcvae.cluster.seed=SEED} repeats it
 * as far as the processes' own timing allows.
 */
@Tag("cluster")
@Timeout(
        value = 30,
        unit = TimeUnit.MINUTES) // every kill costs the start of an executor, and a busy machine is slow at it
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterTest {
    private static final long SEED = Long.getLong("cvae.cluster.seed", System.nanoTime());

    private Path directory = Path.of("");
    private Path job = Path.of("");
    private String undisturbed = "";
    private @Nullable LocalCluster plain;

    @BeforeAll
    void trainUndisturbed(@TempDir Path place) throws Exception {
        directory = place;
        System.err.println("ClusterTest kills by seed " + SEED + "; -Dcvae.cluster.seed=" + SEED + " repeats it");
        // The session's JVM generates the data, so that nothing but training is started anew.
        SparkSession spark = SparkTests.session();
        Path data = directory.resolve("strokes.parquet");
        assertEquals(0, Main.run("data", "strokes", data.toString(), "--rows", "2000", "--size", "12"));
        spark.read()
                .parquet(data.toString())
                .withColumn("label", functions.expr("if(slant > 0.2, label, null)"))
                .write()
                .parquet(fewLabels().toString());
        job = directory.resolve("job.yaml");
        Files.writeString(job, """
                input: {train: %s, validation: 0.1}
                targets: [{column: image, likelihood: bernoulli, binarize: dynamic}]
                conditions: [{column: label, type: categorical}, slant, thickness]
                model: {latent: 4, hidden: [48]}
                training: {epochs: 60, batch: 64, shards: 4, optimizer: {clipNorm: 20}, checkpointEvery: {epochs: 50}}
                output: %s
                """.formatted(data, directory.resolve("runs/any")));
        undisturbed = trainHere("undisturbed");
        plain = new LocalCluster(Files.createDirectory(directory.resolve("plain")), 2, Map.of());
    }

    @AfterAll
    void stopTheCluster() throws InterruptedException {
        if (plain != null) {
            plain.close();
        }
    }

    /** The cluster without encryption, which several tests share. */
    private LocalCluster cluster() {
        return Objects.requireNonNull(plain);
    }

    /** The same images, the label null in most of them. */
    private Path fewLabels() {
        return directory.resolve("few.parquet");
    }

    /** The same in this JVM, by two workers. */
    private String trainHere(String name, String... overrides) throws Exception {
        CliCall call = CliCall.cvae(arguments(name, overrides).toArray(String[]::new));
        assertEquals(0, call.status(), call.err());
        return CliProcess.hash(call.out());
    }

    private CliProcess start(String master, Map<String, String> settings, String name, String... overrides)
            throws Exception {
        Path place = Files.createDirectory(directory.resolve(name));
        return CliProcess.start(
                place, master, settings, arguments(name, overrides).toArray(String[]::new));
    }

    private List<String> arguments(String name, String... overrides) {
        List<String> args = new ArrayList<>(
                List.of("train", job.toString(), "--json", "--set", "output=" + directory.resolve("runs/" + name)));
        for (String override : overrides) {
            args.addAll(List.of("--set", override));
        }
        return args;
    }

    @Test
    void anyNumberOfWorkersAndEitherExchangeGiveTheSameBits() throws Exception {
        String[] eightShards = {"training.shards=8", "training.epochs=3"};
        CliProcess eight = start("local[8]", Map.of(), "eight", eightShards);
        CliProcess one = start(
                "local[1]", Map.of(), "one", "training.shards=8", "training.epochs=3", "training.exchange=driver");
        String two = trainHere("two", eightShards);
        assertEquals(two, CliProcess.hash(eight.await()));
        assertEquals(two, CliProcess.hash(one.await()));
    }

    @Test
    void aClusterGivesTheBitsOfOneJvmWhateverIsKilled() throws Exception {
        CliProcess training = start(cluster().url(), cluster().applicationSettings(), "killed");
        killAtRandom(cluster(), training, 5);
        assertEquals(undisturbed, CliProcess.hash(training.await()));
        assertTrue(training.log().contains("begins again"), training.log());
        assertTrue(!training.log().contains("is a local path"), "the executors see the output: " + training.log());
    }

    /** A path that leads each process to a directory of its own, as local paths do on several machines. */
    @Test
    @Tag("slow")
    void anOutputThatExecutorsDoNotSeeIsRefusedInClusterModeAndWarnedAboutElse() throws Exception {
        Path here = Files.createTempDirectory(Path.of("target"), "unseen");
        String output = "output=/proc/self/cwd/" + here + "/run";
        Map<String, String> settings = new HashMap<>(cluster().applicationSettings());
        CliProcess client = start(cluster().url(), settings, "unseen-client", output, "targets=[imagee]");
        assertEquals(1, client.process().waitFor(), client.log());
        assertTrue(client.log().contains("is a local path, but the master is spark://"), client.log());
        assertTrue(client.log().contains("There is no target column 'imagee'"), client.log());
        settings.put("spark.submit.deployMode", "cluster");
        CliProcess inCluster = start(cluster().url(), settings, "unseen-cluster", output);
        assertEquals(1, inCluster.process().waitFor(), inCluster.log());
        assertTrue(inCluster.log().contains("is on the disk of the driver"), inCluster.log());
        assertEquals(0, Files.list(here).count(), "nothing is left");
        Files.delete(here);
    }

    /** Rows of two kinds, each dealt to the shards on its own: those with a label recycle. */
    @Test
    @Tag("slow")
    void semiSupervisedTrainingIsTheSameThereAndHere() throws Exception {
        String[] semiSupervised = {
            "input.train=" + fewLabels(),
            "conditions=[{column: label, type: categorical}]",
            "model.variant=m2",
            "model.labelledShare=0.2",
            "training.epochs=3",
            "training.roundSteps=7"
        };
        CliProcess there = start(cluster().url(), cluster().applicationSettings(), "m2-there", semiSupervised);
        assertEquals(trainHere("m2-here", semiSupervised), CliProcess.hash(there.await()));
    }

    @Test
    @Tag("slow")
    void soDoesAnEncryptedCluster() throws Exception {
        Map<String, String> secured = Map.of(
                "spark.authenticate", "true",
                "spark.authenticate.secret", "a word between friends",
                "spark.network.crypto.enabled", "true",
                "spark.cvae.exchange.port", "27300");
        try (LocalCluster cluster =
                new LocalCluster(Files.createDirectory(directory.resolve("encrypted-cluster")), 2, secured)) {
            CliProcess training = start(cluster.url(), cluster.applicationSettings(), "encrypted");
            awaitLine(training, "epoch 2/");
            boolean refused = false;
            while (!refused) {
                // Between rounds nobody listens.
                refused = ForeignClient.isRefused("127.0.0.1", 27300);
                assertTrue(training.process().isAlive(), training.log());
            }
            killAtRandom(cluster, training, 2);
            assertEquals(undisturbed, CliProcess.hash(training.await()));
        }
    }

    /** Kills an executor {@code kills} times, each time after the training has gone on for a while. */
    private static void killAtRandom(LocalCluster cluster, CliProcess training, int kills) throws Exception {
        Random random = new Random(SEED);
        awaitLine(training, "epoch 2/");
        for (int kill = 0; kill < kills; kill++) {
            long epochs = epochs(training);
            TimeUnit.MILLISECONDS.sleep(random.nextInt(700));
            List<ProcessHandle> executors = cluster.executors();
            assertTrue(!executors.isEmpty(), "no executor is left: " + training.log());
            executors.get(random.nextInt(executors.size())).destroyForcibly();
            while (epochs(training) < epochs + 2) {
                assertTrue(
                        training.process().isAlive(),
                        "training ended before kill %s of %s: %s".formatted(kill + 1, kills, training.log()));
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private static void awaitLine(CliProcess training, String text) throws Exception {
        while (!training.log().contains(text)) {
            assertTrue(training.process().isAlive(), training.log());
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static long epochs(CliProcess training) throws Exception {
        return training.log()
                .lines()
                .filter(l -> l.contains("epoch ") && l.contains("ELBO"))
                .count();
    }

    @Test
    void anExchangeWithoutExecutorsSaysWhatIsMissing() throws Exception {
        Map<String, String> larger = new HashMap<>(cluster().applicationSettings());
        larger.put("spark.executor.memory", "64g"); // than any worker
        larger.put("spark.cvae.slots.timeout", "3s");
        CliProcess training = start(cluster().url(), larger, "nobody");
        AssertionError failed = assertThrows(AssertionError.class, training::await);
        assertTrue(String.valueOf(failed.getMessage()).contains("gave no task slot in 3 s"), failed::getMessage);
    }
}
