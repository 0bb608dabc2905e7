package io.cvaespark.cli;

import static io.cvaespark.cli.CliCall.cvae;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.spark.Cvae;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.store.RunLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A second training into one output is refused, and changes nothing there; the lock of the first goes with it. */
class SecondTrainingTest {
    private static Path directory = Path.of("");

    @BeforeAll
    static void train(@TempDir Path folder) throws IOException {
        directory = folder;
        StrokesRun.train(directory);
    }

    private static CliCall train(String... options) {
        List<String> all = new java.util.ArrayList<>(List.of("train", job()));
        all.addAll(List.of(options));
        return cvae(all.toArray(String[]::new));
    }

    private static String job() {
        return directory.resolve("job.yaml").toString();
    }

    private static RunLock someoneElse(Path output) throws IOException {
        return RunLock.take(new Configuration(), new org.apache.hadoop.fs.Path(output.toUri()), "app-7", null);
    }

    @Test
    void itIsRefusedWhateverItsOptions() throws IOException {
        Path run = directory.resolve("run");
        for (String option : List.of("--overwrite", "--resume", "--json")) {
            List<String> before = OverwriteTest.contents(run);
            try (RunLock other = someoneElse(run)) {
                CliCall refused = train(option);
                assertEquals(1, refused.status());
                assertTrue(refused.err().contains("Another training writes to " + run), refused.err());
                assertTrue(refused.err().contains("application app-7"), refused.err());
                other.requireHeld();
            }
            assertEquals(before, OverwriteTest.contents(run), option);
        }
        assertEquals(0, train("--resume").status());
        assertEquals(0, train("--overwrite").status());
        assertFalse(Files.exists(run.resolve(".lock")), "released at the end");
        assertFalse(Files.exists(run.resolve(".previous")));
    }

    @Test
    void theLockIsReleasedOnFailure() throws IOException {
        Path fresh = directory.resolve("fresh");
        CliCall typo = train("--set", "output=" + fresh, "--set", "targets=[imagee]");
        assertEquals(1, typo.status());
        assertFalse(Files.exists(fresh), "nothing was trained, so nothing is left");
        CliCall diverged = train("--set", "output=" + fresh, "--set", "training.optimizer.learningRate=1e30");
        assertEquals(1, diverged.status());
        assertFalse(Files.exists(fresh.resolve(".lock")));
        assertEquals(
                0, train("--set", "output=" + fresh, "--overwrite").status(), "the run that failed can be replaced");
    }

    /** Of a training by the API, it is the directory of checkpoints that two must not write to. */
    @Test
    void soIsASecondFitIntoOneDirectoryOfCheckpoints() throws IOException {
        Dataset<Row> table = SparkTests.session()
                .read()
                .parquet(directory.resolve("strokes.parquet").toString());
        Path checkpoints = directory.resolve("checkpoints");
        Cvae cvae = Cvae.fromJob(job()).setMaxIter(1).setCheckpointDir(checkpoints.toString());
        try (RunLock other = someoneElse(checkpoints)) {
            ExpectedError.of(IllegalStateException.class, () -> cvae.fit(table), "Another training writes to");
            other.requireHeld();
        }
        assertEquals(cvae, cvae.fit(table).parent());
        assertFalse(Files.exists(checkpoints.resolve(".lock")));
    }
}
