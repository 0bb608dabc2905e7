package io.cvaespark.spark;

import io.cvaespark.spark.internal.Rendezvous;
import io.cvaespark.train.allreduce.Membership;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a step's exchange cost when plain sockets copy them and nobody looks at them: the yardstick of {@code
 * bench}.
 *
 * <p>Every node sends to each other that one's slice, receives its own from each, and then sends its own to each.
 */
final class SocketCopy implements AutoCloseable {
    private static final long LONGEST_HOP_SECONDS = 60;

    private final Membership members;
    private final int self;
    private final List<@Nullable SocketChannel> outgoing = new ArrayList<>();
    private final List<@Nullable SocketChannel> incoming = new ArrayList<>();

    private SocketCopy(Membership members, int self) {
        this.members = members;
        this.self = self;
    }

    /** Milliseconds of one copy, the average over {@code repeats}; one task of each node calls it. */
    static double millis(Rendezvous.Guest guest, Membership members, int self, int repeats) {
        String host = SparkEnv.get().blockManager().blockManagerId().host();
        try (ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(host, 0));
                SocketCopy copy = new SocketCopy(members, self)) {
            InetSocketAddress own = (InetSocketAddress) server.getLocalAddress();
            String[] addresses = guest.meet("sockets", self, members.nodes(), host + "|" + own.getPort());
            copy.connect(server, addresses);
            copy.run(1 + repeats / 4);
            String[] warm = guest.meet("warm", self, members.nodes(), "");
            long begin = System.nanoTime();
            copy.run(repeats);
            double millis = (System.nanoTime() - begin) * 1e-6 / repeats;
            String[] done = guest.meet("copied", self, members.nodes(), "");
            return millis;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void connect(ServerSocketChannel server, String[] addresses) throws IOException {
        for (int node = 0; node < addresses.length; node++) {
            String[] address = addresses[node].split("\\|", -1);
            outgoing.add(
                    node == self
                            ? null
                            : tuned(SocketChannel.open(
                                    new InetSocketAddress(address[0], Integer.parseInt(address[1])))));
        }
        for (SocketChannel channel : outgoing) {
            if (channel != null) {
                transfer(channel, ByteBuffer.allocate(4).putInt(self).flip(), true);
            }
            incoming.add(null);
        }
        for (int i = 1; i < addresses.length; i++) {
            SocketChannel channel = tuned(server.accept());
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
