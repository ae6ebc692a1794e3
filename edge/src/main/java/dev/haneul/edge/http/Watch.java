package dev.haneul.edge.http;

import dev.haneul.edge.stream.Wire;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Looks whether a client is still there while its answer takes long. It can only do so by reading: what it reads is the
 * next request's, and given back.
 */
final class Watch {
    private static final int STASH_BYTES = 4096;

    private final Wire wire;
    private @Nullable Runnable task;
    private @Nullable Thread reader;
    private byte[] stash = new byte[0];
    private int stashed;
    private @Nullable IOException broken;
    private volatile boolean gone;

    Watch(Wire wire) {
        this.wire = wire;
    }

    boolean gone() {
        return gone;
    }

    /** Runs a task where the client goes, looking from a moment on; null: no longer. */
    synchronized void task(@Nullable Runnable whenGone, long afterNanos) {
        task = whenGone;
        if (whenGone == null) {
            wire.whenSilent(0, null);
        } else if (reader == null && stashed == 0) {
            wire.readWithin(0);
            wire.whenSilent(afterNanos, this::look);
        }
    }

    private synchronized void look() {
        if (task != null && reader == null) {
            reader = Thread.ofVirtual().start(this::read);
        }
    }

    private void read() {
        byte[] bytes = new byte[STASH_BYTES];
        int count = 0;
        IOException failure = null;
        try {
            count = wire.read(bytes, 0, bytes.length);
        } catch (IOException e) {
            failure = e;
        }
        Runnable whenGone;
        synchronized (this) {
            stash = bytes;
            stashed = Math.max(0, count);
            broken = failure;
            gone = count < 0 || failure != null;
            whenGone = gone ? task : null;
        }
        if (whenGone != null) {
            whenGone.run();
        }
    }

    /** Waits for whoever reads the connection still, and gives back what was read. */
    void settle(H1Input in) throws IOException {
        Thread running;
        synchronized (this) {
            running = reader;
        }
        if (running == null) {
            return;
        }
        try {
            running.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        synchronized (this) {
            reader = null;
            if (stashed > 0) {
                in.unread(stash, stashed);
                stashed = 0;
            }
            if (broken != null) {
                throw broken;
            }
        }
    }
}
