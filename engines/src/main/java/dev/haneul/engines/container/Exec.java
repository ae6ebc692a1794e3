package dev.haneul.engines.container;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;

/** A program beside a container's own. Closing it kills it where it still runs. */
public interface Exec extends AutoCloseable {
    /** Its input; closing it tells the program so. */
    OutputStream stdin();

    /** Its output; with a terminal, errors too. */
    InputStream stdout();

    /** Its errors; at the end at once with a terminal. */
    InputStream stderr();

    /** Waits for its end, at most so long; empty where it still runs. */
    OptionalInt await(Duration timeout) throws InterruptedException;

    /** Changes the size of its terminal. Does nothing without one. */
    void resize(int rows, int columns) throws IOException;

    @Override
    void close();

    /**
     * Lets it run to its end, or kills it.
     *
     * @param mostBytes what is kept of its output
     */
    default Outcome finish(Duration timeout, int mostBytes) throws InterruptedException {
        var kept = new java.io.ByteArrayOutputStream();
        try (this) {
            stdin().close();
            var readers = java.util.List.of(collect(stdout(), kept, mostBytes), collect(stderr(), kept, mostBytes));
            var code = await(timeout);
            for (var reader : readers) {
                reader.join(Duration.ofMillis(code.isPresent() ? 1000 : 1));
            }
            synchronized (kept) {
                return new Outcome(code, kept.toString(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            return new Outcome(OptionalInt.empty(), String.valueOf(e.getMessage()));
        }
    }

    private static Thread collect(InputStream from, java.io.ByteArrayOutputStream kept, int mostBytes) {
        return Thread.ofVirtual().start(() -> {
            var buffer = new byte[4096];
            try {
                for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                    synchronized (kept) {
                        kept.write(buffer, 0, Math.min(count, Math.max(0, mostBytes - kept.size())));
                    }
                }
            } catch (IOException e) {
                return; // killed meanwhile
            }
        });
    }

    /**
     * How a program ended and what it printed.
     *
     * @param code empty where it took too long
     */
    record Outcome(OptionalInt code, String output) {}
}
