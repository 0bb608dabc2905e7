package io.cvaespark.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.train.TrainingState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose numbers take more bytes than an array can hold. */
@Tag("large")
class LargeStateTest {
    private static final long BYTES = 1L << 31;

    /** Two arrays of 270 million floats: parameters and one moment. */
    @Test
    void aCheckpointOfMoreThanTwoGibibytesComesBack(@TempDir Path folder) throws Exception {
        int parameters = (int) (BYTES / 8) + 1_000_001;
        Configuration conf = new Configuration();
        org.apache.hadoop.fs.Path directory = new org.apache.hadoop.fs.Path(folder.toUri());
        save(conf, directory, parameters);
        Path arrays = folder.resolve("step-000000000000/arrays.bin");
        assertEquals(8L * parameters, Files.size(arrays));
        assertTrue(Files.size(arrays) > BYTES);
        TrainingState back =
                CheckpointStore.recover(conf, directory).orElseThrow().state();
        assertEquals(1f, back.parameters()[0]);
        assertEquals(2f, back.parameters()[parameters - 1]);
        assertEquals(3f, back.moments()[0][0]);
        assertEquals(4f, back.moments()[0][parameters - 1]);
    }

    /** In a method of its own, so that the state is gone before the checkpoint is read. */
    private static void save(Configuration conf, org.apache.hadoop.fs.Path directory, int parameters) throws Exception {
        TrainingState state = new TrainingState(new float[parameters], 1);
        state.parameters()[0] = 1;
        state.parameters()[parameters - 1] = 2;
        state.moments()[0][0] = 3;
        state.moments()[0][parameters - 1] = 4;
        new CheckpointStore(conf, directory, new CheckpointStore.Identity("{}", "{}", "none")).save(state);
    }

    @Test
    void theHashIsThatOfAllBytes() throws Exception {
        int parameters = (int) (BYTES / 4) + 1_001;
        MessageDigest zeros = MessageDigest.getInstance("SHA-256");
        byte[] part = new byte[4 * 1_001];
        for (long done = 0; done < 4L * parameters; ) {
            int n = (int) Math.min(part.length, 4L * parameters - done);
            zeros.update(part, 0, n);
            done += n;
        }
        assertEquals(HexFormat.of().formatHex(zeros.digest()), ParameterHash.of(new float[parameters]));
    }
}
