package io.cvaespark.bench;

import io.cvaespark.train.allreduce.Membership;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The time that plain loopback sockets take to copy the bytes of one step's exchange: what {@code bench --exchange P} is
 * compared with.
 *
 * <p>{@code SocketCopy P N} runs N nodes as threads of one JVM. In each copy every node sends to each other node that one's
 * slice of P floats, receives its own slice from each, and then sends its own slice to each.
 */
final class SocketCopy implements AutoCloseable {
    private static final int REPEATS = 200;
    private static final long LONGEST_HOP_SECONDS = 60;

    private final Membership members;
    private final int self;
    private final List<@Nullable SocketChannel> outgoing = new ArrayList<>();
    private final List<@Nullable SocketChannel> incoming = new ArrayList<>();

    private SocketCopy(Membership members, int self) {
        this.members = members;
        this.self = self;
    }

    /** Prints the milliseconds of one copy. */
    public static void main(String[] args) throws Exception {
        if (args.length != 2) {
            throw new IllegalArgumentException("Expected two arguments, the number of floats and the number of nodes");
        }
        System.out.printf("%.2f ms%n", millis(Integer.parseInt(args[0]), Integer.parseInt(args[1]), REPEATS));
    }

    /** Milliseconds of one copy of {@code floats} numbers among {@code nodes} nodes, the average over {@code repeats}. */
    static double millis(int floats, int nodes, int repeats) throws Exception {
        Membership members = new Membership(
                IntStream.range(0, nodes).mapToObj(String::valueOf).toList(), floats);
        List<ServerSocketChannel> servers = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(nodes);
        try {
            for (int node = 0; node < nodes; node++) {
                servers.add(
                        ServerSocketChannel.open().bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)));
            }
            CyclicBarrier all = new CyclicBarrier(nodes);
            List<Future<Double>> results = new ArrayList<>();
            for (int node = 0; node < nodes; node++) {
                int self = node;
                results.add(threads.submit(() -> node(members, self, servers, all, repeats)));
            }
            double slowest = 0;
            for (Future<Double> result : results) {
                slowest = Math.max(slowest, result.get());
            }
            return slowest;
        } finally {
            threads.shutdownNow();
            for (ServerSocketChannel server : servers) {
                server.close();
            }
        }
    }

    private static double node(
            Membership members, int self, List<ServerSocketChannel> servers, CyclicBarrier all, int repeats)
            throws Exception {
        try (SocketCopy copy = new SocketCopy(members, self)) {
            copy.connect(servers);
            copy.run(1 + repeats / 4);
            int unused = all.await(LONGEST_HOP_SECONDS, TimeUnit.SECONDS);
            long begin = System.nanoTime();
            copy.run(repeats);
            return (System.nanoTime() - begin) * 1e-6 / repeats;
        }
    }

    private void connect(List<ServerSocketChannel> servers) throws IOException {
        for (int node = 0; node < servers.size(); node++) {
            outgoing.add(
                    node == self
                            ? null
                            : tuned(SocketChannel.open(servers.get(node).getLocalAddress())));
        }
        for (SocketChannel channel : outgoing) {
            if (channel != null) {
                transfer(channel, ByteBuffer.allocate(4).putInt(self).flip(), true);
            }
            incoming.add(null);
        }
        for (int i = 1; i < servers.size(); i++) {
            SocketChannel channel = tuned(servers.get(self).accept());
            ByteBuffer node = ByteBuffer.allocate(4);
            transfer(channel, node, false);
            incoming.set(node.getInt(0), channel);
        }
    }

    private static SocketChannel tuned(SocketChannel channel) throws IOException {
        return channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    }

    /** A thread sends to all others while this one receives; no second hop before the first is received. */
    private void run(int repeats) throws IOException {
        CyclicBarrier hop = new CyclicBarrier(2);
        CompletableFuture<Void> sender = CompletableFuture.runAsync(
                () -> hops(repeats, hop, outgoing, true), task -> new Thread(task, "socket copy").start());
        hops(repeats, hop, incoming, false);
        try {
            sender.join();
        } catch (CompletionException e) {
            throw new IOException(e);
        }
    }

    /** Of each repeat the other nodes' slices one way, and then each node's own: all through one side's channels. */
    private void hops(int repeats, CyclicBarrier hop, List<@Nullable SocketChannel> channels, boolean write) {
        // As large as what is exchanged: a small one would stay in the cache, which gradients do not.
        int largest = IntStream.range(0, members.nodes()).map(this::bytes).max().orElse(0);
        ByteBuffer buffer = ByteBuffer.allocateDirect(largest);
        try {
            for (int i = 0; i < 2 * repeats; i++) {
                boolean first = i % 2 == 0;
                for (int node = 0; node < members.nodes(); node++) {
                    SocketChannel channel = channels.get(node);
                    if (channel != null) {
                        transfer(channel, buffer.clear().limit(bytes(first == write ? node : self)), write);
                    }
                }
                int unused = hop.await(LONGEST_HOP_SECONDS, TimeUnit.SECONDS);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (BrokenBarrierException | InterruptedException | TimeoutException e) {
            throw new IllegalStateException("The socket copy was interrupted or the other side is gone", e);
        }
    }

    private static void transfer(SocketChannel channel, ByteBuffer whole, boolean write) throws IOException {
        while (whole.hasRemaining()) {
            if ((write ? channel.write(whole) : channel.read(whole)) < 0) {
                throw new IOException("the other side closed the connection");
            }
        }
    }

    private int bytes(int node) {
        return 4 * (members.sliceEnd(node) - members.sliceStart(node));
    }

    @Override
    public void close() throws IOException {
        for (SocketChannel channel : outgoing) {
            if (channel != null) {
                channel.close();
            }
        }
        for (SocketChannel channel : incoming) {
            if (channel != null) {
                channel.close();
            }
        }
    }
}
