package dev.haneul.edge;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A target that behaves as a test says. */
final class Backend implements AutoCloseable {
    final Queue<String> heads = new ConcurrentLinkedQueue<>();
    final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket server;
    private final Queue<Socket> open = new ConcurrentLinkedQueue<>();

    /** What is done with a connection. */
    interface Manner {
        void serve(Backend backend, InputStream in, OutputStream out, Socket socket) throws Exception;
    }

    Backend(Manner manner) throws IOException {
        server = new ServerSocket();
        server.bind(Rig.loopback(0));
        Thread.ofVirtual().start(() -> {
            while (true) {
                try {
                    Socket socket = server.accept();
                    open.add(socket);
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> {
                        try (socket) {
                            InputStream in = new BufferedInputStream(socket.getInputStream());
                            manner.serve(this, in, socket.getOutputStream(), socket);
                        } catch (Exception e) {
                            // The other end is tested.
                            return;
                        }
                    });
                } catch (IOException e) {
                    return;
                }
            }
        });
    }

    int port() {
        return server.getLocalPort();
    }

    /** Reads a head; empty at the end. */
    static String head(InputStream in) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int c;
        while ((c = in.read()) >= 0) {
            bytes.write(c);
            String text = bytes.toString(StandardCharsets.ISO_8859_1);
            if (text.endsWith("\r\n\r\n")) {
                return text;
            }
        }
        return "";
    }

    static void write(OutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    /** Answers every request with this body, on connections that stay. */
    static Backend saying(String body) throws IOException {
        return new Backend((backend, in, out, socket) -> {
            String head;
            while (!(head = head(in)).isEmpty()) {
                backend.heads.add(head);
                for (String line : head.split("\r\n")) {
                    if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
                        in.readNBytes(Integer.parseInt(line.substring(15).trim()));
                    }
                }
                write(out, "HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        });
    }

    /** Reads one head and answers it with these bytes as they are, then closes. */
    static Backend once(String answer) throws IOException {
        return new Backend((backend, in, out, socket) -> {
            backend.heads.add(head(in));
            write(out, answer);
        });
    }

    List<String> heard() {
        return List.copyOf(heads);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
