package io.cvaespark.train.allreduce;

import io.cvaespark.linalg.Elementwise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The additions that continue the fixed binary tree over W leaves from sums of some of its subtrees.
 *
 * <p>Two sums are added when they are the halves of one subtree, left half first, and never otherwise. So sums of all leaves,
 * whoever made which, always end in the same bits; sums of some leaves end in one sum for each maximal subtree they cover.
 */
final class TreeSum {

    /** A subtree: {@code leaves} leaves, a power of two, from {@code first}, a multiple of it. */
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

    /** Values of a vector from {@code base}: element i is {@code values[i - base]}. */
    @SuppressWarnings("ArrayRecordComponent") // a window onto a buffer, never compared
    record Part(float[] values, int base) {}

    /** Adds part {@code from} to part {@code into}. */
    private record Addition(int into, int from) {}

    private final List<Addition> additions = new ArrayList<>();
    private final List<Span> roots = new ArrayList<>();
    private final List<Integer> rootParts = new ArrayList<>();
    /** The root that each part belongs to. */
    private final List<Integer> rootOf = new ArrayList<>();

    /** @param spans disjoint subtrees, in any order: those of the parts that {@link #run} is given */
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

    /** What remains: maximal subtrees, from left to right. */
    List<Span> roots() {
        return roots;
    }

    /** The part that holds root {@code root} after {@link #run}. */
    int rootPart(int root) {
        return rootParts.get(root);
    }

    /** Adds elements {@code from} to {@code to} (exclusive) of the parts into their subtrees' first ones. */
    void run(Part[] parts, int from, int to) {
        for (int i = 0; i < additions.size(); i++) {
            Addition addition = additions.get(i);
            add(parts[addition.from()], parts[addition.into()], from, to);
        }
    }

    /**
     * The same for one root, whose sum goes to {@code scratch} instead: written back to a part, it would only have to travel
     * to memory and be forgotten there.
     *
     * @return the sum's elements {@code from} to {@code to}: over {@code scratch}, or the part itself when nothing is added
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
