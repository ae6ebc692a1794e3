package dev.haneul.fabric.vpc;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A network namespace that plays a workload. */
final class Workload implements AutoCloseable {
    private static final AtomicInteger COUNT = new AtomicInteger();
    private static final String PREFIX = "hvtest" + ProcessHandle.current().pid() + "-";
    private final String name = PREFIX + COUNT.incrementAndGet();
    private final List<ServerSocketChannel> open = new ArrayList<>();

    Workload() throws IOException {
        Commands.ip(List.of("netns add " + name));
    }

    static List<Workload> some(int count) throws IOException {
        var all = new ArrayList<Workload>();
        for (int i = 0; i < count; i++) {
            all.add(new Workload());
        }
        return all;
    }

    Path netns() {
        return Path.of("/run/netns", name);
    }

    /** Accepts, says where the caller comes from, closes. */
    void serve(int port) throws IOException {
        serve("0.0.0.0", port);
    }

    /** As {@link #serve(int)}, at one address. */
    void serve(String address, int port) throws IOException {
        var any = new InetSocketAddress(InetAddress.ofLiteral(address), port);
        var listener = Commands.inside(netns(), () -> ServerSocketChannel.open(family(address)));
        listener.bind(any);
        open.add(listener);
        Thread.ofVirtual().start(() -> {
            while (listener.isOpen()) {
                try (var connection = listener.accept()) {
                    var from = (InetSocketAddress) connection.getRemoteAddress();
                    connection
                            .socket()
                            .getOutputStream()
                            .write(Cidr.parse(from.getAddress().getHostAddress())
                                    .address()
                                    .getBytes());
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    /** What a server says to a caller from here; empty where it is silent or not reached. */
    String call(String address, int port) throws IOException {
        return call(address, port, 5000);
    }

    String call(String address, int port, int timeoutMillis) throws IOException {
        try (var channel = Commands.inside(netns(), () -> SocketChannel.open(family(address)))) {
            return said(channel, address, port, timeoutMillis);
        }
    }

    /** As {@link #call}, from the host. */
    static String callFromHost(String address, int port, int timeoutMillis) throws IOException {
        try (var channel = SocketChannel.open(family(address))) {
            return said(channel, address, port, timeoutMillis);
        }
    }

    private static StandardProtocolFamily family(String address) {
        return Family.of(address) == Family.V6 ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET;
    }

    private static String said(SocketChannel channel, String address, int port, int timeoutMillis) throws IOException {
        try {
            channel.socket().connect(new InetSocketAddress(InetAddress.ofLiteral(address), port), timeoutMillis);
            channel.socket().setSoTimeout(timeoutMillis);
            return new String(channel.socket().getInputStream().readAllBytes());
        } catch (SocketTimeoutException e) {
            return "timeout";
        } catch (IOException e) {
            return e.getMessage();
        }
    }

    /** Sends one datagram and takes what comes back. */
    byte[] ask(String address, int port, byte[] question, int timeoutMillis) throws IOException {
        try (var channel = Commands.inside(netns(), () -> DatagramChannel.open(StandardProtocolFamily.INET))) {
            DatagramSocket socket = channel.socket();
            socket.setSoTimeout(timeoutMillis);
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(address), port));
            socket.send(new DatagramPacket(question, question.length));
            var answer = new DatagramPacket(new byte[65535], 65535);
            socket.receive(answer);
            return java.util.Arrays.copyOf(answer.getData(), answer.getLength());
        }
    }

    boolean pings(String address, int timeoutMillis) throws IOException {
        return Commands.inside(netns(), () -> InetAddress.ofLiteral(address).isReachable(timeoutMillis));
    }

    @Override
    public void close() throws IOException {
        for (var listener : open) {
            listener.close();
        }
        Commands.ip(List.of("netns del " + name));
    }
}
