package io.cvaespark.train;

import io.cvaespark.linalg.Elementwise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The sum of 2ᵏ gradients as a binary tree over their places, whoever adds them: ((g0 + g1) + (g2 + g3)) + ….
 *
 * <p>Leaves, or sums of whole subtrees, are pushed in the order of their places; equal neighbours are added at once, so k+1
 * buffers suffice. Float addition is not associative: this fixed shape is what makes the sum independent of the number of
 * workers.
 */
public final class GradientTree {
    /** A complete subtree: the sum of {@code leaves} gradients. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Node(float[] sum, int leaves) {}

    private final int length;
    private final boolean recycling;
    private final List<float[]> free = new ArrayList<>();
    private final Deque<Node> stack = new ArrayDeque<>();

    /** @param recycling whether buffers of added leaves are kept for {@link #buffer()} */
    public GradientTree(int length, boolean recycling) {
        this.length = length;
        this.recycling = recycling;
    }

    /** A buffer for the next leaf, its content unspecified. */
    public float[] buffer() {
        if (free.isEmpty()) {
            return new float[length];
        }
        return free.remove(free.size() - 1);
    }

    /** Adds the next leaf or subtree; the tree owns {@code sum} from now on. */
    public void push(float[] sum, int leaves) {
        Node node = new Node(sum, leaves);
        while (!stack.isEmpty() && stack.peek().leaves() == node.leaves()) {
            Node left = stack.pop();
            Elementwise.create().add(node.sum(), 0, left.sum(), 0, length);
            if (recycling) {
                free.add(node.sum());
            }
            node = new Node(left.sum(), left.leaves() + node.leaves());
        }
        stack.push(node);
    }

    /** The sum of {@code leaves} pushed leaves, a power of two; the tree is empty afterwards. */
    public float[] root(int leaves) {
        Node node = stack.pop();
        if (!stack.isEmpty() || node.leaves() != leaves) {
            throw new IllegalStateException(
                    "A gradient tree of %s leaves is not complete: %s are summed".formatted(leaves, node.leaves()));
        }
        return node.sum();
    }

    /** Gives a buffer back for {@link #buffer()}: one that {@link #root} returned and nobody reads any more. */
    public void release(float[] buffer) {
        free.add(buffer);
    }
}
