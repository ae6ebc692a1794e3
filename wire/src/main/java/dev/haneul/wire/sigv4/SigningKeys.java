package dev.haneul.wire.sigv4;

import dev.haneul.kernel.call.SigningKey;
import java.util.LinkedHashMap;
import java.util.Map;

/** The signing keys used of late: deriving one takes four HMACs, and clients sign all day with the same. */
final class SigningKeys {
    private static final int CAPACITY = 512;
    private final Map<Id, SigningKey> recent = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Id, SigningKey> eldest) {
            return size() > CAPACITY;
        }
    };

    private record Id(String secretKey, Scope scope) {}

    SigningKey get(String secretKey, Scope scope) {
        Id id = new Id(secretKey, scope);
        synchronized (recent) {
            SigningKey known = recent.get(id);
            if (known != null) {
                return known;
            }
        }
        SigningKey derived = SigningKey.derive(secretKey, scope.date(), scope.region(), scope.service());
        synchronized (recent) {
            recent.put(id, derived);
        }
        return derived;
    }
}
