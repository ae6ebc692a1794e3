package dev.haneul.services.ssm.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Exec;
import dev.haneul.engines.session.SessionTarget;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.plane.WebSocket;
import dev.haneul.kernel.time.VirtualClock;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A session's end reaches its client, whoever is quicker. */
class LiveSessionTest {
    private static final int ROUNDS = 100;
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:00:00Z"));

    /** Prints a word and ends. */
    private static final class Quick implements Exec {
        @Override
        public OutputStream stdin() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public InputStream stdout() {
            return new ByteArrayInputStream("done".getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public InputStream stderr() {
            return InputStream.nullInputStream();
        }

        @Override
        public OptionalInt await(Duration timeout) {
            return OptionalInt.of(0);
        }

        @Override
        public void resize(int rows, int columns) {}

        @Override
        public void close() {}
    }

    private record Target(@Nullable String problem) implements SessionTarget {
        @Override
        public Exec open(Opening opening) throws LaunchException {
            if (problem != null) {
                throw new LaunchException(problem);
            }
            return new Quick();
        }

        @Override
        public boolean recorded() {
            return false;
        }

        @Override
        public void ended(String session, Path transcript) {
            throw new IllegalStateException("nothing was recorded");
        }
    }

    /** Acknowledges everything at once. */
    private static final class Client implements WebSocket {
        final List<AgentMessage> heard = new ArrayList<>();
        private final List<Message> answers = new ArrayList<>();
        private boolean closed;
        volatile CountDownLatch asked = new CountDownLatch(1);

        @Override
        public synchronized @Nullable Message receive(Duration timeout) throws IOException {
            asked.countDown();
            if (!answers.isEmpty()) {
                return answers.removeFirst();
            }
            if (closed) {
                throw new EOFException("closed");
            }
            return null;
        }

        @Override
        public synchronized void send(Message message) throws IOException {
            if (closed) {
                throw new EOFException("closed");
            }
            AgentMessage sent = AgentMessage.decode(((Binary) message).bytes());
            heard.add(sent);
            if (sent.type().equals(AgentMessage.OUTPUT_STREAM)) {
                byte[] payload = ("{\"AcknowledgedMessageSequenceNumber\":" + sent.sequence() + "}")
                        .getBytes(StandardCharsets.UTF_8);
                answers.add(
                        new Binary(new AgentMessage(AgentMessage.ACKNOWLEDGE, 0, 3, sent.id(), 0, payload).encode(1)));
            }
        }

        @Override
        public synchronized void close(int code, String reason) {
            closed = true;
        }

        synchronized List<String> types() {
            return heard.stream().map(AgentMessage::type).toList();
        }

        synchronized String last() {
            return new String(heard.getLast().payload(), StandardCharsets.UTF_8);
        }
    }

    private Client held(SessionTarget target) throws Exception {
        SessionRow row = new SessionRow(
                "s-1",
                "i-1",
                SessionRow.Kind.STANDARD,
                "",
                "Connected",
                new SessionRow.About("d", "o", null, clock.instant()),
                null,
                null);
        LiveSession session = new LiveSession(row, target, clock, new Ids(new Random(1)), Transcript.none());
        Client client = new Client();
        CountDownLatch there = new CountDownLatch(1);
        client.asked = there;
        Thread talk = Thread.ofVirtual().start(() -> {
            try {
                session.with(client);
            } catch (IOException | InterruptedException e) {
                return; // closed
            } finally {
                client.close(WebSocket.NORMAL, "");
            }
        });
        assertThat(there.await(20, TimeUnit.SECONDS)).isTrue();
        session.live();
        assertThat(talk.join(Duration.ofSeconds(20))).isTrue();
        return client;
    }

    @Test
    void theEndIsTheLastThingTheClientHears() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            Client client = held(new Target(null));
            assertThat(client.types()).containsExactly(AgentMessage.OUTPUT_STREAM, AgentMessage.CHANNEL_CLOSED);
        }
    }

    @Test
    void whatCouldNotBeStartedIsTold() throws Exception {
        assertThat(held(new Target("there is no such program")).last())
                .contains("Unable to start command: there is no such program");
    }
}
