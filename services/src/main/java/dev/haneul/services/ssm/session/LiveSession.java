package dev.haneul.services.ssm.session;

import dev.haneul.engines.LaunchException;
import dev.haneul.engines.container.Exec;
import dev.haneul.engines.session.SessionTarget;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.plane.WebSocket;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.ssm.session.SessionRow.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A session under way: one program, and one client after another. */
final class LiveSession {
    private static final Logger LOG = System.getLogger(LiveSession.class.getName());
    private static final Duration STEP = Duration.ofMillis(50);
    private static final long HANDSHAKE_NANOS = TimeUnit.SECONDS.toNanos(15);
    private static final long DRAIN_MILLIS = 3000;
    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final int PAYLOAD_BYTES = 1024;
    private static final int QUEUE = 256;
    private static final byte INTERRUPT = 3;

    private final SessionRow row;
    private final SessionTarget target;
    private final Clock clock;
    private final Transcript transcript;
    private final DataStream stream;
    private final BlockingQueue<AgentMessage> input = new ArrayBlockingQueue<>(QUEUE);
    private final BlockingQueue<byte[]> handshakes = new ArrayBlockingQueue<>(1);
    /** What the client is told at the end, once somebody ended it. */
    private final AtomicReference<@Nullable String> stop = new AtomicReference<>();

    private volatile boolean shaken;
    /** Its program is gone. */
    private volatile boolean over;
    /** The client was told so, or will never be. */
    private volatile boolean told;

    private volatile Instant active;

    LiveSession(SessionRow row, SessionTarget target, Clock clock, Ids ids, Transcript transcript) {
        this.row = row;
        this.target = target;
        this.clock = clock;
        this.transcript = transcript;
        this.stream = new DataStream(ids, clock, System::nanoTime);
        this.active = clock.instant();
        this.shaken = row.kind() == Kind.STANDARD;
    }

    String id() {
        return row.id();
    }

    /** When something was last said. */
    Instant active() {
        return active;
    }

    /** Ends it soon; the client is told why. */
    void stop(String why) {
        stop.compareAndSet(null, why);
    }

    boolean over() {
        return over;
    }

    /** Talks with a client until it goes or the session is over. */
    void with(WebSocket socket) throws IOException, InterruptedException {
        stream.attach(socket);
        try {
            while (!told) {
                if (socket.receive(STEP) instanceof WebSocket.Binary(byte[] bytes)) {
                    take(bytes);
                }
                stream.tick();
            }
        } finally {
            stream.detach(socket);
        }
    }

    /** As agents do, what is no message is passed over. */
    private void take(byte[] bytes) {
        try {
            AgentMessage message = AgentMessage.decode(bytes);
            if (message.type().equals(AgentMessage.INPUT_STREAM)) {
                active = clock.instant();
            }
            stream.take(message, this::accept);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "session " + id() + ": " + e.getMessage());
        }
    }

    private boolean accept(AgentMessage message) {
        if (message.payloadType() == AgentMessage.HANDSHAKE_RESPONSE) {
            handshakes.offer(message.payload());
            return true;
        }
        // Whatever comes before the handshake is through is lost, as with AWS's agent.
        return !shaken || input.offer(message);
    }

    /**
     * Lives; returns when it is over and its program gone.
     *
     * @return how it ended, as DescribeSessions tells it
     */
    String live() {
        String status = "Terminated";
        String said;
        try {
            said = shaken ? "" : shake();
            if (said.isEmpty()) {
                try (Exec exec = target.open(new SessionTarget.Opening(row.command(), row.kind().terminal))) {
                    said = talk(exec);
                }
            } else {
                status = "Failed";
            }
        } catch (LaunchException e) {
            status = "Failed";
            said = "----------ERROR-------\nUnable to start command: " + e.getMessage();
        } catch (IOException e) {
            said = String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            said = "The region stops.";
            Thread.currentThread().interrupt();
        }
        over = true;
        stream.sayClosed(id(), row.target(), said);
        told = true;
        stream.close();
        return status;
    }

    /** Empty where the client will do, else why not. */
    private String shake() throws IOException, InterruptedException {
        long began = System.nanoTime();
        stream.send(AgentMessage.HANDSHAKE_REQUEST, Payloads.handshake(row.kind().name));
        byte[] answer = null;
        while (answer == null) {
            if (stop.get() != null) {
                return String.valueOf(stop.get());
            }
            if (System.nanoTime() - began > HANDSHAKE_NANOS) {
                return failure("Handshake timed out. Please ensure that you have the latest version of the session "
                        + "manager plugin.");
            }
            answer = handshakes.poll(STEP.toMillis(), TimeUnit.MILLISECONDS);
        }
        String refusal = Payloads.refusal(answer).orElse("");
        if (!refusal.isEmpty()) {
            return failure(refusal);
        }
        shaken = true;
        stream.send(AgentMessage.HANDSHAKE_COMPLETE, Payloads.handshakeComplete(System.nanoTime() - began));
        return "";
    }

    private String failure(String why) {
        return "----------ERROR-------\nSetting up data channel with id " + id()
                + " failed: failed to initiate handshake: " + why;
    }

    private String talk(Exec exec) throws IOException, InterruptedException {
        List<Thread> pumps = row.kind().terminal
                ? List.of(pump(exec.stdout(), AgentMessage.OUTPUT))
                : List.of(pump(exec.stdout(), AgentMessage.OUTPUT), pump(exec.stderr(), AgentMessage.STANDARD_ERROR));
        Thread hand = Thread.ofVirtual().name("session-input").start(() -> feed(exec));
        try {
            OptionalInt code = OptionalInt.empty();
            while (code.isEmpty() && stop.get() == null) {
                code = exec.await(STEP);
            }
            if (code.isPresent()) {
                for (Thread pump : pumps) {
                    pump.join(LAST_WORDS);
                }
                if (row.kind() == Kind.NON_INTERACTIVE) {
                    stream.send(AgentMessage.EXIT_CODE, DataStream.text("EXIT_CODE: " + code.getAsInt()));
                }
                stream.drain(DRAIN_MILLIS);
            }
            return String.valueOf(stop.get() == null ? "" : stop.get());
        } finally {
            stream.close();
            exec.close();
            hand.interrupt();
            for (Thread pump : pumps) {
                pump.join(LAST_WORDS);
            }
        }
    }

    private Thread pump(InputStream from, int payloadType) {
        return Thread.ofVirtual().name("session-output").start(() -> {
            byte[] buffer = new byte[PAYLOAD_BYTES];
            try {
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    active = clock.instant();
                    byte[] read = Arrays.copyOf(buffer, count);
                    transcript.add(read);
                    stream.send(payloadType, read);
                }
            } catch (IOException e) {
                LOG.log(Level.DEBUG, () -> "session " + id() + ": " + e.getMessage()); // it ended
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private void feed(Exec exec) {
        try {
            OutputStream stdin = exec.stdin();
            if (!row.kind().terminal) {
                stdin.close();
            }
            while (!over) {
                AgentMessage message = input.take();
                try {
                    feed(exec, stdin, message);
                } catch (IOException e) {
                    LOG.log(Level.DEBUG, () -> "session " + id() + ": " + e.getMessage());
                }
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, () -> "session " + id() + ": " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void feed(Exec exec, OutputStream stdin, AgentMessage message) throws IOException {
        byte[] payload = message.payload();
        switch (message.payloadType()) {
            case AgentMessage.OUTPUT -> {
                if (row.kind().terminal) {
                    stdin.write(payload);
                    stdin.flush();
                } else if (payload.length == 1 && payload[0] == INTERRUPT) {
                    stop("");
                }
            }
            case AgentMessage.SIZE -> {
                Payloads.Size size = Payloads.size(payload);
                exec.resize(size.rows(), size.columns());
            }
            case AgentMessage.FLAG -> {
                if (Payloads.flag(payload) == AgentMessage.TERMINATE) {
                    stop("");
                }
            }
            default -> throw new IOException("A payload of type " + message.payloadType() + " is passed over.");
        }
    }
}
