package dev.haneul.api.runtime;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A stream of events, each a union struct with one member set. Pulled by its reader, closed by its reader. */
public interface EventStream extends AutoCloseable {
    /** The next event, waiting for it; null at the end. */
    @Nullable
    Struct next() throws IOException, InterruptedException;

    @Override
    void close() throws IOException;
}
