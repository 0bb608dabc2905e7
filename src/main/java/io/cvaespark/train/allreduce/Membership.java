package io.cvaespark.train.allreduce;

import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.allreduce.TreeSum.Span;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The nodes and workers of a round, and the slice of the parameters that each node owns. Every node computes the same
 * membership from the same list.
 *
 * <p>Nodes are numbered by their lowest rank. Slices begin at the borders of the blocks of {@link GradientNorm}, and
 * their lengths are proportional to the number of workers on the nodes.
 */
public final class Membership {
    private final List<String> names;
    private final List<List<Integer>> ranks = new ArrayList<>();
    private final int workers;
    private final int parameters;

    /**
     * @param nodeOfRank the name of each worker's node, in the order of the ranks
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

    /** P, the number of parameters. */
    public int parameters() {
        return parameters;
    }

    public String name(int node) {
        return names.get(node);
    }

    /** The number of the node called {@code name}. */
    public int node(String name) {
        int found = names.indexOf(name);
        if (found < 0) {
            throw new IllegalArgumentException("No node is called %s; there are %s".formatted(name, names));
        }
        return found;
    }

    /** The number of the node on which worker {@code rank} runs. */
    public int nodeOf(int rank) {
        for (int node = 0; node < nodes(); node++) {
            if (ranks.get(node).contains(rank)) {
                return node;
            }
        }
        throw new IllegalArgumentException("Worker %s is on no node; there are %s workers".formatted(rank, workers));
    }

    /** The ranks of the node's workers, ascending. */
    public List<Integer> ranks(int node) {
        return ranks.get(node);
    }

    /** The first parameter of the node's slice, which ends before the first parameter of the next node's slice. */
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

    /** The first parameter of share {@code share} when the node's slice is divided into {@code shares} shares. */
    int shareStart(int node, int share, int shares) {
        return onBlock(sliceStart(node), sliceEnd(node), share, shares);
    }

    /** The last block border at or below {@code from + (to − from)·part/parts}, where blocks begin at {@code from}. */
    private static int onBlock(int from, int to, long part, long parts) {
        int blocks = GradientNorm.blocks(to - from);
        return (int) Math.min(to, from + blocks * part / parts * GradientNorm.BLOCK);
    }

    /** The node's workers as leaves of the tree over all workers. */
    List<Span> leaves(int node) {
        return ranks.get(node).stream().map(rank -> new Span(rank, 1)).toList();
    }

    /** The subtrees whose sums the node sends. It is one subtree if the node's ranks are exactly the leaves of one. */
    List<Span> subtrees(int node) {
        return new TreeSum(leaves(node)).roots();
    }
}
