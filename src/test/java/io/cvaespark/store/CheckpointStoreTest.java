package io.cvaespark.store;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.model.LossSums;
import io.cvaespark.train.HistoryRow;
import io.cvaespark.train.StepTimes;
import io.cvaespark.train.TrainingState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints are complete or absent, and come back to the bit. */
class CheckpointStoreTest {
    private static final CheckpointStore.Identity IDENTITY =
            new CheckpointStore.Identity("{\"batch\": 4}", "{\"targets\": []}", "fingerprint");
    private static final int P = 1000;

    /** Hadoop's own checksums are off, so that ours are tested. */
    private final Configuration conf = new Configuration(false);

    private final Path folder;

    CheckpointStoreTest(@TempDir Path folder) {
        this.folder = folder;
        conf.setClass("fs.file.impl", RawLocalFileSystem.class, org.apache.hadoop.fs.FileSystem.class);
        conf.setBoolean("fs.file.impl.disable.cache", true);
    }

    private CheckpointStore store() {
        return new CheckpointStore(conf, new org.apache.hadoop.fs.Path(folder.toUri()), IDENTITY);
    }

    private CheckpointStore.@Nullable Loaded latest() throws IOException {
        return CheckpointStore.recover(conf, new org.apache.hadoop.fs.Path(folder.toUri()))
                .orElse(null);
    }

    private CheckpointStore.Loaded existing() throws IOException {
        return Objects.requireNonNull(latest());
    }

    private static TrainingState state(long step, boolean validated) {
        TrainingState state = new TrainingState(normals(step, P), 2);
        System.arraycopy(normals(step + 100, P), 0, state.moments()[0], 0, P);
        System.arraycopy(normals(step + 200, P), 0, state.moments()[1], 0, P);
        state.parameters()[0] = Float.MIN_VALUE;
        state.parameters()[1] = -0f;
        TrainingState.Best best = validated ? new TrainingState.Best(normals(step + 300, P), 0.1 + 0.2, 3) : null;
        state.restore(
                step,
                new LossSums(7, 6.5, 1.0 / 3, Math.PI, 1e-300),
                12.345678901234567,
                new StepTimes(3, 0.1, 0.07, 0.01),
                best,
                validated);
        state.history()
                .add(new HistoryRow(
                        1,
                        step,
                        HistoryRow.TRAIN,
                        1.0 / 3,
                        -2.5,
                        2,
                        0.5,
                        1e-3,
                        0.7,
                        12345.678,
                        9.87,
                        2,
                        5.5,
                        1.25,
                        0.1));
        return state;
    }

    private static void assertSame(TrainingState expected, TrainingState actual) {
        assertSameBits(expected.parameters(), actual.parameters(), "parameters");
        assertEquals(expected.moments().length, actual.moments().length);
        for (int m = 0; m < expected.moments().length; m++) {
            assertSameBits(expected.moments()[m], actual.moments()[m], "moment " + m);
        }
        assertEquals(expected.step(), actual.step());
        assertEquals(expected.epochSums(), actual.epochSums());
        assertEquals(expected.stepSeconds(), actual.stepSeconds());
        assertEquals(expected.epochTimes(), actual.epochTimes());
        assertEquals(expected.finished(), actual.finished());
        assertEquals(expected.history(), actual.history());
        TrainingState.Best best = expected.best();
        TrainingState.Best loaded = actual.best();
        if (best == null) {
            assertNull(loaded);
            return;
        }
        TrainingState.Best found = Objects.requireNonNull(loaded);
        assertEquals(best.loss(), found.loss());
        assertEquals(best.epoch(), found.epoch());
        assertSameBits(best.parameters(), found.parameters(), "best parameters");
    }

    @Test
    void everythingComesBackToTheBit() throws IOException {
        for (boolean validated : new boolean[] {false, true}) {
            TrainingState state = state(validated ? 9 : 8, validated);
            store().save(state);
            CheckpointStore.Loaded loaded = existing();
            assertEquals(IDENTITY, loaded.identity());
            assertSame(state, loaded.state());
        }
    }

    @Test
    void theLastTwoAreKept() throws IOException {
        for (long step : new long[] {5, 90, 100, 1000}) {
            store().save(state(step, false));
        }
        assertEquals(List.of("step-000000000100", "step-000000001000"), names());
        assertEquals(1000, existing().state().step());
    }

    @Test
    void savingAStepAgainReplacesIt() throws IOException {
        store().save(state(5, false));
        TrainingState again = state(5, true);
        store().save(again);
        assertSame(again, existing().state());
        assertEquals(1, names().size());
    }

    @Test
    void whereThereIsNoneNoneIsFound() throws IOException {
        assertNull(latest());
        Files.delete(folder);
        assertNull(latest());
    }

    /** Ways in which the newest checkpoint can be lost. */
    enum Damage {
        NO_CHECKSUM {
            @Override
            void to(Path checkpoint) throws IOException {
                Files.delete(checkpoint.resolve("checksum"));
            }
        },
        EMPTY_CHECKSUM {
            @Override
            void to(Path checkpoint) throws IOException {
                Files.write(checkpoint.resolve("checksum"), new byte[0]);
            }
        },
        FLIPPED_BIT_IN_THE_ARRAYS {
            @Override
            void to(Path checkpoint) throws IOException {
                flip(checkpoint.resolve("arrays.bin"), 4 * P + 17);
            }
        },
        FLIPPED_BIT_IN_THE_STATE {
            @Override
            void to(Path checkpoint) throws IOException {
                flip(checkpoint.resolve("state.json"), 20);
            }
        },
        TRUNCATED_ARRAYS {
            @Override
            void to(Path checkpoint) throws IOException {
                Path file = checkpoint.resolve("arrays.bin");
                byte[] bytes = Files.readAllBytes(file);
                Files.write(file, Arrays.copyOf(bytes, bytes.length - 1));
            }
        },
        NO_ARRAYS {
            @Override
            void to(Path checkpoint) throws IOException {
                Files.delete(checkpoint.resolve("arrays.bin"));
            }
        },
        NOT_RENAMED {
            @Override
            void to(Path checkpoint) throws IOException {
                Files.move(checkpoint, checkpoint.resolveSibling(".writing-" + checkpoint.getFileName()));
            }
        };

        abstract void to(Path checkpoint) throws IOException;

        static void flip(Path file, int at) throws IOException {
            byte[] bytes = Files.readAllBytes(file);
            bytes[at] ^= 1;
            Files.write(file, bytes);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aDamagedCheckpointGivesWayToTheOneBefore(Damage damage) throws IOException {
        TrainingState before = state(5, true);
        store().save(before);
        store().save(state(6, true));
        assertEquals(6, existing().state().step());
        damage.to(folder.resolve("step-000000000006"));
        assertSame(before, existing().state());
        damage.to(folder.resolve("step-000000000005"));
        assertNull(latest());
        TrainingState after = state(6, false);
        store().save(after);
        assertSame(after, existing().state());
        assertTrue(names().stream().noneMatch(n -> n.equals(".writing-step-000000000006")), "left aside");
    }

    /** A store that cannot be read now is no reason to begin anew: nothing is renamed, deleted or written. */
    @ParameterizedTest
    @ValueSource(strings = {"step-000000000006/checksum", "step-000000000006/arrays.bin"})
    void aCheckpointThatCannotBeReadNowEndsTheCommand(String refused) throws IOException {
        store().save(state(5, true));
        store().save(state(6, true));
        List<String> before = names();
        RefusingFileSystem.refuse(conf, refused);
        ExpectedError.of(
                IOException.class,
                () -> CheckpointStore.recover(conf, RefusingFileSystem.path(folder)),
                "step-000000000006 cannot be read now",
                "nothing has been changed",
                "permission");
        assertEquals(before, names());
        assertEquals(6, existing().state().step());
    }

    /** A damaged checkpoint of a higher step does not win against those of a run that began anew. */
    @Test
    void damagedCheckpointsAreSetAsideAndNeitherCountNorAreLost() throws IOException {
        store().save(state(100, false));
        Damage.TRUNCATED_ARRAYS.to(folder.resolve("step-000000000100"));
        assertNull(latest());
        for (long step : new long[] {3, 6, 9}) {
            store().save(state(step, false));
        }
        assertEquals(List.of("damaged-step-000000000100", "step-000000000006", "step-000000000009"), names());
        assertEquals(9, existing().state().step());
        store().save(state(100, false));
        Damage.NO_ARRAYS.to(folder.resolve("step-000000000100"));
        assertEquals(9, existing().state().step());
        assertTrue(names().contains("damaged-step-000000000100-2"), names().toString());
    }

    /** Files are read and written in pieces: no array has to hold them whole. */
    @Test
    void arraysOfManyPiecesComeBack() throws IOException {
        int parameters = (1 << 17) + 3;
        TrainingState large = new TrainingState(normals(1, parameters), 1);
        System.arraycopy(normals(2, parameters), 0, large.moments()[0], 0, parameters);
        store().save(large);
        assertSame(large, existing().state());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }
}
