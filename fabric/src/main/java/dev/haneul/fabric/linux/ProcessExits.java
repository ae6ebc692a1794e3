package dev.haneul.fabric.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells when processes end, children of ours or not, with one thread for all of them: an epoll over pidfds. Children
 * are reaped here.
 */
public final class ProcessExits implements AutoCloseable {
    private static final int ADD = 1;
    private static final int REMOVE = 2;
    private static final int READABLE = 1;
    /** {@code struct epoll_event} is packed on amd64 only. */
    private static final int EVENT_BYTES = Machine.AARCH64 ? 16 : 12;

    private static final int DATA_OFFSET = Machine.AARCH64 ? 8 : 4;
    private static final int BATCH = 64;

    private final int epoll;
    private final int[] wake;
    private final Map<Integer, Runnable> watched = new ConcurrentHashMap<>();
    private final Thread thread;

    public ProcessExits() throws IOException {
        epoll = Linux.epollCreate();
        try {
            wake = Linux.pipe();
        } catch (IOException e) {
            Linux.close(epoll);
            throw e;
        }
        control(ADD, wake[0]);
        thread = Thread.ofPlatform().daemon().name("process-exits").start(this::run);
    }

    /**
     * Runs {@code onExit} once the process has ended, on this object's thread: it must be quick.
     *
     * @param pidfd taken over: closed after the end
     */
    public void watch(int pidfd, Runnable onExit) throws IOException {
        watched.put(pidfd, onExit);
        try {
            control(ADD, pidfd);
        } catch (IOException e) {
            watched.remove(pidfd);
            throw e;
        }
    }

    private void run() {
        try (var arena = Arena.ofConfined()) {
            var events = arena.allocate((long) EVENT_BYTES * BATCH, 8);
            while (true) {
                int count = Linux.epollWait(epoll, events, BATCH);
                for (int i = 0; i < count; i++) {
                    int fd = events.get(ValueLayout.JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + DATA_OFFSET);
                    if (fd == wake[0]) {
                        return;
                    }
                    ended(fd);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("processes can no longer be watched", e);
        } finally {
            watched.keySet().forEach(Linux::close);
            Linux.close(epoll);
            Linux.close(wake[0]);
            Linux.close(wake[1]);
        }
    }

    private void ended(int pidfd) throws IOException {
        control(REMOVE, pidfd);
        Linux.reap(pidfd);
        var onExit = watched.remove(pidfd);
        Linux.close(pidfd);
        if (onExit != null) {
            onExit.run();
        }
    }

    private void control(int operation, int fd) throws IOException {
        try (var arena = Arena.ofConfined()) {
            MemorySegment event = arena.allocate(16, 8);
            event.set(ValueLayout.JAVA_INT, 0, READABLE);
            event.set(ValueLayout.JAVA_INT_UNALIGNED, DATA_OFFSET, fd);
            Linux.epollControl(epoll, operation, fd, event);
        }
    }

    /** Stops watching; the processes go on. */
    @Override
    public void close() {
        if (!thread.isAlive()) {
            return;
        }
        try {
            Linux.writeByte(wake[1]);
            thread.join();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
