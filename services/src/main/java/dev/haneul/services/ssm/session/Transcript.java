package dev.haneul.services.ssm.session;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What a session prints, in a file of its own while it lasts. What goes beyond the bound is not kept. */
final class Transcript implements AutoCloseable {
    private static final long MOST_BYTES = 64L << 20;

    private final @Nullable Path file;
    private @Nullable OutputStream out;
    private long kept;

    private Transcript(@Nullable Path file) {
        this.file = file;
    }

    /** One that keeps nothing. */
    static Transcript none() {
        return new Transcript(null);
    }

    static Transcript in(Path folder, String session) throws IOException {
        Files.createDirectories(folder);
        Transcript made = new Transcript(folder.resolve(session + ".log"));
        made.out = Files.newOutputStream(folder.resolve(session + ".log"));
        return made;
    }

    synchronized void add(byte[] printed) throws IOException {
        OutputStream to = out;
        if (to != null && kept + printed.length <= MOST_BYTES) {
            to.write(printed);
            kept += printed.length;
        }
    }

    /** The file, finished; null where nothing was to be kept. */
    synchronized @Nullable Path finish() throws IOException {
        OutputStream to = out;
        if (to != null) {
            out = null;
            to.close();
        }
        return file;
    }

    @Override
    public synchronized void close() throws IOException {
        finish();
        if (file != null) {
            Files.deleteIfExists(file);
        }
    }
}
