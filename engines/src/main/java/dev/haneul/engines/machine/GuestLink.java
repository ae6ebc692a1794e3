package dev.haneul.engines.machine;

import dev.haneul.engines.machine.Machine.Execution;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The line to the helper within a virtual machine. A thread keeps it open over reboots and listens; commands go one after
 * the other. What comes back is the machine's word and nothing more: lines that are too long or make no sense are dropped.
 */
final class GuestLink implements AutoCloseable {
    private static final long AGAIN_MILLIS = 200;
    private static final int MOST_LINE = 2 << 20;

    private final Path socket;
    private final BooleanSupplier goesOn;
    private final Runnable booted;
    private final ReentrantLock oneAtATime = new ReentrantLock();
    private @Nullable SocketChannel channel;
    private @Nullable Execution answer;
    private long number = System.nanoTime() & 0xffffff;
    private boolean closed;

    /**
     * @param goesOn whether the machine still runs
     * @param booted told when the machine says that its boot is through
     */
    GuestLink(Path socket, BooleanSupplier goesOn, Runnable booted) {
        this.socket = socket;
        this.goesOn = goesOn;
        this.booted = booted;
        Thread.ofVirtual().name("guest " + socket.getParent()).start(this::listen);
    }

    private void listen() {
        while (!isClosed() && goesOn.getAsBoolean()) {
            try (var opened = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                opened.connect(UnixDomainSocketAddress.of(socket));
                set(opened);
                read(Channels.newInputStream(opened));
            } catch (IOException e) {
                // It is between two boots; tried again.
            } finally {
                set(null);
            }
            try {
                Thread.sleep(AGAIN_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void set(@Nullable SocketChannel opened) {
        channel = opened;
        notifyAll();
    }

    private void read(InputStream in) throws IOException {
        var reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.ISO_8859_1));
        var line = new StringBuilder();
        for (int c = reader.read(); c >= 0; c = reader.read()) {
            if (c == '\n') {
                heard(line.toString());
                line.setLength(0);
            } else if (line.length() < MOST_LINE) {
                line.append((char) c);
            }
        }
    }

    private void heard(String line) {
        if (line.equals("booted")) {
            booted.run();
            return;
        }
        var words = line.split(" ", 3);
        synchronized (this) {
            try {
                if (words.length >= 2 && Long.parseLong(words[0]) == number) {
                    var output = words.length == 3 ? Base64.getDecoder().decode(words[2]) : new byte[0];
                    answer = new Execution(
                            Integer.parseInt(words[1]) & 0xff, new String(output, StandardCharsets.UTF_8));
                    notifyAll();
                }
            } catch (IllegalArgumentException e) {
                return; // makes no sense
            }
        }
    }

    /**
     * Runs a shell's text within and waits.
     *
     * @throws IOException where nobody is there to do it, or it takes too long
     */
    Execution run(String text, Duration timeout) throws IOException, InterruptedException {
        oneAtATime.lockInterruptibly();
        try {
            long deadline = System.nanoTime() + timeout.plusSeconds(1).toNanos();
            synchronized (this) {
                number++;
                answer = null;
                var opened = channel;
                if (opened == null) {
                    throw new IOException("nobody within answers");
                }
                var line = number + " " + Math.max(1, timeout.toSeconds()) + " " + FirstBoot.base64(text) + "\n";
                var bytes = ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII));
                while (bytes.hasRemaining()) {
                    opened.write(bytes);
                }
                while (answer == null && channel == opened) {
                    long left = (deadline - System.nanoTime()) / 1_000_000;
                    if (left <= 0) {
                        throw new IOException("nobody within answered in time");
                    }
                    wait(left);
                }
                if (answer == null) {
                    throw new IOException("the machine went away meanwhile");
                }
                return answer;
            }
        } finally {
            oneAtATime.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        SocketChannel opened;
        synchronized (this) {
            closed = true;
            opened = channel;
        }
        if (opened != null) {
            opened.close();
        }
    }
}
