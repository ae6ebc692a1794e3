package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who an access key belongs to. Implemented by the rooms that hand out keys; asked by everyone who checks signatures. */
public interface Credentials {
    /**
     * Finds a key.
     *
     * @param sessionToken the token that came with it, null where none did
     * @return empty where the key is unknown here
     * @throws Fault where the key is known and cannot be used: expired or forged token, inactive key
     */
    Optional<Identity> find(String accessKeyId, @Nullable String sessionToken);

    /** Asks several in turn; the first that knows the key answers. */
    static Credentials firstOf(List<Credentials> several) {
        List<Credentials> rooms = List.copyOf(several);
        return (accessKeyId, sessionToken) -> {
            for (Credentials room : rooms) {
                Optional<Identity> found = room.find(accessKeyId, sessionToken);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        };
    }

    /**
     * A key's secret and its owner.
     *
     * @param secretKey signs; never logged
     */
    record Identity(String secretKey, Principal principal) {
        @Override
        public String toString() {
            return "Identity[" + principal.arn() + "]";
        }
    }
}
