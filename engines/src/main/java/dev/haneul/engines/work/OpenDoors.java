package dev.haneul.engines.work;

import dev.haneul.engines.Door;
import dev.haneul.kernel.plane.Traffic;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The listeners of one workload's doors and the virtual threads that wait at them. */
public final class OpenDoors implements AutoCloseable {
    private static final Logger LOG = System.getLogger(OpenDoors.class.getName());

    private static final long RETRY_NANOS = 50_000_000;
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(1);

    private final String workload;
    private final List<ServerSocketChannel> listeners = new ArrayList<>();
    private final List<Thread> waiting = new ArrayList<>();
    private final Traffic traffic = new Traffic();
    private boolean closed;

    public OpenDoors(String workload) {
        this.workload = workload;
    }

    /** What has gone through the doors. */
    Traffic traffic() {
        return traffic;
    }

    /**
     * Answers at these doors from now on.
     *
     * @param open one listener per door, taken over
     */
    public synchronized void keep(List<Door> doors, List<ServerSocketChannel> open) throws IOException {
        listeners.addAll(open);
        if (closed) {
            closeListeners();
            return;
        }
        for (int i = 0; i < doors.size(); i++) {
            var listener = open.get(i);
            var keeper = doors.get(i).keeper();
            waiting.add(Thread.ofVirtual().name("door " + workload).start(() -> accept(listener, keeper)));
        }
    }

    private void accept(ServerSocketChannel listener, Door.Keeper keeper) {
        while (listener.isOpen()) {
            try {
                var connection = listener.accept();
                Thread.ofVirtual().name("visit " + workload).start(() -> welcome(connection, keeper));
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(Level.WARNING, "a door of " + workload + " cannot accept just now", e);
                LockSupport.parkNanos(RETRY_NANOS); // out of descriptors, most likely: others will close some
            }
        }
    }

    private void welcome(SocketChannel connection, Door.Keeper keeper) {
        try {
            keeper.welcome(connection, traffic);
        } catch (IOException | RuntimeException e) {
            LOG.log(Level.DEBUG, "a visit of " + workload + " failed", e);
            closeQuietly(connection);
        }
    }

    private static void closeQuietly(java.nio.channels.Channel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "closing a socket", e);
        }
    }

    /**
     * Stops listening; connections already welcomed are their keeper's. Waits for the threads at the doors, because
     * only the last of a socket's users really closes it and frees its address.
     */
    @Override
    public synchronized void close() {
        closed = true;
        closeListeners();
    }

    private void closeListeners() {
        listeners.forEach(OpenDoors::closeQuietly);
        listeners.clear();
        try {
            for (var thread : waiting) {
                thread.join(CLOSE_PATIENCE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        waiting.clear();
    }
}
