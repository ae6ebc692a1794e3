package dev.haneul.edge.stream;

import dev.haneul.edge.live.LiveGroup;
import dev.haneul.edge.live.LiveTarget;
import dev.haneul.edge.table.TargetGroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A connection that is handed to a target as it is. */
public final class Flow {
    private static final int CONNECT_MILLIS = 10_000;

    private final Dialer dialer;
    private final Deadlines deadlines;
    private final SSLContext tls = TargetTls.context();

    /** Flows to targets that this dialer reaches. */
    public Flow(Dialer dialer, Deadlines deadlines) {
        this.dialer = dialer;
        this.deadlines = deadlines;
    }

    /**
     * How a flow went.
     *
     * @param failure {@code no-target} or {@code connect}; null where it came to be
     * @param resetBy {@code client}, {@code target} or {@code elb} where it was reset; null otherwise
     */
    public record Outcome(
            @Nullable LiveTarget target,
            long received,
            long sent,
            @Nullable String failure,
            @Nullable String resetBy) {
        public Outcome(@Nullable LiveTarget target, long received, long sent, @Nullable String failure) {
            this(target, received, sent, failure, null);
        }
    }

    /**
     * Carries a client's connection until it ends; it is closed then.
     *
     * @param moved hears of bytes as they go
     */
    public Outcome carry(
            Wire client,
            InetSocketAddress from,
            LiveGroup group,
            String node,
            @Nullable String zone,
            Duration idle,
            LongConsumer moved) {
        TargetGroup rules = group.group();
        LiveTarget target = rules.stickiness().how() == TargetGroup.How.SOURCE_ADDRESS
                ? group.fixed(from.getAddress().hashCode(), zone)
                : group.next(zone);
        if (target == null) {
            client.reset();
            return new Outcome(null, 0, 0, "no-target", "elb");
        }
        target.begun();
        try {
            Wire server;
            try {
                server = dial(rules, target, from, node);
                if (rules.proxyProtocol()) {
                    InetSocketAddress ours = client.local();
                    byte[] header = ProxyHeader.of(from, ours == null ? from : ours);
                    server.write(header, 0, header.length);
                }
            } catch (IOException e) {
                client.reset();
                return new Outcome(target, 0, 0, "connect", "elb");
            }
            Runnable cut = () -> {
                if (rules.cutOnRemoval()) {
                    client.reset();
                    server.reset();
                }
            };
            target.onLeaving(cut);
            Tunnel tunnel = new Tunnel(client, server, idle.toNanos(), moved);
            tunnel.run();
            target.forget(cut);
            return new Outcome(target, tunnel.forward(), tunnel.back(), null, resetBy(tunnel.broken()));
        } finally {
            target.ended();
            client.close();
        }
    }

    private static @Nullable String resetBy(Tunnel.Broken broken) {
        return switch (broken) {
            case NOT -> null;
            case ONE -> "client";
            case OTHER -> "target";
            case SILENT -> "elb";
        };
    }

    private Wire dial(TargetGroup group, LiveTarget target, InetSocketAddress client, String node) throws IOException {
        TargetGroup.Target at = target.target();
        InetSocketAddress address = new InetSocketAddress(InetAddress.ofLiteral(at.address()), at.port());
        SocketChannel channel = group.preservesClient()
                ? dialer.connectFor(client, node, address, CONNECT_MILLIS)
                : dialer.connect(node, address, CONNECT_MILLIS);
        boolean done = false;
        try {
            Wire wire = group.protocol().encrypted()
                    ? TlsWire.client(channel, deadlines, tls, java.util.List.of(), TimeUnit.SECONDS.toNanos(10))
                    : new PlainWire(channel, deadlines);
            done = true;
            return wire;
        } finally {
            if (!done) {
                channel.close();
            }
        }
    }
}
