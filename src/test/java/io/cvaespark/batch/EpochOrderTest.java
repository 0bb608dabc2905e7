package io.cvaespark.batch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EpochOrderTest {

    /** Rows of one shard, as places of the shard. */
    private static List<Long> visited(EpochOrder order, long rows, int blockRows, long from, long to) {
        List<Long> places = new ArrayList<>();
        order.visit(from, to, (block, row) -> {
            assertTrue(row >= 0 && row < EpochOrder.blockSize(rows, blockRows, block), "row " + row + " of its block");
            places.add(EpochOrder.blockStart(rows, blockRows, block) + row);
        });
        return places;
    }

    @ParameterizedTest
    @CsvSource({
        "0, 10",
        "1, 10",
        "9, 10",
        "10, 10",
        "11, 10",
        "64, 1",
        "65, 1",
        "1000, 7",
        "1000, 1000",
        "5000, 3",
        "5000, 1"
    })
    void everyRowIsVisitedOnceAnEpoch(long rows, int blockRows) {
        EpochOrder order = new EpochOrder(rows, blockRows, 7, 2, 3);
        List<Long> places = visited(order, rows, blockRows, 0, rows);
        assertEquals(rows, places.size());
        assertEquals(rows, new HashSet<>(places).size());
    }

    @ParameterizedTest
    @CsvSource({"0, 10", "1, 10", "1000, 7", "5000, 3", "130, 1"})
    void visitingInPiecesIsVisitingAtOnce(long rows, int blockRows) {
        List<Long> whole = visited(new EpochOrder(rows, blockRows, 7, 2, 3), rows, blockRows, 0, rows);
        for (int piece : new int[] {1, 5, 64, 999}) {
            EpochOrder order = new EpochOrder(rows, blockRows, 7, 2, 3);
            List<Long> pieces = new ArrayList<>();
            for (long from = 0; from < rows; from += piece) {
                pieces.addAll(visited(order, rows, blockRows, from, Math.min(rows, from + piece)));
            }
            assertEquals(whole, pieces, "pieces of " + piece);
        }
    }

    /** Whoever asks, for what, and in which order leaves no trace: a window may be read ahead, again or not at all. */
    @Test
    void whatWasVisitedBeforeDoesNotMatter() {
        long rows = 1000;
        int blockRows = 7;
        List<Long> whole = visited(new EpochOrder(rows, blockRows, 7, 2, 3), rows, blockRows, 0, rows);
        EpochOrder order = new EpochOrder(rows, blockRows, 7, 2, 3);
        int piece = 90;
        for (int from = 990; from >= 0; from -= piece) {
            int end = (int) Math.min(rows, from + piece);
            List<Long> expected = whole.subList(from, end);
            List<Long> ahead = visited(order, rows, blockRows, (from + 500) % rows, rows);
            assertEquals(whole.subList((int) ((from + 500) % rows), (int) rows), ahead);
            assertEquals(expected, visited(order, rows, blockRows, from, end), "from " + from);
            assertEquals(expected, visited(order, rows, blockRows, from, end), "again from " + from);
        }
    }

    @Test
    void dependsOnSeedEpochAndShard() {
        List<Long> order = visited(new EpochOrder(1000, 7, 1, 1, 1), 1000, 7, 0, 1000);
        assertEquals(order, visited(new EpochOrder(1000, 7, 1, 1, 1), 1000, 7, 0, 1000));
        assertNotEquals(order, visited(new EpochOrder(1000, 7, 2, 1, 1), 1000, 7, 0, 1000), "seed");
        assertNotEquals(order, visited(new EpochOrder(1000, 7, 1, 2, 1), 1000, 7, 0, 1000), "epoch");
        assertNotEquals(order, visited(new EpochOrder(1000, 7, 1, 1, 2), 1000, 7, 0, 1000), "shard");
    }

    /** A window holds no more blocks than it says, so that a shard larger than memory can be read window by window. */
    @Test
    void aWindowTouchesItsOwnBlocksOnly() {
        int blocks = 3 * EpochOrder.WINDOW_BLOCKS + 5;
        int blockRows = 4;
        long rows = (long) blocks * blockRows;
        EpochOrder order = new EpochOrder(rows, blockRows, 1, 1, 0);
        HashSet<Integer> earlier = new HashSet<>();
        long windowRows = (long) EpochOrder.WINDOW_BLOCKS * blockRows;
        for (long from = 0; from < rows; from += windowRows) {
            HashSet<Integer> window = new HashSet<>();
            List<Integer> sequence = new ArrayList<>();
            order.visit(from, Math.min(rows, from + windowRows), (block, row) -> {
                window.add(block);
                sequence.add(block);
            });
            assertTrue(window.size() <= EpochOrder.WINDOW_BLOCKS);
            assertTrue(window.stream().noneMatch(earlier::contains), "a block belongs to one window");
            assertNotEquals(sequence.stream().sorted().toList(), sequence, "rows of the blocks are mixed");
            earlier.addAll(window);
        }
        assertEquals(blocks, earlier.size());
    }

    @ParameterizedTest
    @CsvSource({"1, 10", "10, 10", "11, 10", "1000, 7", "5000, 3", "99, 50"})
    void blocksFollowEachOtherAndDifferByAtMostOneRow(long rows, int blockRows) {
        int count = EpochOrder.blockCount(rows, blockRows);
        long start = 0;
        int smallest = Integer.MAX_VALUE;
        int largest = 0;
        for (int i = 0; i < count; i++) {
            assertEquals(start, EpochOrder.blockStart(rows, blockRows, i));
            int size = EpochOrder.blockSize(rows, blockRows, i);
            smallest = Math.min(smallest, size);
            largest = Math.max(largest, size);
            start += size;
        }
        assertEquals(rows, start);
        assertTrue(largest - smallest <= 1 && largest <= blockRows);
    }

    @Test
    void blocksTakeAboutAMegabyte() {
        assertEquals(1024, Block.maxRows(1));
        assertEquals(1024, Block.maxRows(0));
        assertEquals(330, Block.maxRows(794));
        assertEquals(1, Block.maxRows(1_000_000));
    }
}
