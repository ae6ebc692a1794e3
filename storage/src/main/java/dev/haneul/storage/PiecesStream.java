package dev.haneul.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads slices of contents one after the other; one of them is open at a time. */
final class PiecesStream extends InputStream {
    private final Iterator<Blobs.Slice> pieces;
    private final Opener opener;
    private final Runnable done;
    private @Nullable InputStream current;
    private boolean closed;

    /** Opens one piece. */
    @FunctionalInterface
    interface Opener {
        InputStream open(Blobs.Slice slice) throws IOException;
    }

    /**
     * Opens the first piece at once, so that a missing one is told before the answer has begun.
     *
     * @param done runs once, when the stream is closed
     */
    PiecesStream(List<Blobs.Slice> pieces, Opener opener, Runnable done) throws IOException {
        this.pieces = pieces.iterator();
        this.opener = opener;
        this.done = done;
        advance();
    }

    private @Nullable InputStream advance() throws IOException {
        closePiece();
        if (pieces.hasNext()) {
            current = opener.open(pieces.next());
        }
        return current;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        for (InputStream in = current; in != null; in = advance()) {
            int count = in.read(into, offset, length);
            if (count >= 0) {
                return count;
            }
        }
        return -1;
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        long sum = 0;
        for (InputStream in = current; in != null; in = advance()) {
            sum += in.transferTo(out);
        }
        return sum;
    }

    @Override
    public void close() throws IOException {
        try {
            closePiece();
        } finally {
            if (!closed) {
                closed = true;
                done.run();
            }
        }
    }

    private void closePiece() throws IOException {
        InputStream open = current;
        current = null;
        if (open != null) {
            open.close();
        }
    }
}
