package dev.haneul.storage;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
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
    private final Map<ChecksumAlgorithm, ChecksumAlgorithm.Running> digesters = new EnumMap<>(ChecksumAlgorithm.class);
    private final List<Thread> running = new ArrayList<>();

    DigestLanes(Set<ChecksumAlgorithm> wanted) {
        wanted.forEach(each -> digesters.put(each, each.start()));
    }

    /** Adds bytes, at once. */
    void add(byte[] bytes, int offset, int length) throws IOException {
        await();
        digesters.values().forEach(each -> each.update(bytes, offset, length));
    }

    /** Adds a block that nobody changes before {@link #await} has returned. */
    void begin(byte[] block, int length) throws IOException {
        await();
        for (ChecksumAlgorithm.Running each : digesters.values()) {
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
    Map<ChecksumAlgorithm, byte[]> values() throws IOException {
        await();
        Map<ChecksumAlgorithm, byte[]> values = new EnumMap<>(ChecksumAlgorithm.class);
        digesters.forEach((digest, digester) -> values.put(digest, digester.value()));
        return values;
    }
}
