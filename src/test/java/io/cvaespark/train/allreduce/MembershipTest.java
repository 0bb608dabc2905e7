package io.cvaespark.train.allreduce;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.allreduce.TreeSum.Span;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who owns what is a rule of the placement. In a placement, equal letters are workers of one node. */
class MembershipTest {
    private static final int BLOCK = GradientNorm.BLOCK;
    private static final int[] LENGTHS = {
        1, BLOCK - 1, BLOCK, BLOCK + 1, 5000, 9 * BLOCK + 123, 1_000_000, 2_000_000_000
    };

    private static Membership members(String placement, int parameters) {
        return new Membership(placement.chars().mapToObj(Character::toString).toList(), parameters);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "aa", "ab", "aabb", "abab", "aaab", "aaaabbbb", "abababab", "aaabbbbc", "abcdefgh"})
    void slicesCoverTheVectorOnceAndBeginOnBlocks(String placement) {
        for (int parameters : LENGTHS) {
            Membership members = members(placement, parameters);
            int at = 0;
            for (int node = 0; node < members.nodes(); node++) {
                String what = "node " + node + " of " + parameters + " parameters";
                assertEquals(at, members.sliceStart(node), what);
                assertTrue(at % BLOCK == 0 || at == parameters, what);
                assertTrue(members.sliceEnd(node) >= at, what);
                at = members.sliceEnd(node);
            }
            assertEquals(parameters, at);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "aa", "ab", "aabb", "abab", "aaab", "aaaabbbb", "abababab", "aaabbbbc", "abcdefgh"})
    void slicesAreAsLongAsTheirNodesHaveWorkers(String placement) {
        for (int parameters : LENGTHS) {
            Membership members = members(placement, parameters);
            for (int node = 0; node < members.nodes(); node++) {
                int workers = members.ranks(node).size();
                double even = (double) parameters * workers / members.workers();
                assertEquals(even, members.sliceEnd(node) - members.sliceStart(node), BLOCK, "node " + node);
            }
        }
    }

    @Test
    void slicesOfWholeBlocksAreExactlyProportionate() {
        Membership members = members("aaabbbbc", 16 * BLOCK);
        assertEquals(6 * BLOCK, members.sliceEnd(0));
        assertEquals(14 * BLOCK, members.sliceEnd(1));
        assertEquals(16 * BLOCK, members.sliceEnd(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "aaab", "aaabbbbc"})
    void sharesCoverASliceOnceAndBeginOnBlocks(String placement) {
        for (int parameters : LENGTHS) {
            Membership members = members(placement, parameters);
            for (int node = 0; node < members.nodes(); node++) {
                for (int shares : new int[] {1, 2, 3, 7}) {
                    int start = members.sliceStart(node);
                    double even = (double) (members.sliceEnd(node) - start) / shares;
                    assertEquals(start, members.shareStart(node, 0, shares));
                    assertEquals(members.sliceEnd(node), members.shareStart(node, shares, shares));
                    for (int share = 0; share < shares; share++) {
                        int from = members.shareStart(node, share, shares);
                        int to = members.shareStart(node, share + 1, shares);
                        assertTrue(from % BLOCK == 0 || from == members.sliceEnd(node), "share " + share);
                        assertTrue(from <= to, "share " + share);
                        assertEquals(even, to - from, BLOCK, "share " + share);
                    }
                }
            }
        }
    }

    @Test
    void nodesAreNumberedByTheirLowestRank() {
        Membership members = members("bcabcaab", 1000);
        assertEquals(3, members.nodes());
        assertEquals(8, members.workers());
        assertEquals(1000, members.parameters());
        assertEquals(List.of(0, 3, 7), members.ranks(0));
        assertEquals(List.of(1, 4), members.ranks(1));
        assertEquals(List.of(2, 5, 6), members.ranks(2));
        for (int node = 0; node < 3; node++) {
            assertEquals("bca".substring(node, node + 1), members.name(node));
            assertEquals(node, members.node(members.name(node)));
            for (int rank : members.ranks(node)) {
                assertEquals(node, members.nodeOf(rank));
            }
        }
    }

    private static List<Span> spans(int... firstsAndLeaves) {
        List<Span> spans = new ArrayList<>();
        for (int i = 0; i < firstsAndLeaves.length; i += 2) {
            spans.add(new Span(firstsAndLeaves[i], firstsAndLeaves[i + 1]));
        }
        return spans;
    }

    @Test
    void aNodeSendsOneSumWhereItsRanksAreASubtree() {
        Membership contiguous = members("aaaabbcc", 1);
        assertEquals(spans(0, 4), contiguous.subtrees(0));
        assertEquals(spans(4, 2), contiguous.subtrees(1));
        assertEquals(spans(6, 2), contiguous.subtrees(2));
        assertEquals(spans(0, 8), members("aaaaaaaa", 1).subtrees(0));
        assertEquals(spans(0, 1), members("a", 1).subtrees(0));
    }

    @Test
    void aNodeSendsEachLeafWhereRanksAreInterleaved() {
        Membership interleaved = members("abababab", 1);
        assertEquals(spans(0, 1, 2, 1, 4, 1, 6, 1), interleaved.subtrees(0));
        assertEquals(spans(1, 1, 3, 1, 5, 1, 7, 1), interleaved.subtrees(1));
        Membership pairs = members("aabbaabb", 1);
        assertEquals(spans(0, 2, 4, 2), pairs.subtrees(0));
        assertEquals(spans(2, 2, 6, 2), pairs.subtrees(1));
    }

    @Test
    void aNodeSendsItsMaximalSubtreesWhereNumbersAreUnequal() {
        Membership unequal = members("aaabbbbc", 1);
        assertEquals(spans(0, 2, 2, 1), unequal.subtrees(0));
        assertEquals(spans(3, 1, 4, 2, 6, 1), unequal.subtrees(1));
        assertEquals(spans(7, 1), unequal.subtrees(2));
    }

    /** Together the nodes have every leaf once, and what they send covers the same. */
    @ParameterizedTest
    @ValueSource(strings = {"a", "ab", "abba", "aaabbbbc", "abcabcab", "abbbbbbbbbbbbbba"})
    void leavesAndSubtreesCoverAllWorkersOnce(String placement) {
        Membership members = members(placement, 1);
        List<Integer> leaves = new ArrayList<>();
        List<Integer> covered = new ArrayList<>();
        for (int node = 0; node < members.nodes(); node++) {
            assertEquals(
                    members.ranks(node),
                    members.leaves(node).stream().map(Span::first).toList());
            for (Span leaf : members.leaves(node)) {
                assertEquals(1, leaf.leaves());
                leaves.add(leaf.first());
            }
            for (Span subtree : members.subtrees(node)) {
                for (int leaf = subtree.first(); leaf < subtree.first() + subtree.leaves(); leaf++) {
                    assertTrue(members.ranks(node).contains(leaf));
                    covered.add(leaf);
                }
            }
        }
        Collections.sort(leaves);
        Collections.sort(covered);
        for (int rank = 0; rank < members.workers(); rank++) {
            assertEquals(rank, leaves.get(rank));
            assertEquals(rank, covered.get(rank));
        }
        assertEquals(members.workers(), leaves.size());
        assertEquals(members.workers(), covered.size());
    }

    @Test
    void otherNumbersOfWorkersAndUnknownNodesAreRefused() {
        ExpectedError.of(IllegalArgumentException.class, () -> members("abc", 1), "power of two", "3");
        ExpectedError.of(IllegalArgumentException.class, () -> members("", 1), "power of two", "0");
        Membership members = members("ab", 1);
        ExpectedError.of(IllegalArgumentException.class, () -> members.node("c"), "No node is called c", "[a, b]");
        ExpectedError.of(IllegalArgumentException.class, () -> members.nodeOf(2), "Worker 2", "2 workers");
    }
}
