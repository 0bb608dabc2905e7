package io.cvaespark.train.allreduce;

import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.allreduce.Links.Kind;
import io.cvaespark.train.allreduce.TreeSum.Part;
import io.cvaespark.train.allreduce.TreeSum.Span;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One node of a round: it holds the parameters that its workers share and the moments of its slice, and it does the
 * steps. The package documentation explains the terms.
 *
 * <p>No buffer is overwritten too early. A peer sends the new parameters of its slice only after it has received this
 * node's sums, and these exist only when all workers of this node have finished reading the old parameters. A peer
 * sends its sums of the next step only after it has received this node's new parameters, and these exist only when its
 * sums of this step have been used. So one buffer for each peer and kind of message is enough, and the content of a
 * message is written directly to its destination.
 */
public final class AllReduceNode {
    private final TrainingPlan plan;
    private final Membership members;
    private final int self;
    private final Links links;
    private final long firstStep;
    private final double rateFactor;
    private final int workers;
    private final int sliceStart;
    private final int sliceEnd;

    private final float[] parameters;
    private final float[][] moments;
    private final double[] blockNorms;

    private final TreeSum localSum;
    private final TreeSum sliceSum;
    /** The gradients of this node's workers, which are the parts of {@link #localSum}. */
    private final @Nullable Part[] gradients;
    /** The parts of {@link #sliceSum} that other nodes send; null where a part is one of {@link #gradients}. */
    private final @Nullable Part[] received;

    private final int firstOwnPart;
    /** A buffer of one block for each worker. */
    private final float[][] scratch;

    private final @Nullable Outbox[] sumsOut;
    private final Outbox parametersOut;
    private final Outbox normsOut;

    private final Signals signals;
    private final Tally gradientsReady;
    private final Tally sumsReceived;
    private final Tally normsReady;
    private final Tally normsReceived;
    private final Tally updatesDone;
    private final Tally parametersReceived;

    /**
     * @param self the number of this node
     * @param parameters θ [P] before step {@code firstStep}; updated in place
     * @param moments the moments of this node's slice; updated in place
     * @param rateFactor {@link TrainingPlan#rateFactor} of the state before the round
     * @param killed true if the calling worker must stop
     * @param timeoutNanos the longest wait for a peer
     */
    public AllReduceNode(
            TrainingPlan plan,
            Membership members,
            int self,
            Links links,
            float[] parameters,
            float[][] moments,
            long firstStep,
            double rateFactor,
            BooleanSupplier killed,
            long timeoutNanos) {
        this.plan = plan;
        this.members = members;
        this.self = self;
        this.links = links;
        this.parameters = parameters;
        this.moments = moments;
        this.firstStep = firstStep;
        this.rateFactor = rateFactor;
        this.workers = members.ranks(self).size();
        this.sliceStart = members.sliceStart(self);
        this.sliceEnd = members.sliceEnd(self);
        this.blockNorms = new double[GradientNorm.blocks(members.parameters())];
        this.gradients = new Part[workers];
        this.scratch = new float[workers][GradientNorm.BLOCK];
        this.localSum = new TreeSum(members.leaves(self));

        Summands summands = Summands.of(members, self);
        this.firstOwnPart = summands.firstOwn();
        this.sliceSum = new TreeSum(summands.spans());
        this.received = summands.parts().toArray(Part[]::new);

        int nodes = members.nodes();
        this.signals = new Signals(killed, timeoutNanos);
        this.sumsOut = new Outbox[nodes];
        int roots = localSum.roots().size();
        for (int node = 0; node < nodes; node++) {
            if (node != self) {
                long length = members.sliceEnd(node) - members.sliceStart(node);
                sumsOut[node] = new Outbox(signals, 4L * roots * length, workers);
            }
        }
        this.parametersOut = new Outbox(signals, nodes == 1 ? 0 : 4L * (sliceEnd - sliceStart), workers);
        this.normsOut = new Outbox(signals, nodes == 1 ? 0 : 8L * normCount(self), workers);
        List<Integer> ranks = members.ranks(self);
        this.gradientsReady = new Tally(signals, workers, workers, "the gradient", i -> "worker " + ranks.get(i));
        this.normsReady = new Tally(signals, workers, workers, "the norms", i -> "worker " + ranks.get(i));
        this.updatesDone = new Tally(signals, workers, workers, "the update", i -> "worker " + ranks.get(i));
        this.sumsReceived = new Tally(signals, nodes, nodes - 1, "sums of gradients", members::name);
        this.normsReceived = new Tally(signals, nodes, nodes - 1, "norms", members::name);
        this.parametersReceived = new Tally(signals, nodes, nodes - 1, "new parameters", members::name);
    }

    /**
     * The summands of this node's slice. This node contributes each gradient separately, another node the sums that it sends.
     *
     * @param parts the places of what is received; null for this node's own gradients
     * @param firstOwn the first of this node's own among them
     */
    private record Summands(List<Span> spans, List<@Nullable Part> parts, int firstOwn) {

        static Summands of(Membership members, int self) {
            int sliceStart = members.sliceStart(self);
            int length = members.sliceEnd(self) - sliceStart;
            List<Span> spans = new ArrayList<>();
            List<@Nullable Part> parts = new ArrayList<>();
            int firstOwn = 0;
            for (int node = 0; node < members.nodes(); node++) {
                List<Span> subtrees = node == self ? members.leaves(node) : members.subtrees(node);
                if (node == self) {
                    firstOwn = parts.size();
                }
                float[] buffer = node == self ? new float[0] : new float[Math.multiplyExact(subtrees.size(), length)];
                for (int s = 0; s < subtrees.size(); s++) {
                    spans.add(subtrees.get(s));
                    parts.add(node == self ? null : new Part(buffer, sliceStart - s * length));
                }
            }
            return new Summands(spans, parts, firstOwn);
        }
    }

    /** θ [P], which may be read between steps. */
    public float[] parameters() {
        return parameters;
    }

    /** The moments of this node's slice. */
    public float[][] moments() {
        return moments;
    }

    /**
     * Does one worker's part of a step, and returns when θ is that of the next step.
     *
     * @param worker the index of the worker within this node, from 0
     * @param gradient the sum over the worker's shards [P]; it is overwritten, and belongs to the caller again after
     *     the call
     * @throws ExchangeException if the round cannot continue
     */
    public void step(int worker, float[] gradient, long step) {
        signals.check();
        long steps = step - firstStep + 1;
        gradients[worker] = new Part(gradient, 0);
        gradientsReady.add(worker);
        gradientsReady.await(steps, worker);
        sendSums(worker, step);
        int from = members.shareStart(self, worker, workers);
        int to = members.shareStart(self, worker + 1, workers);
        Part[] parts = allParts();
        sumsReceived.await(steps, self);
        int rows = plan.dealing().stepRows(plan.stepInEpoch(step));
        if (plan.clips()) {
            addNorms(parts, from, to);
            float scale = plan.scale(rows, norm(worker, step, steps));
            update(parts[sliceSum.rootPart(0)], scale, step, from, to);
        } else {
            // Each block is summed and updated while it is still in the cache.
            for (int block = from; block < to; block += GradientNorm.BLOCK) {
                int end = Math.min(to, block + GradientNorm.BLOCK);
                update(sliceSum.sum(parts, 0, block, end, scratch[worker]), plan.scale(rows), step, block, end);
            }
        }
        sendParameters(from, to, step);
        updatesDone.add(worker);
        updatesDone.await(steps, worker);
        parametersReceived.await(steps, self);
    }

    /** Returns the parts of {@link #sliceSum}: those received and this node's gradients. */
    private Part[] allParts() {
        Part[] parts = received.clone();
        System.arraycopy(gradients, 0, parts, firstOwnPart, workers);
        return parts;
    }

    /**
     * Sums this worker's share of every other node's slice, and sends each message that is complete. It begins with the
     * next node.
     */
    private void sendSums(int worker, long step) {
        for (int k = 1; k < members.nodes(); k++) {
            int peer = (self + k) % members.nodes();
            Outbox out = Objects.requireNonNull(sumsOut[peer]);
            out.awaitSent();
            int start = members.sliceStart(peer);
            int length = members.sliceEnd(peer) - start;
            int to = members.shareStart(peer, worker + 1, workers);
            for (int block = members.shareStart(peer, worker, workers); block < to; block += GradientNorm.BLOCK) {
                int end = Math.min(to, block + GradientNorm.BLOCK);
                for (int root = 0; root < localSum.roots().size(); root++) {
                    Part sum = localSum.sum(gradients, root, block, end, scratch[worker]);
                    out.put(root * length + block - start, sum.values(), block - sum.base(), end - block);
                }
            }
            if (out.written()) {
                out.send(links, peer, Kind.SUMS, step);
            }
        }
    }

    private void update(Part sum, float scale, long step, int from, int to) {
        plan.update(
                parameters,
                from,
                sum.values(),
                from - sum.base(),
                scale,
                moments,
                from - sliceStart,
                step,
                rateFactor,
                to - from);
    }

    private void addNorms(Part[] parts, int from, int to) {
        Part sum = parts[sliceSum.rootPart(0)];
        for (int block = from; block < to; block += GradientNorm.BLOCK) {
            int end = Math.min(to, block + GradientNorm.BLOCK);
            sliceSum.addAll(parts, block, end);
            blockNorms[blockOf(block)] = GradientNorm.squaredNorm(sum.values(), block - sum.base(), end - sum.base());
        }
    }

    /**
     * Returns the norm of the whole summed gradient, computed from the blocks of all nodes in the order of their index.
     */
    private double norm(int worker, long step, long steps) {
        normsReady.add(worker);
        normsReady.await(steps, worker);
        if (members.nodes() > 1) {
            if (worker == 0) {
                normsOut.awaitSent();
                for (int i = 0; i < normCount(self); i++) {
                    normsOut.put(i, blockNorms[blockOf(sliceStart) + i]);
                }
                sendToAll(normsOut, Kind.NORMS, step);
            }
            normsReceived.await(steps, self);
        }
        return GradientNorm.ofBlocks(blockNorms);
    }

    private void sendParameters(int from, int to, long step) {
        if (members.nodes() > 1) {
            parametersOut.awaitSent();
            parametersOut.put(from - sliceStart, parameters, from, to - from);
            if (parametersOut.written()) {
                sendToAll(parametersOut, Kind.PARAMETERS, step);
            }
        }
    }

    private void sendToAll(Outbox out, Kind kind, long step) {
        for (int k = 1; k < members.nodes(); k++) {
            out.send(links, (self + k) % members.nodes(), kind, step);
        }
    }

    /**
     * Returns the receiver for the content of a message of {@code peer}; throws {@link ExchangeException} if another
     * message is due.
     */
    public Links.Inbound receive(int peer, Kind kind, long step) {
        if (peer < 0 || peer >= members.nodes() || peer == self) {
            throw new ExchangeException(
                    "Received a message from node %s; there are %s nodes, and this is node %s"
                            .formatted(peer, members.nodes(), self),
                    null);
        }
        String what = "Message %s of step %s from %s".formatted(kind, step, members.name(peer));
        return switch (kind) {
            case SUMS -> {
                int firstPart = 0;
                for (int node = 0; node < peer; node++) {
                    firstPart += node == self ? workers : members.subtrees(node).size();
                }
                float[] buffer = Objects.requireNonNull(received[firstPart]).values();
                yield Inbox.floats(
                        requireDue(what, sumsReceived, peer, step),
                        buffer,
                        0,
                        buffer.length,
                        () -> sumsReceived.add(peer));
            }
            case NORMS ->
                Inbox.doubles(
                        requireDue(what, normsReceived, peer, step),
                        blockNorms,
                        blockOf(members.sliceStart(peer)),
                        normCount(peer),
                        () -> normsReceived.add(peer));
            case PARAMETERS ->
                Inbox.floats(
                        requireDue(what, parametersReceived, peer, step),
                        parameters,
                        members.sliceStart(peer),
                        members.sliceEnd(peer) - members.sliceStart(peer),
                        () -> parametersReceived.add(peer));
            case FAILURE -> new FailureMessage(peer);
        };
    }

    private String requireDue(String what, Tally tally, int peer, long step) {
        long expected = firstStep + tally.steps(peer);
        if (step != expected) {
            throw new ExchangeException("%s arrived, but that of step %s is due".formatted(what, expected), null);
        }
        return what;
    }

    /** Ends the round on this node and sends the reason to the other nodes. */
    public void fail(String reason, @Nullable Throwable cause) {
        if (signals.fail(new ExchangeException(reason, cause))) {
            ByteBuffer text = ByteBuffer.wrap(shorten(reason).getBytes(StandardCharsets.UTF_8));
            for (int node = 0; node < members.nodes(); node++) {
                if (node != self) {
                    links.send(node, Kind.FAILURE, 0, text.duplicate(), () -> {});
                }
            }
        }
    }

    /** Ends the round on this node because the connection to {@code peer} is lost. */
    public void lost(int peer, String why) {
        signals.fail(new ExchangeException("%s is gone: %s".formatted(members.name(peer), why), null));
    }

    private static String shorten(String text) {
        return text.length() <= FailureMessage.MAX_CHARS ? text : text.substring(0, FailureMessage.MAX_CHARS);
    }

    private final class FailureMessage implements Links.Inbound {
        private static final int MAX_CHARS = 1000;
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private final int peer;

        FailureMessage(int peer) {
            this.peer = peer;
        }

        @Override
        public void accept(ByteBuffer piece) {
            while (piece.hasRemaining()) {
                byte b = piece.get();
                if (text.size() < 4 * MAX_CHARS) {
                    text.write(b);
                }
            }
        }

        @Override
        public void complete() {
            signals.fail(new ExchangeException(
                    "%s failed: %s".formatted(members.name(peer), text.toString(StandardCharsets.UTF_8)), null));
        }
    }

    private static int blockOf(int parameter) {
        return parameter / GradientNorm.BLOCK;
    }

    private int normCount(int node) {
        return GradientNorm.blocks(members.sliceEnd(node)) - blockOf(members.sliceStart(node));
    }
}
