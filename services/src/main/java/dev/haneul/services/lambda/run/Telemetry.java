package dev.haneul.services.lambda.run;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What happens in one environment, told to the extensions that asked for it. While the environment starts, events are
 * held for those that have yet to ask.
 *
 * @see <a href="https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html">Accessing real-time telemetry data</a>
 */
final class Telemetry {
    /** Events of a start that are held for extensions which subscribe later. */
    private static final int MOST_HELD = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final List<TelemetrySubscriber> subscribers = new CopyOnWriteArrayList<>();
    private final Deque<Event> held = new ArrayDeque<>();
    private boolean open;

    /** Where an event comes from. */
    enum Kind {
        PLATFORM,
        FUNCTION,
        EXTENSION
    }

    /**
     * One event.
     *
     * @param type as AWS names it, e.g. {@code platform.start}
     * @param record text, or a tree of JSON
     */
    record Event(
            Kind kind, String type, Instant time, @Nullable Object record) {}

    /** A connection to a port of the environment's own network. */
    @FunctionalInterface
    interface Way {
        SocketChannel connect(int port) throws IOException;
    }

    /** Another start of the environment begins: former subscribers are gone. */
    void begin() {
        close();
        lock.lock();
        try {
            held.clear();
            open = true;
        } finally {
            lock.unlock();
        }
    }

    /** The environment has started: nobody can subscribe any more. */
    void started() {
        lock.lock();
        try {
            open = false;
            held.clear();
        } finally {
            lock.unlock();
        }
    }

    /** Whether extensions may subscribe. */
    boolean open() {
        lock.lock();
        try {
            return open;
        } finally {
            lock.unlock();
        }
    }

    /** Whether anybody listens or may yet do so; what nobody wants need not be made. */
    boolean wanted() {
        return !subscribers.isEmpty() || open();
    }

    /** Tells this extension from now on, and what it has missed of the start. */
    void subscribe(String name, Subscription wanted, Way way) {
        TelemetrySubscriber subscriber = new TelemetrySubscriber(wanted, way);
        lock.lock();
        try {
            subscribers.add(subscriber);
            held.forEach(subscriber::take);
        } finally {
            lock.unlock();
        }
        subscriber.start(name);
        Map<String, @Nullable Object> record = new LinkedHashMap<>();
        record.put("name", name);
        record.put("state", "Subscribed");
        record.put(
                "types",
                wanted.types().stream()
                        .map(kind -> kind.name().toLowerCase(Locale.ROOT))
                        .sorted()
                        .toList());
        add(new Event(
                Kind.PLATFORM,
                wanted.logs() ? "platform.logsSubscription" : "platform.telemetrySubscription",
                Instant.now(),
                record));
    }

    /** Goes on telling an extension that had subscribed with an earlier server. */
    void resume(String name, Subscription wanted, Way way) {
        TelemetrySubscriber subscriber = new TelemetrySubscriber(wanted, way);
        lock.lock();
        try {
            subscribers.add(subscriber);
        } finally {
            lock.unlock();
        }
        subscriber.start(name);
    }

    void add(Event event) {
        lock.lock();
        try {
            if (open && held.size() < MOST_HELD) {
                held.add(event);
            }
            subscribers.forEach(subscriber -> subscriber.take(event));
        } finally {
            lock.unlock();
        }
    }

    /** The environment is frozen: nobody can take anything. */
    void pause(boolean now) {
        subscribers.forEach(subscriber -> subscriber.pause(now));
    }

    /** Sends what is held, whatever the buffers' settings; waits for at most so long. */
    void flush(Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        for (TelemetrySubscriber subscriber : subscribers) {
            subscriber.flush(until - System.nanoTime());
        }
    }

    /** Ends all subscriptions. */
    void close() {
        List<TelemetrySubscriber> all = new ArrayList<>(subscribers);
        subscribers.removeAll(all);
        all.forEach(TelemetrySubscriber::close);
    }
}
