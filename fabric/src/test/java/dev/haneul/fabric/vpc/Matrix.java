package dev.haneul.fabric.vpc;

import dev.haneul.fabric.vpc.NetworkPlan.Interface;
import dev.haneul.fabric.vpc.Reachability.Packet;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

/**
 * Real packets between all pairs of interfaces, at once: TCP to a port that listens and to one that does not, UDP to a
 * port that echoes, ICMP echo.
 */
final class Matrix implements AutoCloseable {
    static final int OPEN = 80;
    static final int SHUT = 443;
    static final int ECHO = 53;
    private static final int PATIENCE_MILLIS = 10_000;
    /** What should not have arrived has this long after what should. */
    private static final int GRACE_MILLIS = 100;

    private final Map<String, Workload> workloads;
    private final List<DatagramChannel> echoes = new ArrayList<>();
    private final Set<String> received = ConcurrentHashMap.newKeySet();
    private int port = 41_000;

    /** @param workloads by interface, attached */
    Matrix(Map<String, Workload> workloads) throws IOException {
        this.workloads = workloads;
        for (var workload : workloads.values()) {
            workload.serve(OPEN);
            var any = new InetSocketAddress(InetAddress.ofLiteral("0.0.0.0"), ECHO);
            var socket = Commands.inside(
                    workload.netns(),
                    () -> DatagramChannel.open(StandardProtocolFamily.INET).bind(any));
            echoes.add(socket);
            Thread.ofVirtual().start(() -> echo(socket));
        }
    }

    private void echo(DatagramChannel socket) {
        var buffer = ByteBuffer.allocate(512);
        while (true) {
            try {
                buffer.clear();
                var from = socket.receive(buffer);
                buffer.flip();
                received.add(new String(buffer.array(), 0, buffer.limit()));
                socket.send(buffer, from);
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                continue; // not allowed to answer
            }
        }
    }

    /** One attempt, and what should come of it. */
    private record Attempt(
            String name, Interface from, Interface to, Packet packet, boolean arrives, boolean converses) {}

    /** Differences between what happens and what the evaluator says; empty where they agree. */
    Set<String> differences(NetworkPlan plan) throws Exception {
        var attempts = attempts(plan);
        received.clear();
        var answered = ConcurrentHashMap.<String>newKeySet();
        try (var selector = Selector.open();
                var pings = Executors.newThreadPerTaskExecutor(
                        Thread.ofPlatform().daemon().factory())) {
            var open = new ArrayList<SelectableChannel>();
            try {
                for (var attempt : attempts) {
                    if (attempt.packet().protocol() == 1) {
                        pings.submit(() -> ping(attempt, answered));
                    } else {
                        open.add(start(attempt, selector));
                    }
                }
                await(selector, attempts, answered);
            } finally {
                for (var channel : open) {
                    channel.close();
                }
            }
        }
        var differences = new TreeSet<String>();
        for (var attempt : attempts) {
            if (attempt.converses() != answered.contains(attempt.name())) {
                differences.add(attempt.name() + (attempt.converses() ? " should be answered" : " is answered"));
            }
            boolean datagram = attempt.packet().protocol() == 17;
            if (datagram && attempt.arrives() != received.contains(attempt.name())) {
                differences.add(attempt.name() + (attempt.arrives() ? " should arrive" : " arrives"));
            }
        }
        return differences;
    }

    private List<Attempt> attempts(NetworkPlan plan) {
        var reference = new Reachability(plan);
        var attempts = new ArrayList<Attempt>();
        for (var from : plan.interfaces()) {
            for (var to : plan.interfaces()) {
                if (!from.equals(to)) {
                    for (var packet : List.of(
                            new Packet(6, nextPort(), OPEN),
                            new Packet(6, nextPort(), SHUT),
                            new Packet(17, nextPort(), ECHO),
                            new Packet(1, 8, 0))) {
                        attempts.add(new Attempt(
                                from.id() + " to " + to.id() + " " + packet,
                                from,
                                to,
                                packet,
                                reference.arrives(from, to, packet),
                                reference.converse(from, to, packet)));
                    }
                }
            }
        }
        return attempts;
    }

    /** Never one twice in a row: a connection that was let through stays so. */
    private int nextPort() {
        port = port == 59_999 ? 32_768 : port + 1;
        return port;
    }

    private SelectableChannel start(Attempt attempt, Selector selector) throws IOException {
        var netns = workloads.get(attempt.from().id()).netns();
        var target = new InetSocketAddress(
                InetAddress.ofLiteral(attempt.to().primary()), attempt.packet().to());
        var local = new InetSocketAddress(
                InetAddress.ofLiteral(attempt.from().primary()),
                attempt.packet().from());
        if (attempt.packet().protocol() == 17) {
            var channel = Commands.inside(netns, () -> DatagramChannel.open(StandardProtocolFamily.INET));
            channel.bind(local).connect(target);
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ, attempt.name());
            try {
                channel.write(ByteBuffer.wrap(attempt.name().getBytes()));
            } catch (IOException e) {
                return channel; // refused at once: it is as if lost
            }
            return channel;
        }
        var channel = Commands.inside(netns, () -> SocketChannel.open(StandardProtocolFamily.INET));
        channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        channel.bind(local);
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_CONNECT, attempt.name());
        channel.connect(target);
        return channel;
    }

    private static void await(Selector selector, List<Attempt> attempts, Set<String> answered) throws IOException {
        var expected = new TreeSet<String>();
        attempts.stream().filter(Attempt::converses).forEach(attempt -> expected.add(attempt.name()));
        long end = System.nanoTime() + PATIENCE_MILLIS * 1_000_000L;
        boolean grace = false;
        while (System.nanoTime() < end) {
            selector.select(key -> finish(key, answered), 10);
            if (!grace && answered.containsAll(expected)) {
                grace = true;
                end = System.nanoTime() + GRACE_MILLIS * 1_000_000L;
            }
        }
    }

    private static void finish(SelectionKey key, Set<String> answered) {
        String name = (String) key.attachment();
        try {
            if (key.channel() instanceof SocketChannel channel) {
                channel.finishConnect();
                answered.add(name);
            } else if (((DatagramChannel) key.channel()).read(ByteBuffer.allocate(512)) > 0) {
                answered.add(name);
            }
        } catch (java.net.ConnectException e) {
            if (String.valueOf(e.getMessage()).contains("refused")) {
                answered.add(name); // a refusal is an answer
            }
        } catch (IOException e) {
            key.cancel();
            return;
        }
        key.cancel();
    }

    private Boolean ping(Attempt attempt, Set<String> answered) throws IOException {
        int patience = attempt.converses() ? PATIENCE_MILLIS : GRACE_MILLIS;
        boolean there = workloads.get(attempt.from().id()).pings(attempt.to().primary(), patience);
        if (there) {
            answered.add(attempt.name());
        }
        return there;
    }

    /** How many of the attempts are let through: a matrix of noes alone would prove nothing. */
    long conversations(NetworkPlan plan) {
        return attempts(plan).stream().filter(Attempt::converses).count();
    }

    @Override
    public void close() throws IOException {
        for (var socket : echoes) {
            socket.close();
        }
    }

    static Map<String, Workload> attachAll(VpcFabric fabric, NetworkPlan plan) throws IOException {
        var workloads = new HashMap<String, Workload>();
        for (var eni : plan.interfaces()) {
            var workload = new Workload();
            workloads.put(eni.id(), workload);
            fabric.attach(eni.id(), workload.netns(), 0);
        }
        return workloads;
    }
}
