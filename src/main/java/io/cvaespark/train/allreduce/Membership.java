package io.cvaespark.train.allreduce;

import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.allreduce.TreeSum.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Who takes part in a round and owns what; every node computes the same from the same list.
 *
 * <p>Nodes are numbered by their lowest rank. Slices begin on the blocks of {@link GradientNorm} and are as long as their
 * nodes have workers.
 */
public final class Membership {
    private final List<String> names;
    private final List<List<Integer>> ranks = new ArrayList<>();
    private final int workers;
    private final int parameters;

    /**
     * @param nodeOfRank names the node of each worker, in order of rank
     * @param parameters P
     */
    public Membership(List<String> nodeOfRank, int parameters) {
        if (Integer.bitCount(nodeOfRank.size()) != 1) {
            throw new IllegalArgumentException(
                    "The number of workers must be a power of two, found " + nodeOfRank.size());
        }
        Map<String, List<Integer>> ranksOfNode = new LinkedHashMap<>();
        for (int rank = 0; rank < nodeOfRank.size(); rank++) {
            ranksOfNode
                    .computeIfAbsent(nodeOfRank.get(rank), n -> new ArrayList<>())
                    .add(rank);
        }
        this.names = List.copyOf(ranksOfNode.keySet());
        this.ranks.addAll(ranksOfNode.values());
        this.workers = nodeOfRank.size();
        this.parameters = parameters;
    }

    public int nodes() {
        return names.size();
    }

    public int workers() {
        return workers;
    }

    /** P. */
    public int parameters() {
        return parameters;
    }

    public String name(int node) {
        return names.get(node);
    }

    /** The node of this name. */
    public int node(String name) {
        int found = names.indexOf(name);
        if (found < 0) {
            throw new IllegalArgumentException("No node is called %s; there are %s".formatted(name, names));
        }
        return found;
    }

    /** The node of worker {@code rank}. */
    public int nodeOf(int rank) {
        for (int node = 0; node < nodes(); node++) {
            if (ranks.get(node).contains(rank)) {
                return node;
            }
        }
        throw new IllegalArgumentException("Worker %s is on no node; there are %s workers".formatted(rank, workers));
    }

    /** Ranks of the node's workers, ascending. */
    public List<Integer> ranks(int node) {
        return ranks.get(node);
    }

    /** First parameter of the node's slice; the next node's first ends it. */
    public int sliceStart(int node) {
        long before = 0;
        for (int n = 0; n < node; n++) {
            before += ranks.get(n).size();
        }
        return onBlock(0, parameters, before, workers);
    }

    public int sliceEnd(int node) {
        return node + 1 < nodes() ? sliceStart(node + 1) : parameters;
    }

    /** First parameter of share {@code share} of {@code shares} of the node's slice. */
    int shareStart(int node, int share, int shares) {
        return onBlock(sliceStart(node), sliceEnd(node), share, shares);
    }

    /** The block border nearest below {@code from + (to − from)·part/parts}, counted from {@code from}. */
    private static int onBlock(int from, int to, long part, long parts) {
        int blocks = GradientNorm.blocks(to - from);
        return (int) Math.min(to, from + blocks * part / parts * GradientNorm.BLOCK);
    }

    /** The node's workers as leaves of the tree over all workers. */
    List<Span> leaves(int node) {
        return ranks.get(node).stream().map(rank -> new Span(rank, 1)).toList();
    }

    /** The subtrees whose sums the node sends: one where its ranks are an aligned power of two. */
    List<Span> subtrees(int node) {
        return new TreeSum(leaves(node)).roots();
    }
}
