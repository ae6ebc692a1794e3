package dev.haneul.fabric.vpc;

import dev.haneul.fabric.linux.Linux;
import dev.haneul.fabric.linux.NamespaceThread;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Network namespaces that are connected before anybody lives in them: making and connecting one costs milliseconds,
 * which are best spent before a start waits for them. They are held by descriptors alone: whatever ends this process
 * ends them too, and the kernel takes their devices away.
 */
final class ReadyNetworks implements AutoCloseable {
    private static final int MOST = 3;
    /** A start that has just taken one needs the processors more. */
    private static final long CALM_MILLIS = 30;

    private final Joiner joiner;
    private final Deque<Integer> ready = new ArrayDeque<>();
    private boolean filling;
    private boolean open;

    /** Connects a namespace. */
    @FunctionalInterface
    interface Joiner {
        void join(Path netns) throws IOException;
    }

    ReadyNetworks(Joiner joiner) {
        this.joiner = joiner;
    }

    /** From now on some are made, once the first is asked for. */
    synchronized void open() {
        open = true;
    }

    /** One of them, for the caller to close; -1 where none is ready. Others are made in its place, a moment later. */
    synchronized int take() {
        Integer taken = ready.poll();
        if (open && !filling) {
            filling = true;
            Thread.ofVirtual().name("networks-ready").start(this::fill);
        }
        return taken == null ? -1 : taken;
    }

    private void fill() {
        try {
            do {
                Thread.sleep(CALM_MILLIS);
            } while (offer(make()));
        } catch (IOException | RuntimeException e) {
            System.getLogger(ReadyNetworks.class.getName())
                    .log(System.Logger.Level.DEBUG, "no network is made ready", e);
            filled();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            filled();
        }
    }

    private synchronized void filled() {
        filling = false;
    }

    /** Whether there is room for more. */
    private synchronized boolean offer(int made) {
        if (!open || ready.size() >= MOST) {
            Linux.close(made);
        } else {
            ready.add(made);
        }
        filling = open && ready.size() < MOST;
        return filling;
    }

    private int make() throws IOException {
        int namespace = NamespaceThread.call("netns-ready", () -> {
            Linux.unshareNetwork();
            return Linux.open("/proc/thread-self/ns/net", Linux.O_RDONLY);
        });
        boolean whole = false;
        try {
            joiner.join(Path.of("/proc/self/fd/" + namespace));
            whole = true;
            return namespace;
        } finally {
            if (!whole) {
                Linux.close(namespace);
            }
        }
    }

    /** Ends those nobody has taken; no others are made until {@link #open}. */
    @Override
    public synchronized void close() {
        open = false;
        ready.forEach(Linux::close);
        ready.clear();
    }
}
