package dev.haneul.fabric.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.NetworkNamespace;
import dev.haneul.fabric.bridge.BridgeNetwork.Mapping;
import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.vpc.Commands;
import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A server with two containers on its bridge, and somebody outside. Needs root on Linux. */
final class BridgeNetworkTest {
    private final List<Process> processes = new ArrayList<>();
    private final List<ServerSocketChannel> listeners = new ArrayList<>();

    @BeforeEach
    void needsRoot() throws IOException {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
    }

    @AfterEach
    void close() throws Exception {
        for (var listener : listeners) {
            listener.close();
        }
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    /** The pid of a process in a network of its own. */
    private long namespace() throws Exception {
        var process = new ProcessBuilder("unshare", "--net", "sh", "-c", "ip link set lo up; echo up; exec sleep 1000")
                .redirectErrorStream(true)
                .start();
        processes.add(process);
        process.inputReader().readLine();
        return process.pid();
    }

    private static Path path(long pid) {
        return Path.of("/proc/" + pid + "/ns/net");
    }

    /** Answers everybody in a namespace with a word and who asked. */
    private void serve(long pid, int port, String word) throws IOException {
        var listener = NetworkNamespace.listen(pid, List.of(new InetSocketAddress("0.0.0.0", port)))
                .getFirst();
        listeners.add(listener);
        Thread.ofVirtual().start(() -> {
            while (listener.isOpen()) {
                try (var visitor = listener.accept()) {
                    var from = ((InetSocketAddress) visitor.getRemoteAddress())
                            .getAddress()
                            .getHostAddress();
                    visitor.write(ByteBuffer.wrap((word + " " + from).getBytes(StandardCharsets.UTF_8)));
                } catch (IOException e) {
                    continue; // closed
                }
            }
        });
    }

    private static String ask(long pid, String address, int port) throws IOException {
        try (var socket = NetworkNamespace.socket(pid)) {
            socket.socket().connect(new InetSocketAddress(address, port), 3000);
            var buffer = ByteBuffer.allocate(100);
            while (socket.read(buffer) >= 0) {
                continue;
            }
            return new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8);
        }
    }

    /** The server remembers for a while who had an address last; but for those that stay, the bridge itself would change. */
    @Test
    void whoComesToAnAddressThatWasAnothersIsReachedAtOnce() throws Exception {
        long server = namespace();
        var bridge = new BridgeNetwork(path(server));
        for (int staying = 0; staying < 3; staying++) {
            bridge.attach("stays/" + staying, path(namespace()), List.of());
        }
        for (int round = 0; round < 4; round++) {
            long container = namespace();
            serve(container, 80, "round " + round);
            var attached = bridge.attach("task/" + round, path(container), List.of(new Mapping(80, 8080, false)));
            assertThat(attached.address()).isEqualTo("172.17.0.5");
            assertThat(ask(server, "127.0.0.1", 8080)).startsWith("round " + round);
            bridge.detach("task/" + round);
        }
    }

    @Test
    void portsLeadToContainersAndContainersOut() throws Exception {
        long server = namespace();
        long outside = namespace();
        long one = namespace();
        long two = namespace();
        Commands.ip(
                path(server),
                List.of(
                        "link add out type veth peer name eth0 netns " + path(outside),
                        "addr add 10.9.0.1/24 dev out",
                        "link set out up"));
        Commands.ip(path(outside), List.of("addr add 10.9.0.2/24 dev eth0", "link set eth0 up"));
        serve(outside, 80, "outside");
        serve(one, 8080, "one");
        serve(two, 9090, "two");
        serve(server, 32_768, "server");
        var bridge = new BridgeNetwork(path(server));

        var first =
                bridge.attach("task/1", path(one), List.of(new Mapping(8080, 80, false), new Mapping(53, 53, true)));
        var second = bridge.attach("task/2", path(two), List.of(new Mapping(9090, 0, false)));
        int dynamic = second.ports().getFirst().hostPort();

        assertThat(first.address()).isEqualTo("172.17.0.2");
        assertThat(dynamic).as("where the server itself listens is not free").isEqualTo(32_769);
        assertThat(ask(outside, "10.9.0.1", 80)).isEqualTo("one 10.9.0.2");
        assertThat(ask(outside, "10.9.0.1", dynamic)).isEqualTo("two 10.9.0.2");
        assertThat(ask(server, "127.0.0.1", 80)).startsWith("one ");
        assertThat(ask(server, "10.9.0.1", 80)).startsWith("one ");
        assertThat(ask(two, "172.17.0.2", 8080)).isEqualTo("one 172.17.0.3");
        assertThat(ask(one, "10.9.0.1", 80)).as("hairpin").startsWith("one ");
        assertThat(ask(two, "172.17.0.1", 80)).startsWith("one ");
        assertThat(ask(one, "10.9.0.2", 80)).as("out").isEqualTo("outside 10.9.0.1");

        assertThatThrownBy(() -> bridge.attach("task/3", path(two), List.of(new Mapping(1, 80, false))))
                .isInstanceOf(BindException.class)
                .hasMessageContaining("port is already allocated");
        assertThatThrownBy(() -> bridge.attach("task/3", path(two), List.of(new Mapping(1, 32_768, false))))
                .isInstanceOf(BindException.class);
        assertThatThrownBy(() -> bridge.attach("task/3", Path.of("/proc/1/nothing"), List.of()))
                .isInstanceOf(IOException.class);

        var adopted = new BridgeNetwork(path(server));
        assertThat(adopted.attached()).containsOnlyKeys("task/1", "task/2").containsValues(first, second);
        adopted.detach("task/1");
        adopted.detach("task/1");
        assertThat(adopted.attached()).containsOnlyKeys("task/2");
        assertThatThrownBy(() -> ask(outside, "10.9.0.1", 80)).isInstanceOf(IOException.class);
        long again = namespace();
        assertThat(adopted.attach("task/4", path(again), List.of(new Mapping(1, 80, false)))
                        .address())
                .isEqualTo("172.17.0.2");
        processes.getLast().destroyForcibly().waitFor();
        adopted.detach("task/4");
        assertThat(adopted.attached()).containsOnlyKeys("task/2");
        assertThat(ask(outside, "10.9.0.1", dynamic)).isEqualTo("two 10.9.0.2");
    }
}
