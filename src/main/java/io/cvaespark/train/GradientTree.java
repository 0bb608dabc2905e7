package io.cvaespark.train;

import io.cvaespark.linalg.Elementwise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The sum of 2ᵏ gradients as a fixed binary tree over their indices: ((g0 + g1) + (g2 + g3)) + ….
 *
 * <p>Leaves, or sums of whole subtrees, are pushed in the order of their indices. Two neighbours of equal size are
 * added at once, so k+1 buffers suffice. Float addition is not associative; because the shape of the tree is fixed, the
 * sum does not depend on the number of workers.
 */
public final class GradientTree {
    /** A complete subtree: the sum of {@code leaves} gradients. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Node(float[] sum, int leaves) {}

    private final int length;
    private final boolean recycling;
    private final List<float[]> free = new ArrayList<>();
    private final Deque<Node> stack = new ArrayDeque<>();

    /** @param recycling true if the buffers of added leaves are kept for {@link #buffer()} */
    public GradientTree(int length, boolean recycling) {
        this.length = length;
        this.recycling = recycling;
    }

    /** Returns a buffer with unspecified content for the next leaf. */
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

    /** Returns the sum of all {@code leaves} pushed leaves, a power of two, and empties the tree. */
    public float[] root(int leaves) {
        Node node = stack.pop();
        if (!stack.isEmpty() || node.leaves() != leaves) {
            throw new IllegalStateException(
                    "A gradient tree of %s leaves is not complete: %s are summed".formatted(leaves, node.leaves()));
        }
        return node.sum();
    }

    /** Returns a buffer of {@link #root} to the tree, for {@link #buffer()}, when it is no longer read. */
    public void release(float[] buffer) {
        free.add(buffer);
    }
}
