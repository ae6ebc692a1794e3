package dev.haneul.fabric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.haneul.fabric.linux.Linux;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Needs root on Linux. */
final class NetworkNamespaceTest {
    private Process inside;

    @BeforeEach
    void makeNamespace() throws Exception {
        assumeTrue(Linux.available(), "not Linux");
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "not root");
        inside = new ProcessBuilder("unshare", "--net", "bash", "-c", """
                        echo unshared; read go; exec 3<>/dev/tcp/127.0.0.1/7001; cat <&3; read end""")
                .redirectErrorStream(true)
                .start();
        assertThat(inside.inputReader().readLine()).isEqualTo("unshared");
    }

    @AfterEach
    void endNamespace() throws Exception {
        if (inside != null) {
            inside.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
        }
    }

    private void bringLoopbackUp() throws Exception {
        var up = new ProcessBuilder(
                        "nsenter", "--net", "--target", Long.toString(inside.pid()), "ip", "link", "set", "lo", "up")
                .inheritIO()
                .start();
        assertThat(up.waitFor()).isZero();
    }

    @Test
    void aListenerInsideIsReachedFromInsideOnly() throws Exception {
        bringLoopbackUp();
        var address = new InetSocketAddress("127.0.0.1", 7001);
        var listeners = NetworkNamespace.listen(inside.pid(), List.of(address));
        try (var listener = listeners.getFirst()) {
            assertThatThrownBy(() -> new Socket("127.0.0.1", 7001).close()).isInstanceOf(ConnectException.class);

            inside.outputWriter().append("go\n").flush();
            try (var connection = listener.accept()) {
                connection.write(ByteBuffer.wrap("hello\n".getBytes(StandardCharsets.US_ASCII)));
            }

            assertThat(inside.inputReader().readLine()).isEqualTo("hello");
        }
    }

    @Test
    void waitsForALoopbackThatIsJustComingUp() throws Exception {
        var late = Thread.ofPlatform().start(() -> {
            try {
                Thread.sleep(20);
                bringLoopbackUp();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });

        for (var listener : NetworkNamespace.listen(inside.pid(), List.of(new InetSocketAddress("127.0.0.1", 7001)))) {
            listener.close();
        }
        late.join();
    }

    @Test
    void allListenersOrNone() throws Exception {
        bringLoopbackUp();
        var twice = new InetSocketAddress("127.0.0.1", 7001);
        int before = descriptors();

        assertThatThrownBy(() -> NetworkNamespace.listen(inside.pid(), List.of(twice, twice)))
                .isInstanceOf(BindException.class);

        assertThat(descriptors()).isEqualTo(before);
    }

    @Test
    void aProcessThatIsGoneIsAnError() {
        assertThatThrownBy(() ->
                        NetworkNamespace.listen(4_000_000_000L, List.of(new InetSocketAddress("127.0.0.1", 7001))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ENOENT");
    }

    @Test
    void theCallingThreadStaysWhereItIs() throws Exception {
        bringLoopbackUp();
        var before = Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"));

        NetworkNamespace.listen(inside.pid(), List.of(new InetSocketAddress("127.0.0.1", 7001)))
                .getFirst()
                .close();

        assertThat(Files.readSymbolicLink(Path.of("/proc/thread-self/ns/net"))).isEqualTo(before);
        assertThat(Files.readSymbolicLink(Path.of("/proc/" + inside.pid() + "/ns/net")))
                .isNotEqualTo(before);
    }

    private static int descriptors() throws IOException {
        try (var fds = Files.list(Path.of("/proc/self/fd"))) {
            return (int) fds.count();
        }
    }
}
