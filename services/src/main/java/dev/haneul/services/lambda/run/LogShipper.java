package dev.haneul.services.lambda.run;

import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsApi;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Brings functions' log events to CloudWatch Logs, as each function's execution role, without making invocations wait.
 * One stream is written by one step at a time, so its order holds; what gathers meanwhile goes in the next batch.
 * Memory is bounded per stream: a writer waits for room, and drops (saying so) only when there is none for long.
 *
 * <p>As on AWS, a role without permission for CloudWatch Logs has no log.
 */
public final class LogShipper implements Reconciler<LogShipper.StreamKey> {
    /** PutLogEvents takes 1 MiB, counting 26 bytes for each event, and 10,000 events. */
    private static final int BATCH_BYTES = 1_048_576;

    private static final int BATCH_EVENTS = 10_000;
    private static final int EVENT_OVERHEAD_BYTES = 26;
    private static final int HELD_BYTES = 4 * BATCH_BYTES;
    /** So much is not held back. */
    private static final int MANY_BYTES = BATCH_BYTES / 4;

    /** What a function prints comes in drops, and bringing one costs as much as bringing many; nor is it urgent. */
    private static final Duration GATHERING = Duration.ofMillis(20);

    private static final Duration CALL_LIMIT = Duration.ofMinutes(1);
    private static final int ATTEMPTS = 3;
    /** Who was refused is not asked again for so long. */
    private static final Duration AFTER_REFUSAL = Duration.ofSeconds(5);

    private final LogsApi logs;
    private final RoleSessions sessions;
    private final Clock clock;
    private final Map<StreamKey, Stream> streams = new ConcurrentHashMap<>();
    private Driver.@Nullable Waker<StreamKey> waker;

    public LogShipper(LogsApi logs, RoleSessions sessions, Clock clock) {
        this.logs = logs;
        this.sessions = sessions;
        this.clock = clock;
    }

    /** A log stream. */
    public record StreamKey(String account, String region, String group, String stream) {}

    /** Sets what wakes the reconciler; before the first event. */
    public void wakenBy(Driver.Waker<StreamKey> driverWaker) {
        waker = driverWaker;
    }

    /** Opens a stream for an environment of this target. The stream itself is made with its first event. */
    public Writer open(Target target, String stream) {
        StreamKey key = new StreamKey(target.account(), target.region(), target.logGroup(), stream);
        Stream made = new Stream(key, target);
        streams.put(key, made);
        return made;
    }

    /** Writes one stream. */
    public interface Writer {
        /**
         * Adds an event that is brought with the next {@link #send}, or where many are held; waits at most so long for
         * room; false where there was none and the event is dropped.
         * Events get times that never go back.
         *
         * @param shipped run once this event and all before it have arrived; quick
         */
        boolean append(LogEvent event, long waitNanos, Runnable shipped) throws InterruptedException;

        /** What is held is to be brought now: a few events at once cost as much as one. */
        void send();

        /**
         * Brings what is held on the caller's thread, without waiting for more to gather: what it was read from may be
         * deleted then. What CloudWatch Logs cannot take right now is brought later.
         */
        void bring() throws InterruptedException;

        /** Nothing more will come; what is held is still brought. */
        void close();
    }

    @Override
    public String name() {
        return "lambda.logs";
    }

    @Override
    public Next reconcile(StreamKey key) throws InterruptedException {
        Stream stream = streams.get(key);
        if (stream != null) {
            Thread.sleep(GATHERING);
            ship(stream);
        }
        return Next.DONE;
    }

    /** Brings everything held, on the caller's thread, for at most so long: for a normal stop. */
    public void drain(Duration patience) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Stream stream : List.copyOf(streams.values())) {
            if (System.nanoTime() > deadline) {
                return;
            }
            try {
                ship(stream);
            } catch (Fault fault) {
                warn(stream, fault);
            }
        }
    }

    private void ship(Stream stream) throws InterruptedException {
        stream.shipping.lockInterruptibly();
        try {
            for (List<InputLogEvent> batch = stream.peek(); !batch.isEmpty(); batch = stream.peek()) {
                put(stream, batch);
                stream.remove(batch.size());
            }
            if (stream.finished()) {
                streams.remove(stream.key, stream);
            }
        } finally {
            stream.shipping.unlock();
        }
    }

    private void put(Stream stream, List<InputLogEvent> batch) {
        PutLogEventsRequest request = new PutLogEventsRequest()
                .logGroupName(stream.key.group)
                .logStreamName(stream.key.stream)
                .logEvents(batch);
        for (int attempt = 1; clock.instant().isAfter(stream.refusedUntil); attempt++) {
            try {
                Call call = call(stream);
                if (!stream.made) {
                    make(stream, call);
                }
                logs.putLogEvents(request, call);
                return;
            } catch (Fault fault) {
                if (fault.code().equals("ResourceNotFoundException") && attempt < ATTEMPTS) {
                    stream.made = false; // somebody deleted the group or the stream
                } else if (fault.status() >= 500
                        || attempt < ATTEMPTS && fault.code().contains("Throttl")) {
                    throw fault; // again, after a pause
                } else {
                    warn(stream, fault);
                    stream.refusedUntil = clock.instant().plus(AFTER_REFUSAL);
                    return; // e.g. for want of permission: as on AWS there is no log then
                }
            }
        }
    }

    private void make(Stream stream, Call call) {
        CreateLogStreamRequest request =
                new CreateLogStreamRequest().logGroupName(stream.key.group).logStreamName(stream.key.stream);
        try {
            logs.createLogStream(request, call);
        } catch (Fault fault) {
            if (fault.code().equals("ResourceNotFoundException")) {
                createGroup(stream, call);
                logs.createLogStream(request, call);
            } else if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
        stream.made = true;
    }

    private void createGroup(Stream stream, Call call) {
        try {
            logs.createLogGroup(new CreateLogGroupRequest().logGroupName(stream.key.group), call);
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private Call call(Stream stream) {
        Instant now = clock.instant();
        return new Call(
                sessions.session(stream.target).principal(),
                stream.key.account,
                stream.key.region,
                UUID.randomUUID().toString(),
                now.plus(CALL_LIMIT),
                Call.Origin.inside("lambda.amazonaws.com"));
    }

    private void warn(Stream stream, Fault fault) {
        if (!stream.warned) {
            stream.warned = true;
            System.getLogger(LogShipper.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "no log for " + stream.target.name() + ": " + fault.code() + ": " + fault.message());
        }
    }

    private void wake(StreamKey key) {
        Driver.Waker<StreamKey> driver = waker;
        if (driver == null) {
            throw new IllegalStateException("nobody ships the logs");
        }
        driver.wake(key);
    }

    /** One stream and what is held for it. */
    private final class Stream implements Writer {
        private final StreamKey key;
        private final Target target;
        private final ReentrantLock lock = new ReentrantLock();
        private final Condition room = lock.newCondition();
        private final ReentrantLock shipping = new ReentrantLock();
        private final Deque<InputLogEvent> held = new ArrayDeque<>();
        private final Deque<Runnable> receipts = new ArrayDeque<>();
        private long heldBytes;
        private long lastMillis;
        private boolean closed;
        private boolean asked;
        private volatile boolean made;
        private volatile boolean warned;
        private volatile Instant refusedUntil = Instant.MIN;

        Stream(StreamKey key, Target target) {
            this.key = key;
            this.target = target;
        }

        @Override
        public boolean append(LogEvent event, long waitNanos, Runnable shipped) throws InterruptedException {
            boolean many;
            lock.lock();
            try {
                long left = waitNanos;
                while (heldBytes > HELD_BYTES) {
                    if (left <= 0) {
                        return false;
                    }
                    left = room.awaitNanos(left);
                }
                lastMillis = Math.max(lastMillis, event.epochMillis());
                held.add(new InputLogEvent().timestamp(lastMillis).message(event.message()));
                receipts.add(shipped);
                heldBytes += bytes(event.message());
                many = heldBytes > MANY_BYTES;
            } finally {
                lock.unlock();
            }
            if (many) {
                send();
            }
            return true;
        }

        @Override
        public void send() {
            boolean wanted;
            lock.lock();
            try {
                wanted = !asked && !held.isEmpty();
                asked |= wanted;
            } finally {
                lock.unlock();
            }
            if (wanted) {
                wake(key);
            }
        }

        @Override
        public void bring() throws InterruptedException {
            try {
                ship(this);
            } catch (Fault later) {
                send();
            }
        }

        @Override
        public void close() {
            lock.lock();
            try {
                closed = true;
            } finally {
                lock.unlock();
            }
            wake(key);
        }

        List<InputLogEvent> peek() {
            lock.lock();
            try {
                asked = false;
                List<InputLogEvent> batch = new ArrayList<>();
                long size = 0;
                for (InputLogEvent event : held) {
                    size += bytes(event.message());
                    if (batch.size() == BATCH_EVENTS || (size > BATCH_BYTES && !batch.isEmpty())) {
                        break;
                    }
                    batch.add(event);
                }
                return batch;
            } finally {
                lock.unlock();
            }
        }

        void remove(int count) {
            Runnable last = null;
            lock.lock();
            try {
                for (int i = 0; i < count; i++) {
                    heldBytes -= bytes(held.remove().message());
                    last = receipts.remove();
                }
                room.signalAll();
            } finally {
                lock.unlock();
            }
            if (last != null) {
                last.run();
            }
        }

        boolean finished() {
            lock.lock();
            try {
                return closed && held.isEmpty();
            } finally {
                lock.unlock();
            }
        }

        private long bytes(String message) {
            return message.getBytes(StandardCharsets.UTF_8).length + (long) EVENT_OVERHEAD_BYTES;
        }
    }

    /** How long a writer may wait for room before it drops. */
    static long patienceNanos() {
        return TimeUnit.SECONDS.toNanos(1);
    }
}
