package io.cvaespark.train;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cvaespark.ExpectedError;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sum has one shape, whoever adds it. */
class GradientTreeTest {
    private static final int LENGTH = 50;

    /** Leaves of very different sizes, so that another order of additions gives other bits. */
    private static float[] leaf(int place) {
        float[] leaf = normals(place, LENGTH);
        for (int i = 0; i < LENGTH; i++) {
            leaf[i] *= (float) Math.pow(10, (place * 7 + i) % 9 - 4);
        }
        return leaf;
    }

    /** The definition: the sum of the left half plus the sum of the right half. */
    private static float[] sum(int from, int to) {
        if (to - from == 1) {
            return leaf(from);
        }
        float[] left = sum(from, (from + to) / 2);
        float[] right = sum((from + to) / 2, to);
        for (int i = 0; i < LENGTH; i++) {
            left[i] += right[i];
        }
        return left;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 64})
    void leavesOneByOneGiveTheTreesSum(int leaves) {
        for (boolean recycling : new boolean[] {true, false}) {
            GradientTree tree = new GradientTree(LENGTH, recycling);
            for (int step = 0; step < 2; step++) {
                for (int place = 0; place < leaves; place++) {
                    float[] buffer = tree.buffer();
                    assertEquals(LENGTH, buffer.length);
                    System.arraycopy(leaf(place), 0, buffer, 0, LENGTH);
                    tree.push(buffer, 1);
                }
                assertSameBits(sum(0, leaves), tree.root(leaves), "step " + step);
            }
        }
    }

    /** Each worker sums a subtree of its own, in a tree of its own, and the driver the rest. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8, 16})
    void subtreesOfAnySizeGiveTheSameBits(int perWorker) {
        int leaves = 16;
        GradientTree driver = new GradientTree(LENGTH, false);
        for (int from = 0; from < leaves; from += perWorker) {
            GradientTree worker = new GradientTree(LENGTH, true);
            for (int place = from; place < from + perWorker; place++) {
                worker.push(leaf(place), 1);
            }
            driver.push(worker.root(perWorker), perWorker);
        }
        assertSameBits(sum(0, leaves), driver.root(leaves), perWorker + " leaves per worker");
    }

    @Test
    void subtreesMayHaveDifferentSizes() {
        int[][] groupings = {{8, 4, 2, 1, 1}, {1, 1, 2, 4, 8}, {4, 1, 1, 2, 8}, {2, 2, 4, 4, 2, 2}};
        for (int[] grouping : groupings) {
            GradientTree tree = new GradientTree(LENGTH, false);
            int from = 0;
            for (int leaves : grouping) {
                tree.push(sum(from, from + leaves), leaves);
                from += leaves;
            }
            assertSameBits(sum(0, 16), tree.root(16), Arrays.toString(grouping));
        }
    }

    /** What this test would not notice otherwise: its leaves do tell orders apart. */
    @Test
    void anotherOrderGivesOtherBits() {
        float[] inOrder = new float[LENGTH];
        for (int place = 0; place < 16; place++) {
            float[] leaf = leaf(place);
            for (int i = 0; i < LENGTH; i++) {
                inOrder[i] += leaf[i];
            }
        }
        assertFalse(Arrays.equals(sum(0, 16), inOrder));
    }

    @Test
    void buffersOfAddedLeavesAreUsedAgainOnlyWhenTheyMayBe() {
        GradientTree recycling = new GradientTree(LENGTH, true);
        float[] second = leaf(1);
        recycling.push(leaf(0), 1);
        recycling.push(second, 1);
        assertSame(second, recycling.buffer());
        GradientTree keeping = new GradientTree(LENGTH, false);
        keeping.push(leaf(0), 1);
        keeping.push(second, 1);
        assertNotSame(second, keeping.buffer());
    }

    @Test
    void anIncompleteTreeHasNoSum() {
        GradientTree tree = new GradientTree(LENGTH, false);
        for (int place = 0; place < 3; place++) {
            tree.push(leaf(place), 1);
        }
        ExpectedError.of(IllegalStateException.class, () -> tree.root(4), "4 leaves", "not complete");
        GradientTree misplaced = new GradientTree(LENGTH, false);
        misplaced.push(leaf(0), 1);
        misplaced.push(sum(1, 3), 2);
        ExpectedError.of(IllegalStateException.class, () -> misplaced.root(3), "3 leaves", "not complete");
        GradientTree full = new GradientTree(LENGTH, false);
        full.push(leaf(0), 1);
        assertEquals(LENGTH, full.root(1).length);
    }
}
