package dev.haneul.kernel.policy;

import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * Parsed documents by their text, so that a policy is parsed once and decided with often. Bounded; what was used
 * longest ago goes first. Safe for many threads.
 */
public final class PolicyCache {
    private final int limit;
    private final SequencedMap<Entry, PolicyDocument> documents;

    /** Holds at most this many documents. */
    public PolicyCache(int limit) {
        this.limit = limit;
        this.documents = new LinkedHashMap<>(64, 0.75f, true);
    }

    /**
     * The document of this text.
     *
     * @throws MalformedPolicyException as {@link PolicyDocument#parse} does
     */
    public PolicyDocument get(String json, PolicyKind kind) {
        Entry key = new Entry(json, kind);
        synchronized (documents) {
            PolicyDocument known = documents.get(key);
            if (known != null) {
                return known;
            }
        }
        PolicyDocument parsed = PolicyDocument.parse(json, kind);
        synchronized (documents) {
            documents.put(key, parsed);
            if (documents.size() > limit) {
                documents.pollFirstEntry();
            }
        }
        return parsed;
    }

    private record Entry(String json, PolicyKind kind) {}
}
