package io.cvaespark.spark.internal;

import io.cvaespark.train.allreduce.AllReduceNode;
import io.cvaespark.train.allreduce.ExchangeException;
import io.cvaespark.train.allreduce.Links;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.spark.SecurityManager;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkEnv;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.buffer.NioManagedBuffer;
import org.apache.spark.network.client.RpcResponseCallback;
import org.apache.spark.network.client.StreamCallbackWithID;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientBootstrap;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.crypto.AuthClientBootstrap;
import org.apache.spark.network.crypto.AuthServerBootstrap;
import org.apache.spark.network.netty.SparkTransportConf$;
import org.apache.spark.network.server.OneForOneStreamManager;
import org.apache.spark.network.server.RpcHandler;
import org.apache.spark.network.server.StreamManager;
import org.apache.spark.network.server.TransportServer;
import org.apache.spark.network.server.TransportServerBootstrap;
import org.apache.spark.network.util.TransportConf;
import org.apache.spark.util.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.Option;

/**
 * {@link Links} over Spark's own transport, with its authentication and encryption, for one round on one executor.
 *
 * <p>A message is an upload stream. Its header has the training's secret, the round's attempt, the sender, the kind and
 * the step. Its content is written to its destination while it arrives. The reply tells the sender that its buffer is
 * free. A connection whose header does not have this training's secret is closed, also if Spark authenticates
 * connections.
 */
public final class PeerLinks implements Links, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PeerLinks.class);
    private static final int HEADER_BYTES = 16 + 8 + 4 + 1 + 8;
    private static final String MODULE = "cvae";

    /** The default number of the transport's threads; it is low because the messages of a step are few and large. */
    private static final int THREADS = 2;

    private final UUID trainingId;
    private final long attempt;
    private final SparkEnv environment = SparkEnv.get();
    private final TransportContext context;
    private final TransportServer server;
    private final TransportClientFactory clients;
    private final List<@Nullable TransportClient> peers = new ArrayList<>();
    private int self = -1;
    private volatile @Nullable AllReduceNode node;
    private volatile boolean closing;

    /**
     * Opens a port for one attempt of a round.
     *
     * @param trainingId the secret of the training, which only its tasks know
     * @param attempt the number of the attempt; messages of earlier attempts are refused
     */
    public PeerLinks(UUID trainingId, long attempt) {
        this.trainingId = trainingId;
        this.attempt = attempt;
        SparkConf conf = environment.conf();
        SecurityManager security = environment.securityManager();
        TransportConf transport = SparkTransportConf$.MODULE$.fromSparkConf(
                conf, MODULE, THREADS, Option.apply("executor"), Option.apply(security.getRpcSSLOptions()));
        this.context = new TransportContext(transport, new Handler());
        List<TransportServerBootstrap> serverBootstraps = new ArrayList<>();
        List<TransportClientBootstrap> clientBootstraps = new ArrayList<>();
        if (security.isAuthenticationEnabled()) {
            serverBootstraps.add(new AuthServerBootstrap(transport, security));
            clientBootstraps.add(new AuthClientBootstrap(transport, conf.getAppId(), security));
        }
        this.server = listen(conf, serverBootstraps);
        this.clients = context.createClientFactory(clientBootstraps);
    }

    private TransportServer listen(SparkConf conf, List<TransportServerBootstrap> bootstraps) {
        int first = conf.getInt("spark.cvae.exchange.port", 0);
        int last = first == 0 ? 0 : first + conf.getInt("spark.port.maxRetries", 16);
        for (int port = first; ; port++) {
            try {
                return context.createServer(host(), port, bootstraps);
            } catch (Exception e) { // Netty throws the checked exceptions of sockets without declaring them
                if (!Utils.isBindCollision(e) || port >= last) {
                    context.close();
                    throw new ExchangeException(
                            "No port of %s to %s on %s can be opened for the exchange: %s. Set spark.cvae.exchange.port to the first of a range that is free (0: any)"
                                    .formatted(first, last, host(), e.getMessage()),
                            e);
                }
            }
        }
    }

    private String host() {
        return environment.blockManager().blockManagerId().host();
    }

    /** The address of this executor, to which peers connect. */
    public Address address() {
        return new Address(environment.executorId(), host(), server.getPort());
    }

    /** The id of an executor and the address at which it listens. */
    public record Address(String executor, String host, int port) {
        /** Reads an address in the form {@code executor|host|port}. */
        public static Address parse(String text) {
            String[] parts = text.split("\\|", -1);
            return new Address(parts[0], parts[1], Integer.parseInt(parts[2]));
        }

        /** The form that {@link #parse} reads. */
        public String text() {
            return executor + "|" + host + "|" + port;
        }

        /** The name of the executor in messages. */
        public String name() {
            return "executor %s (%s:%s)".formatted(executor, host, port);
        }
    }

    /** Connects to all other nodes; from now on {@code owner} receives their messages. */
    public void connect(List<Address> addresses, int ownNode, AllReduceNode owner) {
        self = ownNode;
        node = owner;
        for (int peer = 0; peer < addresses.size(); peer++) {
            peers.add(peer == self ? null : connect(peer, addresses.get(peer), owner));
        }
    }

    private TransportClient connect(int peer, Address address, AllReduceNode owner) {
        try {
            TransportClient client = clients.createUnmanagedClient(address.host(), address.port());
            client.getChannel().closeFuture().addListener(closed -> {
                if (!closing) {
                    owner.lost(peer, "it closed the connection");
                }
            });
            return client;
        } catch (IOException | RuntimeException e) {
            throw new ExchangeException("No connection to %s: %s".formatted(address.name(), e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExchangeException("Interrupted while connecting to " + address.name(), e);
        }
    }

    @Override
    public void send(int peer, Kind kind, long step, ByteBuffer content, Runnable sent) {
        ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES)
                .putLong(trainingId.getMostSignificantBits())
                .putLong(trainingId.getLeastSignificantBits())
                .putLong(attempt)
                .putInt(self)
                .put((byte) kind.ordinal())
                .putLong(step)
                .flip();
        TransportClient client = peer < peers.size() ? peers.get(peer) : null;
        if (client == null) {
            return;
        }
        long unused = client.uploadStream(
                new NioManagedBuffer(header), new NioManagedBuffer(content), new RpcResponseCallback() {
                    @Override
                    public void onSuccess(ByteBuffer response) {
                        sent.run();
                    }

                    @Override
                    public void onFailure(Throwable e) {
                        AllReduceNode owner = node;
                        if (owner != null && !closing) {
                            owner.lost(peer, String.valueOf(e.getMessage()));
                        }
                    }
                });
    }

    @Override
    public void close() {
        closing = true;
        for (TransportClient peer : peers) {
            if (peer != null) {
                peer.close();
            }
        }
        clients.close();
        server.close();
        context.close();
    }

    /** Handles the messages that arrive at this executor's port. */
    private final class Handler extends RpcHandler {
        private final StreamManager streams = new OneForOneStreamManager();

        @Override
        public void receive(TransportClient client, ByteBuffer message, RpcResponseCallback callback) {
            refuse(client, "it sent a call instead of a step's message");
        }

        @Override
        public void receive(TransportClient client, ByteBuffer message) {
            refuse(client, "it sent a call instead of a step's message");
        }

        @Override
        public StreamManager getStreamManager() {
            return streams;
        }

        @Override
        public StreamCallbackWithID receiveStream(
                TransportClient client, ByteBuffer header, RpcResponseCallback callback) {
            AllReduceNode owner = node;
            if (header.remaining() != HEADER_BYTES
                    || header.getLong() != trainingId.getMostSignificantBits()
                    || header.getLong() != trainingId.getLeastSignificantBits()) {
                throw refuse(client, "it does not belong to this training");
            }
            if (header.getLong() != attempt || owner == null) {
                throw refuse(client, "its round is over");
            }
            int peer = header.getInt();
            int kind = header.get();
            long step = header.getLong();
            if (kind < 0 || kind >= Kind.values().length) {
                throw refuse(client, "it sent a message of unknown kind " + kind);
            }
            try {
                return new Stream(peer, step, owner, owner.receive(peer, Kind.values()[kind], step));
            } catch (ExchangeException e) {
                owner.fail(String.valueOf(e.getMessage()), e);
                throw e;
            }
        }

        private ExchangeException refuse(TransportClient client, String why) {
            LOG.warn("Refused a connection from {}: {}", client.getSocketAddress(), why);
            client.getChannel().close();
            return new ExchangeException("Refused: " + why, null);
        }
    }

    /** A message that is being received. */
    private final class Stream implements StreamCallbackWithID {
        private final int peer;
        private final long step;
        private final AllReduceNode owner;
        private final Inbound inbound;

        Stream(int peer, long step, AllReduceNode owner, Inbound inbound) {
            this.peer = peer;
            this.step = step;
            this.owner = owner;
            this.inbound = inbound;
        }

        @Override
        public String getID() {
            return peer + "/" + step;
        }

        @Override
        public void onData(String id, ByteBuffer piece) {
            failNodeOnError(() -> inbound.accept(piece));
        }

        @Override
        public void onComplete(String id) {
            failNodeOnError(inbound::complete);
        }

        @Override
        public void onFailure(String id, Throwable cause) {
            if (!closing) {
                owner.lost(peer, String.valueOf(cause.getMessage()));
            }
        }

        private void failNodeOnError(Runnable work) {
            try {
                work.run();
            } catch (RuntimeException e) {
                owner.fail(String.valueOf(e.getMessage()), e);
                throw e;
            }
        }
    }
}
