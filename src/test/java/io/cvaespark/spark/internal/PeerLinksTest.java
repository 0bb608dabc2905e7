package io.cvaespark.spark.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.cvaespark.batch.Dealing;
import io.cvaespark.spark.SparkTests;
import io.cvaespark.train.TrainingConfig;
import io.cvaespark.train.TrainingPlan;
import io.cvaespark.train.allreduce.AllReduceNode;
import io.cvaespark.train.allreduce.ExchangeException;
import io.cvaespark.train.allreduce.Links;
import io.cvaespark.train.allreduce.Membership;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Two nodes over real connections, in one process. */
class PeerLinksTest {
    private static final int P = 300_001;
    private static final TrainingPlan PLAN =
            new TrainingPlan(TrainingConfig.DEFAULT.with(TrainingConfig.SHARDS, 2), new Dealing(1024, 2, 64));

    @BeforeAll
    static void spark() {
        SparkTests.session();
    }

    /** A node with its links. */
    private record Side(PeerLinks links, AllReduceNode node) {
        float[] steps(int count) {
            for (int step = 0; step < count; step++) {
                float[] gradient = new float[P];
                for (int i = 0; i < P; i++) {
                    gradient[i] = (float) Math.sin(i + step) + node.parameters()[i];
                }
                node.step(0, gradient, step);
            }
            return node.parameters();
        }
    }

    private static List<Side> pair(UUID run, UUID otherRun, long otherAttempt) {
        PeerLinks a = new PeerLinks(run, 1);
        PeerLinks b = new PeerLinks(otherRun, otherAttempt);
        List<PeerLinks.Address> addresses = List.of(a.address(), b.address());
        Membership members =
                new Membership(addresses.stream().map(PeerLinks.Address::name).toList(), P);
        Side left = side(members, 0, a);
        Side right = side(members, 1, b);
        a.connect(addresses, 0, left.node());
        b.connect(addresses, 1, right.node());
        return List.of(left, right);
    }

    private static Side side(Membership members, int self, PeerLinks links) {
        int length = members.sliceEnd(self) - members.sliceStart(self);
        float[][] moments = new float[PLAN.moments()][length];
        AllReduceNode node = new AllReduceNode(
                PLAN, members, self, links, new float[P], moments, 0, 1, () -> false, TimeUnit.SECONDS.toNanos(60));
        return new Side(links, node);
    }

    @Test
    void twoNodesAgreeOnEveryStep() throws Exception {
        UUID run = UUID.randomUUID();
        List<Side> sides = pair(run, run, 1);
        try (PeerLinks a = sides.get(0).links();
                PeerLinks b = sides.get(1).links()) {
            assertTrue(a.address().port() != b.address().port());
            CompletableFuture<float[]> other =
                    CompletableFuture.supplyAsync(() -> sides.get(1).steps(4));
            float[] parameters = sides.get(0).steps(4);
            assertArrayEquals(parameters, other.get());
            assertTrue(parameters[7] != 0f && parameters[P - 1] != 0f);
        }
    }

    @Test
    void aPeerThatGoesIsNamed() {
        UUID run = UUID.randomUUID();
        List<Side> sides = pair(run, run, 1);
        try (PeerLinks a = sides.get(0).links()) {
            CompletableFuture<float[]> waiting =
                    CompletableFuture.supplyAsync(() -> sides.get(0).steps(1));
            String name = sides.get(1).links().address().name();
            sides.get(1).links().close();
            CompletionException failed = assertThrows(CompletionException.class, waiting::join);
            assertTrue(failed.getCause() instanceof ExchangeException, String.valueOf(failed));
            assertTrue(String.valueOf(failed.getMessage()).contains(name + " is gone"), String.valueOf(failed));
            assertEquals(0, a.address().name().indexOf("executor "));
        }
    }

    /** What another training or an earlier attempt sends is not taken in; the sender learns that it is refused. */
    @Test
    void messagesOfOthersAreRefused() {
        UUID run = UUID.randomUUID();
        for (Object[] other : new Object[][] {{UUID.randomUUID(), 1L}, {run, 0L}}) {
            List<Side> sides = pair(run, (UUID) other[0], (long) other[1]);
            try (PeerLinks a = sides.get(0).links();
                    PeerLinks b = sides.get(1).links()) {
                float[] before = sides.get(0).node().parameters().clone();
                ByteBuffer slice = ByteBuffer.allocate(4 * (P - PLANNED.sliceStart(1)));
                b.send(0, Links.Kind.PARAMETERS, 0, slice, () -> {});
                ExchangeException refused =
                        assertThrows(ExchangeException.class, () -> sides.get(1).steps(1));
                assertTrue(String.valueOf(refused.getMessage()).contains("is gone"), String.valueOf(refused));
                assertArrayEquals(before, sides.get(0).node().parameters());
                assertEquals(a.address().executor(), b.address().executor());
            }
        }
    }

    private static final Membership PLANNED = new Membership(List.of("a", "b"), P);

    @Test
    void aForeignerIsRefused() throws Exception {
        try (PeerLinks links = new PeerLinks(UUID.randomUUID(), 1)) {
            assertTrue(ForeignClient.isRefused(
                    links.address().host(), links.address().port()));
        }
    }

    /** Executors of one machine share the range: each takes the first port that is free. */
    @Test
    void aTakenPortOfTheRangeIsPassedOver() throws Exception {
        SparkConf conf = SparkEnv.get().conf();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName(host()))) {
            conf.set("spark.cvae.exchange.port", String.valueOf(taken.getLocalPort()));
            try (PeerLinks links = new PeerLinks(UUID.randomUUID(), 1)) {
                assertTrue(links.address().port() > taken.getLocalPort());
            }
        } finally {
            conf.remove("spark.cvae.exchange.port");
        }
    }

    private static String host() {
        return SparkEnv.get().blockManager().blockManagerId().host();
    }
}
