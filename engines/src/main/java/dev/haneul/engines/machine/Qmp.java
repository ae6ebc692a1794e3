package dev.haneul.engines.machine;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The emulator's monitor (QEMU Machine Protocol): one connection for a few commands. Only whether they went well is of
 * interest; what they answer is given back as it came.
 */
final class Qmp implements AutoCloseable {
    private static final long PATIENCE_NANOS = 10_000_000_000L;
    private static final int MOST_LINE_BYTES = 1 << 20;

    private final SocketChannel channel;
    private final Selector selector;
    private final ByteBuffer read = ByteBuffer.allocate(64 * 1024).flip();

    Qmp(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        selector = Selector.open();
        boolean whole = false;
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.configureBlocking(false);
            channel.register(selector, SelectionKey.OP_READ);
            line(System.nanoTime() + PATIENCE_NANOS); // its greeting
            execute("qmp_capabilities", "");
            whole = true;
        } finally {
            if (!whole) {
                close();
            }
        }
    }

    /**
     * Executes a command.
     *
     * @param arguments members of a JSON object, without the braces
     * @throws IOException also with the emulator's words where it refuses
     */
    String execute(String command, String arguments) throws IOException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        var text = "{\"execute\": \"" + command + "\", \"arguments\": {" + arguments + "}}\n";
        var bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
        while (true) {
            var line = line(deadline);
            if (line.startsWith("{\"error\"")) {
                throw new IOException("the emulator refuses " + command + ": " + line.strip());
            }
            if (line.startsWith("{\"return\"")) {
                return line;
            }
            // Anything else is an event.
        }
    }

    private String line(long deadline) throws IOException {
        var bytes = new java.io.ByteArrayOutputStream();
        while (bytes.size() < MOST_LINE_BYTES) {
            if (!read.hasRemaining()) {
                fill(deadline);
            }
            byte next = read.get();
            if (next == '\n') {
                return bytes.toString(StandardCharsets.UTF_8);
            }
            bytes.write(next);
        }
        throw new IOException("the emulator's answer is too long");
    }

    private void fill(long deadline) throws IOException {
        read.clear();
        int count = 0;
        while (count == 0) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new IOException("the emulator does not answer");
            }
            selector.select(left);
            selector.selectedKeys().clear();
            count = channel.read(read);
        }
        read.flip();
        if (count < 0) {
            throw new IOException("the emulator has hung up");
        }
    }

    /** As a string of JSON. */
    static String text(String value) {
        var out = new StringBuilder("\"");
        for (char c : value.toCharArray()) {
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append('"').toString();
    }

    @Override
    public void close() throws IOException {
        try (channel;
                selector) {
            read.limit(0);
        }
    }
}
