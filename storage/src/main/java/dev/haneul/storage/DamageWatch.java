package dev.haneul.storage;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Tells when what is read turns out to be damaged or gone. */
final class DamageWatch extends FilterInputStream {
    private final Runnable onDamage;

    DamageWatch(InputStream in, Runnable onDamage) {
        super(in);
        this.onDamage = onDamage;
    }

    /** Reads in some way. */
    @FunctionalInterface
    private interface Reading<T> {
        T read() throws IOException;
    }

    private <T> T watched(Reading<T> reading) throws IOException {
        try {
            return reading.read();
        } catch (BlobDamagedException | BlobMissingException e) {
            onDamage.run();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        return watched(in::read);
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        return watched(() -> in.read(into, offset, length));
    }

    @Override
    public long transferTo(OutputStream out) throws IOException {
        return watched(() -> in.transferTo(out));
    }
}
