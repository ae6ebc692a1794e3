package dev.haneul.storage;

import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The digests of uploads so far, so that their bytes need not be read again at the end. Only a short cut: what is not
 * here (after a restart, or beyond the bound) is worked out from the bytes.
 */
final class RunningDigests {
    private static final int MAX = 4096;

    private final Map<String, Running> all = new LinkedHashMap<>();

    private record Running(long length, MessageDigest digest) {}

    /** Takes the digest of an upload's first bytes out; null where it is not known. */
    synchronized @Nullable MessageDigest take(String upload, long length) {
        Running running = all.remove(upload);
        if (running != null && running.length() == length) {
            return running.digest();
        }
        return length == 0 ? Digests.start() : null;
    }

    /** Puts it back, grown. */
    synchronized void give(String upload, long length, @Nullable MessageDigest digest) {
        if (digest == null) {
            return;
        }
        all.put(upload, new Running(length, digest));
        if (all.size() > MAX) {
            all.remove(all.keySet().iterator().next());
        }
    }
}
