package io.cvaespark.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Rows to shards and to steps, over sizes that divide each other and sizes that do not. */
class DealingTest {

    static Stream<Dealing> dealings() {
        List<Dealing> all = new ArrayList<>();
        for (long rows : new long[] {1, 3, 7, 64, 100, 1001}) {
            for (int shards : new int[] {1, 2, 4, 8, 128}) {
                for (int batch : new int[] {1, 3, 5, 64, 100, 5000}) {
                    all.add(new Dealing(rows, shards, batch));
                }
            }
        }
        return all.stream();
    }

    @ParameterizedTest
    @MethodSource("dealings")
    void shardsCoverTheRowsAndDifferByAtMostOne(Dealing dealing) {
        long start = 0;
        for (int s = 0; s < dealing.shards(); s++) {
            assertEquals(start, dealing.shardStart(s), "start of shard " + s);
            long rows = dealing.shardRows(s);
            long small = dealing.rows() / dealing.shards();
            assertTrue(rows == small || rows == small + 1, "shard " + s);
            for (long position = start; position < start + rows; position++) {
                assertEquals(s, dealing.shardOf(position), "shard of row " + position);
            }
            start += rows;
        }
        assertEquals(dealing.rows(), start);
    }

    @Test
    void rowsOfTheSecondKindFollowAndAreDealtByTheSameRule() {
        Dealing dealing = new Dealing(13, 4, 5, 11, 2);
        long start = 13;
        for (int s = 0; s < 4; s++) {
            assertEquals(start, dealing.recycledShardStart(s), "start of shard " + s);
            for (long place = start; place < start + dealing.recycledShardRows(s); place++) {
                assertEquals(s, dealing.shardOf(place), "shard of row " + place);
            }
            start += dealing.recycledShardRows(s);
        }
        assertEquals(24, start);
        assertEquals(13, dealing.shardStart(4));
        assertEquals(24, dealing.recycledShardStart(4));
    }

    @ParameterizedTest
    @MethodSource("dealings")
    void everyStepHasItsRowsAndEveryRowIsUsedOnceAnEpoch(Dealing dealing) {
        int steps = dealing.stepsPerEpoch();
        long total = 0;
        for (int step = 0; step < steps; step++) {
            long rows = 0;
            for (int s = 0; s < dealing.shards(); s++) {
                long part = dealing.stepStart(s, step + 1) - dealing.stepStart(s, step);
                assertTrue(part >= 0 && part <= dealing.maxShardRows(), "shard " + s + ", step " + step);
                rows += part;
            }
            assertEquals(dealing.stepRows(step), rows, "step " + step);
            int expected = step < steps - 1 ? dealing.batch() : (int) (dealing.rows() - total);
            assertEquals(expected, rows, "step " + step);
            assertTrue(rows > 0, "no step is empty");
            total += rows;
        }
        assertEquals(dealing.rows(), total);
        for (int s = 0; s < dealing.shards(); s++) {
            assertEquals(0, dealing.stepStart(s, 0));
            assertEquals(dealing.shardRows(s), dealing.stepStart(s, steps), "shard " + s);
        }
    }

    /** The rows of a step spread evenly over the shards. */
    @ParameterizedTest
    @MethodSource("dealings")
    void shardsShareAStepEvenly(Dealing dealing) {
        for (int step = 0; step < dealing.stepsPerEpoch(); step++) {
            long fewest = Long.MAX_VALUE;
            long most = 0;
            for (int s = 0; s < dealing.shards(); s++) {
                long part = dealing.stepStart(s, step + 1) - dealing.stepStart(s, step);
                fewest = Math.min(fewest, part);
                most = Math.max(most, part);
            }
            assertTrue(most - fewest <= 1, "step " + step);
        }
    }

    @Test
    void impossibleSizesAreNamed() {
        ExpectedError.of(IllegalArgumentException.class, () -> new Dealing(0, 2, 3), "0, 2 and 3");
        ExpectedError.of(IllegalArgumentException.class, () -> new Dealing(5, 2, 0), "5, 2 and 0");
        ExpectedError.of(IllegalArgumentException.class, () -> new Dealing(5, 6, 1), "power of two", "6");
    }

    @Test
    void moreRowsThanAnIntHolds() {
        Dealing dealing = new Dealing(10_000_000_001L, 4, 1000);
        assertEquals(10_000_001, dealing.stepsPerEpoch());
        assertEquals(1, dealing.stepRows(10_000_000));
        assertEquals(3, dealing.shardOf(10_000_000_000L));
        assertEquals(2_500_000_000L, dealing.stepStart(3, 10_000_001));
    }

    /** Labelled rows: each shard goes through its own again and again, every step with as many. */
    @Test
    void rowsOfTheSecondKindRecycle() {
        Dealing dealing = new Dealing(100, 4, 13, 11, 6);
        assertEquals(111, dealing.allRows());
        assertEquals(100 + 8 * 6, dealing.epochRows());
        assertEquals(19, dealing.stepRows(0));
        assertEquals(8, dealing.stepsPerEpoch());
        assertEquals(9 + 6, dealing.stepRows(7));
        long[] rows = new long[4];
        for (long position = 100; position < 111; position++) {
            assertTrue(dealing.isRecycled(position));
            rows[dealing.shardOf(position)]++;
        }
        for (int shard = 0; shard < 4; shard++) {
            assertEquals(dealing.recycledShardRows(shard), rows[shard]);
        }
        for (long step = 0; step < 50; step++) {
            long used = 0;
            for (int shard = 0; shard < 4; shard++) {
                used += dealing.recycledStart(shard, step + 1) - dealing.recycledStart(shard, step);
            }
            assertEquals(6, used, "step " + step);
        }
        ExpectedError.of(IllegalArgumentException.class, () -> new Dealing(100, 4, 13, 3, 6), "labelled", "3");
    }
}
