package io.cvaespark.train.allreduce;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.ExpectedError;
import io.cvaespark.batch.Dealing;
import io.cvaespark.optim.GradientNorm;
import io.cvaespark.train.OptimizerConfig;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.TrainingState;
import io.cvaespark.train.allreduce.Links.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What does not come, comes wrong or goes ends the round everywhere, and says what it was. */
class AllReduceFailureTest {
    private static final int P = 3 * GradientNorm.BLOCK + 5;
    /** Clips, so that all kinds of messages are sent. */
    private static final TrainingPlan PLAN = new TrainingPlan(
            TrainingConfig.DEFAULT
                    .with(TrainingConfig.EPOCHS, 1)
                    .with(TrainingConfig.BATCH, 4)
                    .with(TrainingConfig.OPTIMIZER, OptimizerConfig.DEFAULT.with(OptimizerConfig.CLIP_NORM, 1.0)),
            new Dealing(40, 8, 4));

    private static final long SHORT = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    private record Sent(int peer, Kind kind, long step, String text) {}

    /** Node a of a round, whose peers are played by the test: nothing comes that it does not {@link #give}. */
    private static final class Alone {
        final Membership members;
        final List<Sent> sent = new ArrayList<>();
        final AllReduceNode node;
        boolean confirms = true;
        boolean killed;

        Alone(String placement, long firstStep, long timeoutNanos) {
            members = MemoryCluster.members(placement, P);
            int length = members.sliceEnd(0) - members.sliceStart(0);
            node = new AllReduceNode(
                    PLAN,
                    members,
                    0,
                    this::send,
                    new float[P],
                    new float[2][length],
                    firstStep,
                    1,
                    () -> killed,
                    timeoutNanos);
        }

        private void send(int peer, Kind kind, long step, ByteBuffer content, Runnable done) {
            String text = kind == Kind.FAILURE
                    ? StandardCharsets.UTF_8.decode(content).toString()
                    : "";
            sent.add(new Sent(peer, kind, step, text));
            if (confirms) {
                done.run();
            }
        }

        void step(long step) {
            node.step(0, new float[P], step);
        }

        int length(Kind kind) {
            int peersLength = members.sliceEnd(1) - members.sliceStart(1);
            return switch (kind) {
                case SUMS -> 4 * members.subtrees(1).size() * members.sliceEnd(0);
                case NORMS -> 8 * ((peersLength + GradientNorm.BLOCK - 1) / GradientNorm.BLOCK);
                case PARAMETERS -> 4 * peersLength;
                case FAILURE -> 0;
            };
        }

        /** A message of zeros from node b. */
        void give(Kind kind, long step) {
            give(kind, step, new byte[length(kind)]);
        }

        void give(Kind kind, long step, byte[] content) {
            Links.Inbound inbound = node.receive(1, kind, step);
            inbound.accept(ByteBuffer.wrap(content));
            inbound.complete();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SUMS", "NORMS", "PARAMETERS"})
    void aPeerThatStaysSilentIsNamedWhenTimeIsUp(Kind missing) {
        Alone a = new Alone("ab", 0, SHORT);
        for (Kind kind : Kind.values()) {
            if (kind.compareTo(missing) < 0) {
                a.give(kind, 0);
            }
        }
        String what =
                switch (missing) {
                    case SUMS -> "sums of gradients from b";
                    case NORMS -> "norms from b";
                    default -> "new parameters from b";
                };
        ExpectedError.of(
                ExchangeException.class,
                () -> a.step(0),
                "Waiting for " + what,
                "step 1",
                "spark.cvae.exchange.timeout");
    }

    @Test
    void onlyWhoIsMissingIsNamed() {
        Alone a = new Alone("abcd", 0, SHORT);
        a.give(Kind.SUMS, 0);
        ExpectedError.of(ExchangeException.class, () -> a.step(0), "sums of gradients from c, d (");
    }

    @Test
    void aWorkerThatDoesNotArriveIsNamed() {
        Alone a = new Alone("abab", 0, SHORT);
        ExpectedError.of(ExchangeException.class, () -> a.step(0), "the gradient from worker 2 (");
    }

    /** The buffer of a message that is not sent yet is not written again. */
    @Test
    void aMessageThatIsNotSentIsNoticed() {
        Alone a = new Alone("ab", 0, SHORT);
        a.confirms = false;
        a.give(Kind.SUMS, 0);
        a.give(Kind.NORMS, 0);
        a.give(Kind.PARAMETERS, 0);
        a.step(0);
        List<Kind> kinds = List.of(Kind.SUMS, Kind.NORMS, Kind.PARAMETERS);
        assertEquals(kinds, a.sent.stream().map(Sent::kind).toList());
        ExpectedError.of(ExchangeException.class, () -> a.step(1), "a message of the last step to be sent");
        assertEquals(3, a.sent.size());
    }

    @ParameterizedTest
    @EnumSource(names = {"SUMS", "NORMS", "PARAMETERS"})
    void aMessageOfAnotherStepIsRefused(Kind kind) {
        Alone a = new Alone("ab", 5, LONG);
        for (long step : new long[] {4, 6, 0}) {
            ExpectedError.of(
                    ExchangeException.class,
                    () -> a.node.receive(1, kind, step),
                    "%s of step %s from b".formatted(kind, step),
                    "step 5 is due");
        }
        a.give(kind, 5);
        ExpectedError.of(
                ExchangeException.class, () -> a.node.receive(1, kind, 5), "of step 5 from b", "step 6 is due");
    }

    @ParameterizedTest
    @EnumSource(names = {"SUMS", "NORMS", "PARAMETERS"})
    void aMessageOfAnotherLengthIsRefused(Kind kind) {
        // Workers 1 and 2 are no subtree: b sends two sums.
        Alone a = new Alone("abba", 0, SHORT);
        int length = a.length(kind);
        int width = kind == Kind.NORMS ? 8 : 4;
        ExpectedError.of(
                ExchangeException.class,
                () -> a.give(kind, 0, new byte[length + width]),
                "%s of step 0 from b is longer than the %s values".formatted(kind, length / width));
        ExpectedError.of(
                ExchangeException.class,
                () -> a.give(kind, 0, new byte[length - width]),
                "ended after %s of %s values".formatted(length / width - 1, length / width));
        ExpectedError.of(ExchangeException.class, () -> a.give(kind, 0, new byte[length - 1]), "from b ended after");
        ExpectedError.of(ExchangeException.class, () -> a.give(kind, 0, new byte[length + 1]), "from b ended after");
        ExpectedError.of(ExchangeException.class, () -> a.give(kind, 0, new byte[0]), "ended after 0 of");
        a.give(kind, 0);
    }

    @Test
    void aMessageFromNobodyIsRefused() {
        Alone a = new Alone("ab", 0, LONG);
        for (int peer : new int[] {-1, 0, 2}) {
            ExpectedError.of(
                    ExchangeException.class, () -> a.node.receive(peer, Kind.SUMS, 0), "node " + peer, "there are 2");
        }
    }

    @Test
    void aPeersReasonIsTheFailureOfEveryStepFromThenOn() {
        Alone a = new Alone("ab", 0, LONG);
        byte[] reason = "der Platz auf /tmp ist voll: 0 von 5 µB übrig".getBytes(StandardCharsets.UTF_8);
        Links.Inbound inbound = a.node.receive(1, Kind.FAILURE, 0);
        for (byte b : reason) {
            inbound.accept(ByteBuffer.wrap(new byte[] {b}));
        }
        inbound.complete();
        for (int i = 0; i < 2; i++) {
            ExpectedError.of(ExchangeException.class, () -> a.step(0), "b failed: der Platz", "5 µB übrig");
        }
        a.node.lost(1, "it closed the connection");
        a.node.fail("what follows from it", null);
        ExpectedError.of(ExchangeException.class, () -> a.step(0), "b failed: der Platz");
        assertEquals(List.of(), a.sent, "whoever failed has told the others itself");
    }

    @Test
    void aFailureIsToldToEveryPeerOnce() {
        Alone a = new Alone("abcabcab", 0, LONG);
        RuntimeException cause = new IllegalStateException("disk full");
        a.node.fail("disk full", cause);
        a.node.fail("something else", null);
        assertEquals(
                List.of(new Sent(1, Kind.FAILURE, 0, "disk full"), new Sent(2, Kind.FAILURE, 0, "disk full")), a.sent);
        ExchangeException error = ExpectedError.of(ExchangeException.class, () -> a.step(0), "disk full");
        Throwable reason = error.getCause();
        assertInstanceOf(ExchangeException.class, reason);
        assertSame(cause, reason == null ? null : reason.getCause());
    }

    @Test
    void aLongReasonIsToldShortened() {
        Alone a = new Alone("ab", 0, LONG);
        a.node.fail("no ".repeat(10_000), null);
        assertEquals(1, a.sent.size());
        assertEquals("no ".repeat(10_000).substring(0, 1000), a.sent.get(0).text());
    }

    @Test
    void aKilledWorkerStops() {
        Alone a = new Alone("ab", 0, LONG);
        a.killed = true;
        ExpectedError.of(ExchangeException.class, () -> a.step(0), "told to stop");
        assertEquals(List.of(), a.sent);
    }

    @Test
    void anInterruptedWorkerStopsAndStaysInterrupted() {
        Alone a = new Alone("ab", 0, LONG);
        Thread.currentThread().interrupt();
        try {
            ExpectedError.of(ExchangeException.class, () -> a.step(0), "interrupted");
        } finally {
            assertTrue(Thread.interrupted());
        }
    }

    @Test
    void whatIsRefusedLeavesTheNodeAsItWas() {
        Alone a = new Alone("ab", 0, SHORT);
        float[] before = a.node.parameters().clone();
        byte[] ones = new byte[a.length(Kind.PARAMETERS)];
        java.util.Arrays.fill(ones, (byte) 1);
        ExpectedError.of(ExchangeException.class, () -> a.give(Kind.PARAMETERS, 1, ones), "step 0 is due");
        assertArrayEquals(before, a.node.parameters());
    }

    private static MemoryCluster cluster(String placement, AtomicBoolean killed) {
        return new MemoryCluster(PLAN, placement, new TrainingState(new float[P], 2), 0, killed::get);
    }

    private static void assertFailed(CompletableFuture<Void> worker, Class<?> type, String... named) {
        CompletionException error = ExpectedError.of(CompletionException.class, worker::join, named);
        assertInstanceOf(type, error.getCause());
    }

    @Test
    void everyWorkerFailsWhenAPeerIsLost() {
        try (MemoryCluster cluster = cluster("aabaaabc", new AtomicBoolean())) {
            List<CompletableFuture<Void>> workers = new ArrayList<>();
            for (int rank = 0; rank < 7; rank++) {
                workers.add(cluster.start(rank, 3, (r, step, parameters, gradient) -> gradient[r] = 1));
            }
            cluster.node(0).lost(2, "it closed the connection");
            cluster.node(1).lost(2, "it closed the connection");
            for (CompletableFuture<Void> worker : workers) {
                assertFailed(worker, ExchangeException.class, "c is gone: it closed the connection");
            }
        }
    }

    @Test
    void aWorkerThatFailsFailsAllOthers() {
        String placement = "abcabcab";
        try (MemoryCluster cluster = cluster(placement, new AtomicBoolean())) {
            List<CompletableFuture<Void>> workers = cluster.startAll(5, (rank, step, parameters, gradient) -> {
                if (rank == 3 && step == 2) {
                    throw new IllegalStateException("disk full");
                }
            });
            for (int rank = 0; rank < placement.length(); rank++) {
                boolean itself = rank == 3;
                Class<?> type = itself ? IllegalStateException.class : ExchangeException.class;
                String named = placement.charAt(rank) == 'a'
                        ? "disk full"
                        : "a failed: " + new IllegalStateException("disk full");
                assertFailed(workers.get(rank), type, named);
            }
        }
    }

    @Test
    void killedWorkersComeFreeWhileTheyWait() {
        AtomicBoolean killed = new AtomicBoolean();
        try (MemoryCluster cluster = cluster("aabb", killed)) {
            List<CompletableFuture<Void>> workers = new ArrayList<>();
            for (int rank = 0; rank < 3; rank++) {
                workers.add(cluster.start(rank, 1, (r, step, parameters, gradient) -> {}));
            }
            killed.set(true);
            for (CompletableFuture<Void> worker : workers) {
                assertFailed(worker, ExchangeException.class, "The worker was told to stop");
            }
        }
    }

    /** Whoever refuses a message gives up, and its sender hears why. */
    @Test
    void aRefusedMessageFailsBothSides() {
        try (MemoryCluster cluster = cluster("ab", new AtomicBoolean())) {
            CompletableFuture<Void> late = cluster.start(0, 2, (rank, step, parameters, gradient) -> {
                if (step == 0) {
                    ExchangeException refused = ExpectedError.of(
                            ExchangeException.class, () -> cluster.node(0).receive(1, Kind.SUMS, 7), "is due");
                    cluster.node(0).fail(String.valueOf(refused.getMessage()), refused);
                }
            });
            CompletableFuture<Void> peer = cluster.start(1, 2, (rank, step, parameters, gradient) -> {});
            assertFailed(late, ExchangeException.class, "Message SUMS of step 7 from b");
            assertFailed(peer, ExchangeException.class, "a failed: Message SUMS of step 7 from b");
        }
    }
}
