package dev.haneul.storage;

import dev.haneul.kernel.digest.Digest;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The digests of a content as it is written. Those of a large block are worked out side by side while its writer goes on
 * to encrypt and write it and to receive the next: MD5 alone would else hold up all the rest.
 */
final class DigestLanes {
    private final Map<Digest, Digest.Digester> digesters = new EnumMap<>(Digest.class);
    private final List<Thread> running = new ArrayList<>();

    DigestLanes(Set<Digest> wanted) {
        wanted.forEach(each -> digesters.put(each, each.begin()));
    }

    /** Adds bytes, at once. */
    void add(byte[] bytes, int offset, int length) throws IOException {
        await();
        digesters.values().forEach(each -> each.update(bytes, offset, length));
    }

    /** Adds a block that nobody changes before {@link #await} has returned. */
    void begin(byte[] block, int length) throws IOException {
        await();
        for (Digest.Digester each : digesters.values()) {
            running.add(Thread.ofVirtual().start(() -> each.update(block, 0, length)));
        }
    }

    /** Waits until the last block is through. */
    void await() throws IOException {
        try {
            for (Thread each : running) {
                each.join();
            }
            running.clear();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while digests were worked out");
        }
    }

    /** The values; ends the computation. */
    Map<Digest, byte[]> values() throws IOException {
        await();
        Map<Digest, byte[]> values = new EnumMap<>(Digest.class);
        digesters.forEach((digest, digester) -> values.put(digest, digester.value()));
        return values;
    }
}
