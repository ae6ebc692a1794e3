package dev.haneul.wire.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.plane.Exchange;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that wait for their first answer keep nobody out. */
class WaitingClientsTest {
    private static final int CLIENTS = 64;
    private static final int PATIENCE_MILLIS = 20_000;

    /** Answers when all are there. */
    private static final class Gathering implements DataPlane {
        final CountDownLatch missing = new CountDownLatch(CLIENTS);
        final ConcurrentLinkedQueue<Thread> threads = new ConcurrentLinkedQueue<>();

        @Override
        public boolean claims(Exchange exchange) {
            return exchange.host().equals("all.plane.localhost");
        }

        @Override
        public void serve(Exchange exchange) throws IOException {
            threads.add(Thread.currentThread());
            missing.countDown();
            boolean all;
            try {
                all = missing.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
            exchange.respond(all ? 200 : 503, Map.of(), 0).close();
        }
    }

    @Test
    void firstRequestsOfManyConnectionsAreServedAtOnce(@TempDir Path folder) throws Exception {
        Gathering gathering = new Gathering();
        List<Socket> sockets = new ArrayList<>();
        try (Fixture fixture = new Fixture(folder, gathering)) {
            for (int i = 0; i < CLIENTS; i++) {
                Socket socket = new Socket("127.0.0.1", fixture.port());
                sockets.add(socket);
                socket.setSoTimeout(PATIENCE_MILLIS);
                socket.getOutputStream()
                        .write("GET / HTTP/1.1\r\nHost: all.plane.localhost\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
            }
            for (Socket socket : sockets) {
                assertThat(Fixture.readUntil(socket.getInputStream(), "\r\n")).startsWith("HTTP/1.1 200");
            }
            assertThat(gathering.threads).hasSize(CLIENTS).allMatch(Thread::isVirtual);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }
}
