package dev.haneul.edge.stream;

import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.table.TargetGroup;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Carries datagrams of one port to targets and back. What comes from one client's port is a flow: it stays with its target
 * until it was silent for too long, the target is gone, or others are well and it is not. Each flow has a socket of its
 * own towards its target; how many there may be is bounded, and what would be one more is dropped, as datagrams may be.
 */
public final class Datagrams implements Closeable {
    /** How long a flow may be silent at most: AWS's, which nobody can change. */
    public static final Duration IDLE = Duration.ofSeconds(120);

    private static final int MOST_FLOWS = 10_000;
    private static final int MOST_BYTES = 65_535;
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final DatagramChannel channel;
    private final Routing routing;
    private final Opener opener;
    private final Told told;
    private final Map<InetSocketAddress, Carried> flows = new ConcurrentHashMap<>();

    /** Says where a new flow goes. */
    @FunctionalInterface
    public interface Routing {
        /** Where to, by the table as it is now; null where the port carries nothing any more. */
        @Nullable
        Way way();
    }

    /**
     * Where a flow goes.
     *
     * @param zone only targets there; null for all
     */
    public record Way(LiveGroup group, @Nullable String zone, Duration idle) {}

    /** Opens sockets towards targets. */
    @FunctionalInterface
    public interface Opener {
        /** A socket for what a client says to a target of a group, not connected. */
        DatagramChannel open(InetSocketAddress client, TargetGroup group, InetAddress target) throws IOException;
    }

    /** Hears of flows. */
    public interface Told {
        void opened();

        void moved(long bytes);

        void closed(InetSocketAddress client, Flow.Outcome outcome, long beganNanos);
    }

    /** Starts to carry what comes in at a channel, which it owns from now on. */
    public Datagrams(DatagramChannel channel, Routing routing, Opener opener, Told told) {
        this.channel = channel;
        this.routing = routing;
        this.opener = opener;
        this.told = told;
        Thread.ofVirtual().name("datagrams").start(this::receive);
        Thread.ofVirtual().name("datagrams idle").start(this::watch);
    }

    private void receive() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(MOST_BYTES);
        while (channel.isOpen()) {
            try {
                buffer.clear();
                if (channel.receive(buffer) instanceof InetSocketAddress from) {
                    pass(from, buffer.flip());
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void pass(InetSocketAddress from, ByteBuffer datagram) {
        Carried flow = flows.get(from);
        if (flow != null && !flow.good()) {
            flow.close();
            flow = null;
        }
        if (flow == null) {
            flow = opened(from);
        }
        if (flow != null) {
            flow.send(datagram);
        }
    }

    private @Nullable Carried opened(InetSocketAddress from) {
        Way way = routing.way();
        if (way == null) {
            return null;
        }
        if (flows.size() >= MOST_FLOWS) {
            told.closed(from, new Flow.Outcome(null, 0, 0, "limit"), System.nanoTime());
            return null;
        }
        boolean sticky = way.group().group().stickiness().how() == TargetGroup.How.SOURCE_ADDRESS;
        LiveTarget target = way.group().fixed(sticky ? from.getAddress().hashCode() : from.hashCode(), way.zone());
        if (target == null) {
            told.closed(from, new Flow.Outcome(null, 0, 0, "no-target"), System.nanoTime());
            return null;
        }
        try {
            TargetGroup.Target at = target.target();
            InetAddress address = InetAddress.ofLiteral(at.address());
            DatagramChannel socket = opener.open(from, way.group().group(), address);
            boolean done = false;
            try {
                socket.connect(new InetSocketAddress(address, at.port()));
                Carried made = new Carried(from, way, target, socket);
                done = true;
                made.start();
                return made;
            } finally {
                if (!done) {
                    socket.close();
                }
            }
        } catch (IOException e) {
            told.closed(from, new Flow.Outcome(target, 0, 0, "connect"), System.nanoTime());
            return null;
        }
    }

    private void watch() {
        while (channel.isOpen()) {
            LockSupport.parkNanos(LOOK_NANOS);
            long now = System.nanoTime();
            flows.values().forEach(each -> each.endIdle(now));
        }
        flows.values().forEach(Carried::close);
    }

    /** Flows that are carried now. */
    public int flows() {
        return flows.size();
    }

    @Override
    public void close() throws IOException {
        channel.close();
        flows.values().forEach(Carried::close);
    }

    /** One client's port and its target. */
    private final class Carried {
        private final InetSocketAddress client;
        private final Way way;
        private final LiveTarget target;
        private final DatagramChannel socket;
        private final Runnable cut = this::close;
        private final AtomicLong received = new AtomicLong();
        private final AtomicLong sent = new AtomicLong();
        private final AtomicBoolean closed = new AtomicBoolean();
        private final long began = System.nanoTime();
        private volatile long last = began;

        Carried(InetSocketAddress client, Way way, LiveTarget target, DatagramChannel socket) {
            this.client = client;
            this.way = way;
            this.target = target;
            this.socket = socket;
        }

        void start() {
            flows.put(client, this);
            target.begun();
            told.opened();
            target.onLeaving(cut);
            Thread.ofVirtual().name("datagrams back").start(this::back);
        }

        /** Whether its target may go on: it is well, or drains, or nobody else is better. */
        boolean good() {
            return !closed.get()
                    && !target.gone()
                    && (target.target().draining()
                            || way.group().ready(target.target().key()).isPresent());
        }

        void send(ByteBuffer datagram) {
            last = System.nanoTime();
            int bytes = datagram.remaining();
            received.addAndGet(bytes); // before: its answer may be back, and the flow told of, before this goes on
            try {
                socket.write(datagram);
                told.moved(bytes);
            } catch (IOException e) {
                received.addAndGet(-bytes);
                // Nobody listens there, or the network refuses: a datagram is lost, the flow is not.
                System.getLogger(Datagrams.class.getName())
                        .log(System.Logger.Level.TRACE, "a datagram was lost on its way", e);
            }
        }

        private void back() {
            ByteBuffer buffer = ByteBuffer.allocate(MOST_BYTES);
            while (!closed.get()) {
                try {
                    buffer.clear();
                    socket.read(buffer);
                    last = System.nanoTime();
                    int bytes = buffer.flip().remaining();
                    sent.addAndGet(bytes);
                    told.moved(bytes);
                    channel.send(buffer, client);
                } catch (ClosedChannelException e) {
                    close();
                    return;
                } catch (IOException e) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
        }

        void endIdle(long now) {
            if (now - last > way.idle().toNanos()) {
                close();
            }
        }

        void close() {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
            flows.remove(client, this);
            target.forget(cut);
            target.ended();
            try {
                socket.close();
            } catch (IOException e) {
                System.getLogger(Datagrams.class.getName()).log(System.Logger.Level.DEBUG, "closing a flow", e);
            }
            told.closed(client, new Flow.Outcome(target, received.get(), sent.get(), null), began);
        }
    }
}
