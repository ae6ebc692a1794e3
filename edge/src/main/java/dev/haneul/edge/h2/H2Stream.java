package dev.haneul.edge.h2;

import dev.haneul.edge.http.Content;
import dev.haneul.edge.http.Headers;
import dev.haneul.edge.stream.Expired;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.eclipse.jetty.http.MetaData;
import org.jspecify.annotations.Nullable;

/** One stream: what came in waits here, within its window. */
final class H2Stream {
    /** How much may wait to be read. */
    static final int WINDOW = 256 * 1024;

    final int id;
    /** What may still be sent on it; guarded by the connection. */
    long sendWindow;

    private final H2Connection connection;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Deque<byte[]> waiting = new ArrayDeque<>();
    private int offset;
    private int held;
    private long length = -1;
    private boolean inEnded;
    private boolean outEnded;
    private @Nullable MetaData head;
    private @Nullable Headers trailers;
    private @Nullable IOException failure;
    private @Nullable Runnable onFailure;
    private volatile long waitNanos;
    private long unreturned;
    private volatile long received;
    private volatile long sent;

    H2Stream(H2Connection connection, int id, long sendWindow) {
        this.connection = connection;
        this.id = id;
        this.sendWindow = sendWindow;
    }

    void within(long nanos) {
        waitNanos = nanos;
    }

    long waitNanos() {
        return waitNanos;
    }

    long received() {
        return received;
    }

    long sent() {
        return sent;
    }

    void sent(long more) {
        sent += more;
    }

    /** A head has come; a client's may be followed by another after an interim one. */
    void head(MetaData meta, boolean end, long told) {
        lock.lock();
        try {
            head = meta;
            length = end ? 0 : told;
            inEnded |= end;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean hasHead() {
        lock.lock();
        try {
            return head != null;
        } finally {
            lock.unlock();
        }
    }

    /** Bytes have come. */
    void data(byte[] bytes, boolean end) throws H2Error {
        lock.lock();
        try {
            received += bytes.length;
            if (inEnded) {
                throw new H2Error(H2Error.PROTOCOL, "data after the end");
            }
            held += bytes.length;
            if (held > WINDOW) {
                throw new H2Error(H2Error.FLOW_CONTROL, "more than the window");
            }
            if (bytes.length > 0) {
                waiting.add(bytes);
            }
            inEnded |= end;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    void trailers(Headers last) {
        lock.lock();
        try {
            trailers = last;
            inEnded = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The stream is broken; readers and writers hear of it. */
    void fail(IOException why) {
        Runnable told;
        lock.lock();
        try {
            if (failure != null) {
                return;
            }
            failure = why;
            told = onFailure;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (told != null) {
            told.run();
        }
    }

    void onFailure(@Nullable Runnable task) {
        boolean already;
        lock.lock();
        try {
            onFailure = task;
            already = failure != null;
        } finally {
            lock.unlock();
        }
        if (already && task != null) {
            task.run();
        }
    }

    @Nullable
    IOException failure() {
        lock.lock();
        try {
            return failure;
        } finally {
            lock.unlock();
        }
    }

    /** Our side has said all. */
    void outEnded() {
        lock.lock();
        try {
            outEnded = true;
        } finally {
            lock.unlock();
        }
    }

    /** Whether both sides have said all. */
    boolean over() {
        lock.lock();
        try {
            return inEnded && outEnded;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the head. */
    MetaData head() throws IOException {
        lock.lock();
        try {
            long left = waitNanos == 0 ? Long.MAX_VALUE : waitNanos;
            while (head == null) {
                left = await(left);
            }
            MetaData taken = head;
            return taken;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets an interim head. */
    void nextHead() {
        lock.lock();
        try {
            head = null;
        } finally {
            lock.unlock();
        }
    }

    private long await(long left) throws IOException {
        if (failure != null) {
            throw new IOException(failure.getMessage(), failure);
        }
        if (left <= 0) {
            throw new Expired("nothing came in time");
        }
        try {
            return changed.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private int read(byte[] into, int at, int wanted) throws IOException {
        if (wanted == 0) {
            return 0;
        }
        int count;
        long give = 0;
        lock.lock();
        try {
            long left = waitNanos == 0 ? Long.MAX_VALUE : waitNanos;
            while (waiting.isEmpty()) {
                if (inEnded) {
                    // An answer to HEAD tells a length and has no body.
                    if (length >= 0 && received > 0 && received != length) {
                        throw new IOException("the body is not as long as was told");
                    }
                    return -1;
                }
                left = await(left);
            }
            byte[] first = waiting.getFirst();
            count = Math.min(wanted, first.length - offset);
            System.arraycopy(first, offset, into, at, count);
            offset += count;
            if (offset == first.length) {
                waiting.removeFirst();
                offset = 0;
            }
            held -= count;
            unreturned += count;
            if (unreturned >= WINDOW / 4 || waiting.isEmpty() && unreturned >= WINDOW / 16) {
                give = unreturned;
                unreturned = 0;
            }
        } finally {
            lock.unlock();
        }
        if (give > 0) {
            connection.consumed(this, give);
        }
        return count;
    }

    /** What the connection's window still misses of this stream. */
    long abandon() {
        lock.lock();
        try {
            long missing = held + unreturned;
            waiting.clear();
            held = 0;
            unreturned = 0;
            offset = 0;
            return missing;
        } finally {
            lock.unlock();
        }
    }

    /** The body that comes in. */
    Content content() {
        return new Content() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public int read(byte[] into, int at, int wanted) throws IOException {
                return H2Stream.this.read(into, at, wanted);
            }

            @Override
            public boolean ended() {
                lock.lock();
                try {
                    return inEnded && waiting.isEmpty();
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public boolean ready() {
                lock.lock();
                try {
                    return !waiting.isEmpty();
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public @Nullable Headers trailers() {
                lock.lock();
                try {
                    return trailers;
                } finally {
                    lock.unlock();
                }
            }
        };
    }
}
