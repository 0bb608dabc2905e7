package io.cvaespark.train.allreduce;

import io.cvaespark.linalg.Elementwise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A plan of additions in a fixed binary tree over W leaves, beginning with the sums of some of its subtrees.
 *
 * <p>Two sums are added only if they are the halves of one subtree, and then the right half is added to the left. So
 * the sum of all leaves has the same bits no matter which node made which addition. If only some leaves are given, the
 * result is one sum for each maximal subtree that they cover.
 */
final class TreeSum {

    /**
     * A subtree with the leaves from {@code first} to {@code first + leaves}; {@code leaves} is a power of two that
     * divides {@code first}.
     */
    record Span(int first, int leaves) {
        Span {
            if (Integer.bitCount(leaves) != 1 || first % leaves != 0) {
                throw new IllegalArgumentException("No subtree has %s leaves from %s".formatted(leaves, first));
            }
        }

        boolean contains(Span other) {
            return first <= other.first && other.first < first + leaves;
        }

        boolean isLeftHalfWith(Span right) {
            return leaves == right.leaves && first + leaves == right.first && first % (2 * leaves) == 0;
        }
    }

    /** A vector, or a section of it, whose element i is {@code values[i - base]}. */
    @SuppressWarnings("ArrayRecordComponent") // a view of a buffer, never compared
    record Part(float[] values, int base) {}

    /** Adds part {@code from} to part {@code into}. */
    private record Addition(int into, int from) {}

    private final List<Addition> additions = new ArrayList<>();
    private final List<Span> roots = new ArrayList<>();
    private final List<Integer> rootParts = new ArrayList<>();
    /** For each part, the index of the root that it is added into. */
    private final List<Integer> rootOf = new ArrayList<>();

    /** @param spans the subtrees of the parts that {@link #addAll} gets: disjoint, in any order */
    TreeSum(List<Span> spans) {
        record Sum(Span span, int part) {}
        Deque<Sum> stack = new ArrayDeque<>();
        List<Integer> order = IntStream.range(0, spans.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> spans.get(i).first()))
                .toList();
        for (int part : order) {
            Sum sum = new Sum(spans.get(part), part);
            Sum left = stack.peek();
            while (left != null && left.span().isLeftHalfWith(sum.span())) {
                additions.add(new Addition(left.part(), sum.part()));
                sum = new Sum(new Span(left.span().first(), 2 * left.span().leaves()), left.part());
                stack.pop();
                left = stack.peek();
            }
            stack.push(sum);
        }
        while (!stack.isEmpty()) {
            Sum sum = stack.removeLast();
            roots.add(sum.span());
            rootParts.add(sum.part());
        }
        for (Span span : spans) {
            int root = 0;
            while (!roots.get(root).contains(span)) {
                root++;
            }
            rootOf.add(root);
        }
    }

    /** The maximal subtrees, whose sums are the result, from left to right. */
    List<Span> roots() {
        return roots;
    }

    /** The index of the part that holds the sum of root {@code root} after {@link #addAll}. */
    int rootPart(int root) {
        return rootParts.get(root);
    }

    /**
     * Does all additions for the elements {@code from} to {@code to} (exclusive); each root's sum is then in its first
     * part.
     */
    void addAll(Part[] parts, int from, int to) {
        for (int i = 0; i < additions.size(); i++) {
            Addition addition = additions.get(i);
            add(parts[addition.from()], parts[addition.into()], from, to);
        }
    }

    /**
     * Sums the parts of one root into {@code scratch}. That is faster than writing the sum back to a part, because the
     * small buffer stays in the cache.
     *
     * @return the elements {@code from} to {@code to} of the sum: a view of {@code scratch}, or the part itself if
     *     nothing is added
     */
    Part sum(Part[] parts, int root, int from, int to, float[] scratch) {
        int first = rootParts.get(root);
        Part sum = parts[first];
        for (int i = 0; i < additions.size(); i++) {
            Addition addition = additions.get(i);
            if (addition.into() == first) {
                if (sum == parts[first]) {
                    System.arraycopy(sum.values(), from - sum.base(), scratch, 0, to - from);
                    sum = new Part(scratch, from);
                }
                add(parts[addition.from()], sum, from, to);
            } else if (rootOf.get(addition.into()) == root) {
                add(parts[addition.from()], parts[addition.into()], from, to);
            }
        }
        return sum;
    }

    private static void add(Part source, Part target, int from, int to) {
        Elementwise.create()
                .add(source.values(), from - source.base(), target.values(), from - target.base(), to - from);
    }
}
