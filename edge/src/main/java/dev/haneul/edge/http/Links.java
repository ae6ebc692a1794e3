package dev.haneul.edge.http;

import dev.haneul.edge.h2.H2Client;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.stream.Deadlines;
import dev.haneul.edge.stream.Dialer;
import dev.haneul.edge.stream.PlainWire;
import dev.haneul.edge.stream.TargetTls;
import dev.haneul.edge.stream.TlsWire;
import dev.haneul.edge.stream.Wire;
import dev.haneul.edge.table.TargetGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Connections to targets, kept for the next request. */
final class Links {
    static final int CONNECT_MILLIS = 10_000;
    private static final int MOST_IDLE = 512;

    private final Dialer dialer;
    private final Deadlines deadlines;
    private final SSLContext tls = TargetTls.context();
    private final ConcurrentHashMap<Place, Shelf> shelves = new ConcurrentHashMap<>();

    Links(Dialer dialer, Deadlines deadlines) {
        this.dialer = dialer;
        this.deadlines = deadlines;
    }

    /** A target as seen from a node. */
    record Place(LiveTarget target, String node) {}

    /** What waits for a place's next request. */
    private static final class Shelf {
        final Deque<H1Link> idle = new ConcurrentLinkedDeque<>();
        final AtomicInteger count = new AtomicInteger();
        final ReentrantLock opening = new ReentrantLock();
        volatile @Nullable H2Client shared;
        volatile boolean closed;

        void close() {
            closed = true;
            H1Link link;
            while ((link = idle.poll()) != null) {
                link.close();
            }
            H2Client open = shared;
            if (open != null) {
                open.drain();
            }
        }
    }

    private Shelf shelf(Place place) {
        Shelf found = shelves.get(place);
        if (found != null) {
            return found;
        }
        return shelves.computeIfAbsent(place, key -> {
            Shelf made = new Shelf();
            key.target().onLeaving(() -> {
                shelves.remove(key);
                made.close();
            });
            return made;
        });
    }

    /**
     * A link to a target.
     *
     * @param fresh whether one that was used before will not do
     */
    Link open(TargetGroup group, LiveTarget target, String node, boolean fresh) throws IOException {
        Place place = new Place(target, node);
        Shelf shelf = shelf(place);
        if (group.version() != TargetGroup.Version.HTTP1) {
            return new H2Link(shared(group, place, shelf));
        }
        H1Link kept;
        while (!fresh && (kept = shelf.idle.pollFirst()) != null) {
            shelf.count.decrementAndGet();
            if (kept.fresh()) {
                return kept;
            }
            kept.close();
        }
        return new H1Link(this, place, wire(group, target, node, List.of()));
    }

    private H2Client shared(TargetGroup group, Place place, Shelf shelf) throws IOException {
        H2Client open = shelf.shared;
        if (open != null && open.usable()) {
            return open;
        }
        shelf.opening.lock();
        try {
            open = shelf.shared;
            if (open == null || !open.usable()) {
                if (open != null) {
                    open.drain();
                }
                open = new H2Client(wire(group, place.target(), place.node(), List.of("h2")));
                shelf.shared = open;
            }
            return open;
        } finally {
            shelf.opening.unlock();
        }
    }

    private Wire wire(TargetGroup group, LiveTarget target, String node, List<String> alpn) throws IOException {
        TargetGroup.Target at = target.target();
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(at.address()), at.port());
        SocketChannel channel = dialer.connect(node, address, CONNECT_MILLIS);
        boolean done = false;
        try {
            Wire wire = group.protocol().encrypted()
                    ? TlsWire.client(channel, deadlines, tls, alpn, TimeUnit.SECONDS.toNanos(10))
                    : new PlainWire(channel, deadlines);
            done = true;
            return wire;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }

    void giveBack(Place place, H1Link link) {
        Shelf shelf = shelves.get(place);
        if (shelf == null || shelf.closed || shelf.count.get() >= MOST_IDLE) {
            link.close();
            return;
        }
        shelf.count.incrementAndGet();
        shelf.idle.addFirst(link);
        if (shelf.closed) {
            shelf.close();
        }
    }

    void close() {
        shelves.values().forEach(Shelf::close);
        shelves.clear();
    }
}
