package dev.haneul.edge.stream;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A connection. One thread may read while another writes. Reading and writing have deadlines of their own: a reader that
 * waits past its one gets {@link Expired} and may still write; a writer past its own loses the connection.
 */
public abstract class Wire implements Closeable {
    private static final long NEVER = Long.MAX_VALUE;
    /** A reader that does not come back after its input was shut is cut off. */
    private static final long GRACE_NANOS = TimeUnit.SECONDS.toNanos(5);

    protected final SocketChannel channel;
    private final Deadlines deadlines;
    private volatile long readUntil = NEVER;
    private volatile long writeUntil = NEVER;
    private volatile long writeNanos = TimeUnit.SECONDS.toNanos(60);
    private volatile boolean expired;
    private volatile boolean closed;
    private volatile @Nullable Runnable silence;
    private volatile long silenceAt = NEVER;

    protected Wire(SocketChannel channel, Deadlines deadlines) {
        this.channel = channel;
        this.deadlines = deadlines;
        deadlines.add(this);
    }

    /** Reads at least one byte; -1 at the end. */
    public final int read(byte[] into, int offset, int length) throws IOException {
        try {
            int count = take(into, offset, length);
            if (count < 0 && expired) {
                throw new Expired("nothing came in time");
            }
            return count;
        } catch (Expired e) {
            throw e;
        } catch (IOException e) {
            throw expired ? new Expired("nothing came in time") : e;
        }
    }

    /** Writes all. */
    public final void write(byte[] from, int offset, int length) throws IOException {
        writeUntil = System.nanoTime() + writeNanos;
        put(from, offset, length);
        writeUntil = NEVER;
    }

    protected abstract void put(byte[] from, int offset, int length) throws IOException;

    protected abstract int take(byte[] into, int offset, int length) throws IOException;

    /** Says that nothing more will be written. */
    public abstract void endOutput() throws IOException;

    /** What is read from now on must come within so many nanoseconds; 0 for no limit. */
    public final void readWithin(long nanos) {
        readUntil = nanos == 0 ? NEVER : System.nanoTime() + nanos;
    }

    /** Each write must be done within so many nanoseconds. */
    public final void writeWithin(long nanos) {
        writeNanos = nanos;
    }

    /** Runs a task once, where nothing else was told meanwhile, about that many nanoseconds from now. Null for none. */
    public final void whenSilent(long nanos, @Nullable Runnable task) {
        silence = task;
        silenceAt = task == null ? NEVER : System.nanoTime() + nanos;
    }

    final void check(long now) {
        Runnable task = silence;
        if (task != null && silenceAt - now <= 0) {
            silence = null;
            silenceAt = NEVER;
            task.run();
        }
        long reading = readUntil;
        if (reading != NEVER && reading - now <= 0) {
            if (expired) {
                if (reading + GRACE_NANOS - now <= 0) {
                    close();
                }
            } else {
                expired = true;
                try {
                    channel.shutdownInput();
                } catch (IOException e) {
                    close();
                }
            }
        }
        if (writeUntil != NEVER && writeUntil - now <= 0) {
            close();
        }
    }

    /** Whether a read came too late: only the farewell can still be written. */
    public final boolean isExpired() {
        return expired;
    }

    public final boolean isOpen() {
        return !closed && channel.isOpen();
    }

    /** Whether the peer has said nothing, not even that it is gone, since the last read. Only between exchanges. */
    public abstract boolean quiet();

    /** Whether the connection ended with a reset on our side, too. */
    public final void reset() {
        try {
            channel.setOption(java.net.StandardSocketOptions.SO_LINGER, 0);
        } catch (IOException | UnsupportedOperationException e) {
            // Then it is an ordinary end.
            close();
            return;
        }
        close();
    }

    public final @Nullable InetSocketAddress peer() {
        try {
            return (InetSocketAddress) channel.getRemoteAddress();
        } catch (IOException e) {
            return null;
        }
    }

    public final @Nullable InetSocketAddress local() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            return null;
        }
    }

    @Override
    public final void close() {
        closed = true;
        deadlines.remove(this);
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(Wire.class.getName()).log(System.Logger.Level.DEBUG, "closing a connection", e);
        }
    }
}
