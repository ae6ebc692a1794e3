package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Fault;
import dev.haneul.services.lambda.run.Outcome;
import dev.haneul.services.lambda.run.ResponseSink;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A function's streamed response on its way to the one who reads it: a few chunks are held, then the function waits. The
 * invocation runs on a thread of its own, for its reader waits for chunks meanwhile.
 */
final class ResponsePipe implements ResponseSink, AutoCloseable {
    private static final int MOST_CHUNKS = 8;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition moved = lock.newCondition();
    private final Deque<byte[]> chunks = new ArrayDeque<>();
    private @Nullable String contentType;
    private @Nullable Outcome outcome;
    private @Nullable RuntimeException fault;
    private boolean closed;

    /** Runs an invocation whose response comes through this pipe, and waits until it has begun or is over. */
    void start(String requestId, Callable<Outcome> invocation) throws InterruptedException {
        Thread.ofVirtual().name("lambda-stream-" + requestId).start(() -> {
            try {
                end(invocation.call(), null);
            } catch (RuntimeException e) {
                end(null, e);
            } catch (Exception e) {
                end(null, Problems.service("The function could not be run: " + e.getMessage()));
            }
        });
        lock.lockInterruptibly();
        try {
            while (contentType == null && outcome == null && fault == null) {
                moved.await();
            }
            if (contentType == null && fault != null) {
                throw fault;
            }
        } finally {
            lock.unlock();
        }
    }

    private void end(@Nullable Outcome ended, @Nullable RuntimeException failed) {
        lock.lock();
        try {
            outcome = ended;
            fault = failed;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The response's type; null where the runtime gave it whole, or there was none. */
    @Nullable
    String contentType() {
        lock.lock();
        try {
            return contentType;
        } finally {
            lock.unlock();
        }
    }

    /** The next bytes, waiting for them; null when the invocation is over and all is read. */
    byte @Nullable [] next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (chunks.isEmpty() && outcome == null && fault == null && !closed) {
                moved.await();
            }
            byte[] chunk = chunks.poll();
            moved.signalAll();
            return chunk;
        } finally {
            lock.unlock();
        }
    }

    /**
     * How the invocation ended, once {@link #next} gave null.
     *
     * @throws Fault where it could not be run
     */
    Outcome outcome() {
        lock.lock();
        try {
            RuntimeException failed = fault;
            if (failed != null) {
                throw failed;
            }
            Outcome ended = outcome;
            if (ended == null) {
                throw Problems.service("The response was not read to its end.");
            }
            return ended;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void begin(String type) {
        lock.lock();
        try {
            contentType = type;
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        byte[] chunk = new byte[length];
        System.arraycopy(bytes, offset, chunk, 0, length);
        lock.lock();
        try {
            while (chunks.size() >= MOST_CHUNKS && !closed && outcome == null && fault == null) {
                moved.await();
            }
            if (closed || outcome != null || fault != null) {
                throw new IOException("nobody waits for this response any longer");
            }
            chunks.add(chunk);
            moved.signalAll();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    /** Nobody reads on; the function's further output is dropped. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            chunks.clear();
            moved.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
