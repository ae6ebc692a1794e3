package dev.haneul.edge.stream;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Looks after all wires, a few times a second: whoever was silent for too long is told so. */
public final class Deadlines implements AutoCloseable {
    private static final long PERIOD_MILLIS = 100;

    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    public Deadlines() {
        thread = Thread.ofVirtual().name("edge deadlines").start(this::run);
    }

    void add(Wire wire) {
        wires.add(wire);
    }

    void remove(Wire wire) {
        wires.remove(wire);
    }

    /** How many wires are open. */
    public int open() {
        return wires.size();
    }

    private void run() {
        while (!closed) {
            try {
                Thread.sleep(PERIOD_MILLIS);
            } catch (InterruptedException e) {
                return;
            }
            long now = System.nanoTime();
            for (Wire wire : wires) {
                wire.check(now);
            }
        }
    }

    /** Closes every wire. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        wires.forEach(Wire::close);
    }
}
