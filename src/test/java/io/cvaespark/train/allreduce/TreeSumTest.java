package io.cvaespark.train.allreduce;

import static io.cvaespark.TestArrays.assertSameBits;
import static io.cvaespark.TestArrays.normals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.cvaespark.ExpectedError;
import io.cvaespark.train.allreduce.TreeSum.Part;
import io.cvaespark.train.allreduce.TreeSum.Span;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sum has one shape, whoever holds which leaves. */
class TreeSumTest {
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
    private static float[] sum(Span span) {
        if (span.leaves() == 1) {
            return leaf(span.first());
        }
        int half = span.leaves() / 2;
        float[] left = sum(new Span(span.first(), half));
        float[] right = sum(new Span(span.first() + half, half));
        for (int i = 0; i < LENGTH; i++) {
            left[i] += right[i];
        }
        return left;
    }

    /** Every way to cut a subtree into subtrees. */
    private static List<List<Span>> cuts(Span span) {
        List<List<Span>> cuts = new ArrayList<>();
        cuts.add(List.of(span));
        if (span.leaves() > 1) {
            int half = span.leaves() / 2;
            for (List<Span> left : cuts(new Span(span.first(), half))) {
                for (List<Span> right : cuts(new Span(span.first() + half, half))) {
                    List<Span> both = new ArrayList<>(left);
                    both.addAll(right);
                    cuts.add(both);
                }
            }
        }
        return cuts;
    }

    private static Part[] parts(List<Span> spans) {
        return spans.stream().map(span -> new Part(sum(span), 0)).toArray(Part[]::new);
    }

    private static List<Span> leavesOf(String placement, char node) {
        List<Span> leaves = new ArrayList<>();
        for (int rank = 0; rank < placement.length(); rank++) {
            if (placement.charAt(rank) == node) {
                leaves.add(new Span(rank, 1));
            }
        }
        return leaves;
    }

    private static float[] values(Part part) {
        return Arrays.copyOfRange(part.values(), -part.base(), LENGTH - part.base());
    }

    @Test
    void subtreesOfAnySizesInAnyOrderGiveTheTreesSum() {
        Span all = new Span(0, 8);
        List<List<Span>> cuts = cuts(all);
        assertEquals(26, cuts.size());
        for (List<Span> cut : cuts) {
            for (int seed = 0; seed < 4; seed++) {
                List<Span> spans = new ArrayList<>(cut);
                Collections.shuffle(spans, new Random(seed));
                TreeSum tree = new TreeSum(spans);
                assertEquals(List.of(all), tree.roots(), spans.toString());
                Part[] added = parts(spans);
                tree.addAll(added, 0, LENGTH);
                assertSameBits(sum(all), added[tree.rootPart(0)].values(), "in place, " + spans);
                Part apart = tree.sum(parts(spans), 0, 0, LENGTH, new float[LENGTH]);
                assertSameBits(sum(all), values(apart), "in scratch, " + spans);
            }
        }
    }

    /** Each node sums its own leaves, and another adds what the nodes send. Equal letters: one node. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "ab",
                "aabb",
                "abab",
                "abba",
                "aaab",
                "aaaabbbb",
                "abababab",
                "aaabbbbc",
                "abbcccca",
                "abcdefgh"
            })
    void sumsOfNodesGiveTheTreesSumWhateverTheirPlacement(String placement) {
        Span all = new Span(0, placement.length());
        List<Span> sent = new ArrayList<>();
        List<Part> parts = new ArrayList<>();
        placement.chars().distinct().forEach(node -> {
            TreeSum local = new TreeSum(leavesOf(placement, (char) node));
            Part[] leaves = parts(leavesOf(placement, (char) node));
            for (int root = 0; root < local.roots().size(); root++) {
                Part sum = local.sum(leaves, root, 0, LENGTH, new float[LENGTH]);
                assertSameBits(sum(local.roots().get(root)), values(sum), "node " + (char) node + ", root " + root);
                parts.add(sum);
            }
            sent.addAll(local.roots());
        });
        TreeSum global = new TreeSum(sent);
        assertEquals(List.of(all), global.roots());
        Part sum = global.sum(parts.toArray(Part[]::new), 0, 0, LENGTH, new float[LENGTH]);
        assertSameBits(sum(all), values(sum), placement);
    }

    /** What this test would not notice otherwise: its leaves do tell orders apart. */
    @Test
    void anotherOrderGivesOtherBits() {
        float[] inOrder = new float[LENGTH];
        for (int place = 0; place < 8; place++) {
            float[] leaf = leaf(place);
            for (int i = 0; i < LENGTH; i++) {
                inOrder[i] += leaf[i];
            }
        }
        assertFalse(Arrays.equals(sum(new Span(0, 8)), inOrder));
    }

    @Test
    void leavesThatAreNotThereLeaveTheMaximalSubtreesOfTheOthers() {
        List<Span> spans = List.of(new Span(7, 1), new Span(2, 2), new Span(1, 1), new Span(0, 1), new Span(4, 1));
        TreeSum tree = new TreeSum(spans);
        assertEquals(List.of(new Span(0, 4), new Span(4, 1), new Span(7, 1)), tree.roots());
        Part[] parts = parts(spans);
        for (int root = 0; root < 3; root++) {
            Part sum = tree.sum(parts, root, 0, LENGTH, new float[LENGTH]);
            assertSameBits(sum(tree.roots().get(root)), values(sum), "root " + root);
        }
    }

    /** 1 + 2 are neighbours, but not the halves of one subtree. */
    @Test
    void neighboursOfDifferentSubtreesAreNotAdded() {
        List<Span> spans = List.of(new Span(1, 1), new Span(2, 1));
        assertEquals(spans, new TreeSum(spans).roots());
        List<Span> pairs = List.of(new Span(2, 2), new Span(4, 2));
        assertEquals(pairs, new TreeSum(pairs).roots());
        assertEquals(List.of(), new TreeSum(List.of()).roots());
    }

    /** A vector's ranges may be summed one by one, by several threads; nothing around them is touched. */
    @Test
    void aRangeOfWindowsIsSummedAlone() {
        List<Span> spans = List.of(new Span(0, 1), new Span(1, 1), new Span(2, 2));
        TreeSum tree = new TreeSum(spans);
        int from = 20;
        int to = 33;
        for (boolean inPlace : new boolean[] {true, false}) {
            Part[] parts = new Part[3];
            for (int part = 0; part < 3; part++) {
                // Windows with different beginnings: 0, 5 and 10.
                float[] whole = sum(spans.get(part));
                parts[part] = new Part(Arrays.copyOfRange(whole, 5 * part, LENGTH), 5 * part);
            }
            float[] scratch = new float[to - from];
            Part sum = parts[0];
            if (inPlace) {
                tree.addAll(parts, from, to);
            } else {
                sum = tree.sum(parts, 0, from, to, scratch);
                assertSame(scratch, sum.values());
                assertSameBits(leaf(0), parts[0].values(), "the first part");
            }
            float[] expected = Arrays.copyOfRange(sum(new Span(0, 4)), from, to);
            float[] actual = Arrays.copyOfRange(sum.values(), from - sum.base(), to - sum.base());
            assertSameBits(expected, actual, "in place: " + inPlace);
            for (int part = 0; part < 3; part++) {
                float[] whole = sum(spans.get(part));
                for (int i = parts[part].base(); i < LENGTH; i++) {
                    if (i < from || i >= to) {
                        assertEquals(whole[i], parts[part].values()[i - parts[part].base()], "part " + part + ", " + i);
                    }
                }
            }
        }
    }

    @Test
    void aSumOfOnePartIsThatPart() {
        Part only = new Part(leaf(3), 0);
        TreeSum tree = new TreeSum(List.of(new Span(3, 1)));
        assertSame(only, tree.sum(new Part[] {only}, 0, 0, LENGTH, new float[LENGTH]));
        assertSameBits(leaf(3), only.values(), "the part");
    }

    @Test
    void whatIsNoSubtreeIsRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> new Span(0, 3), "3 leaves from 0");
        ExpectedError.of(IllegalArgumentException.class, () -> new Span(1, 2), "2 leaves from 1");
        ExpectedError.of(IllegalArgumentException.class, () -> new Span(2, 4), "4 leaves from 2");
        ExpectedError.of(IllegalArgumentException.class, () -> new Span(0, 0), "0 leaves from 0");
    }
}
