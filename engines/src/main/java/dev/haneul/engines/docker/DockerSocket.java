package dev.haneul.engines.docker;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/** HTTP/1.1 over a Unix socket, one connection per call: what a Docker API needs and no more. */
final class DockerSocket {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int READ_BYTES = 16 * 1024;
    private static final int LARGEST_ANSWER_BYTES = 16 << 20;

    private final Path path;

    DockerSocket(Path path) {
        this.path = path;
    }

    Path path() {
        return path;
    }

    /** An answer, its body whole. */
    record Answer(int status, byte[] body) {
        /** What the daemon said, for messages. */
        String text() {
            return new String(body, StandardCharsets.UTF_8).strip();
        }
    }

    /**
     * One call.
     *
     * @param type of the body, empty where there is none
     * @throws IOException where nobody answers within a minute, or not in HTTP
     */
    Answer call(String method, String target, String type, byte[] body) throws IOException {
        var channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        var watchdog = Thread.ofVirtual().name("docker-timeout").start(() -> closeAfterTimeout(channel));
        try (channel) {
            channel.connect(UnixDomainSocketAddress.of(path));
            var head = method + " " + target + " HTTP/1.1\r\nHost: docker\r\nConnection: close\r\nContent-Length: "
                    + body.length + (type.isEmpty() ? "" : "\r\nContent-Type: " + type) + "\r\n\r\n";
            write(channel, head.getBytes(StandardCharsets.ISO_8859_1));
            write(channel, body);
            return parse(readAll(channel));
        } finally {
            watchdog.interrupt();
        }
    }

    private static void closeAfterTimeout(SocketChannel channel) {
        try {
            Thread.sleep(TIMEOUT);
            channel.close(); // whoever waits for it learns that it was closed
        } catch (InterruptedException | IOException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(SocketChannel channel, byte[] bytes) throws IOException {
        var buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static byte[] readAll(SocketChannel channel) throws IOException {
        var all = new ByteArrayOutputStream();
        var buffer = ByteBuffer.allocate(READ_BYTES);
        while (channel.read(buffer) >= 0) {
            all.write(buffer.array(), 0, buffer.position());
            buffer.clear();
            if (all.size() > LARGEST_ANSWER_BYTES) {
                throw new IOException("the daemon's answer is too large");
            }
        }
        return all.toByteArray();
    }

    private static Answer parse(byte[] bytes) throws IOException {
        var in = new ByteArrayInputStream(bytes);
        var words = line(in).split(" ", 3);
        if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
            throw new IOException("the daemon does not speak HTTP");
        }
        boolean chunked = false;
        for (var header = line(in); !header.isEmpty(); header = line(in)) {
            chunked |= header.toLowerCase(Locale.ROOT).matches("transfer-encoding:\\s*chunked");
        }
        return new Answer(Integer.parseInt(words[1]), chunked ? unchunk(in) : in.readAllBytes());
    }

    private static byte[] unchunk(ByteArrayInputStream in) throws IOException {
        var all = new ByteArrayOutputStream();
        while (true) {
            int size = Integer.parseInt(line(in).split(";", 2)[0].strip(), 16);
            if (size == 0) {
                return all.toByteArray();
            }
            all.writeBytes(in.readNBytes(size));
            line(in);
        }
    }

    private static String line(ByteArrayInputStream in) throws IOException {
        var text = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the daemon's answer broke off");
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }
}
