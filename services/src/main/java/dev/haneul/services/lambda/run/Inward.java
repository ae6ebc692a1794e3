package dev.haneul.services.lambda.run;

import dev.haneul.fabric.NetworkNamespace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** Connections from the platform to listeners within an environment. */
final class Inward {
    private static final Path OURS = Path.of("/proc/self/ns/net");

    private Inward() {}

    /** Connects to a port of a process's loopback; engines without networks of their own share the host's. */
    static SocketChannel connect(long pid, int port) throws IOException {
        Path theirs = Path.of("/proc/" + pid + "/ns/net");
        boolean shared = Files.notExists(OURS) || Files.readSymbolicLink(theirs).equals(Files.readSymbolicLink(OURS));
        SocketChannel channel = shared ? SocketChannel.open(StandardProtocolFamily.INET) : NetworkNamespace.socket(pid);
        boolean connected = false;
        try {
            channel.connect(new InetSocketAddress("127.0.0.1", port));
            connected = true;
            return channel;
        } finally {
            if (!connected) {
                channel.close();
            }
        }
    }
}
