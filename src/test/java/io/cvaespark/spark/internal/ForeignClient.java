package io.cvaespark.spark.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.spark.network.TransportContext;
import org.apache.spark.network.client.TransportClient;
import org.apache.spark.network.client.TransportClientFactory;
import org.apache.spark.network.server.NoOpRpcHandler;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;

/** Someone who speaks Spark's protocol and does not know the secret. */
public final class ForeignClient {
    private ForeignClient() {}

    /** Whether an exchange's port can be reached and what is said to it is refused. */
    public static boolean isRefused(String host, int port) throws InterruptedException {
        TransportConf conf = new TransportConf("foreign", MapConfigProvider.EMPTY);
        try (TransportContext context = new TransportContext(conf, new NoOpRpcHandler());
                TransportClientFactory clients = context.createClientFactory()) {
            TransportClient client;
            try {
                client = clients.createUnmanagedClient(host, port);
            } catch (IOException e) {
                return false;
            }
            try {
                ByteBuffer answer = client.sendRpcSync(ByteBuffer.wrap(new byte[64]), 10_000);
                throw new AssertionError("a foreigner was answered with %s bytes".formatted(answer.remaining()));
            } catch (RuntimeException e) {
                return true;
            } finally {
                client.close();
            }
        }
    }
}
