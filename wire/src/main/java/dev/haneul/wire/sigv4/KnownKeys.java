package dev.haneul.wire.sigv4;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.Credentials;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Whose a key is; refusals are told in the words of the service that was called. */
record KnownKeys(Credentials credentials) {
    Credentials.Identity identity(String accessKeyId, @Nullable String token, AuthFaults faults) {
        Optional<Credentials.Identity> found;
        try {
            found = credentials.find(accessKeyId, token);
        } catch (Fault refused) {
            // The rooms that keep keys say what is wrong; how it is told depends on the service that was called.
            throw refused.code().startsWith("Expired")
                    ? faults.expiredToken(token)
                    : inFamily(refused, accessKeyId, token, faults);
        }
        return found.orElseThrow(() -> faults.unknownKey(accessKeyId));
    }

    private static Fault inFamily(Fault refused, String accessKeyId, @Nullable String token, AuthFaults faults) {
        return switch (refused.code()) {
            case "InvalidToken", "InvalidTokenException", "MissingAuthenticationToken" -> faults.invalidToken(token);
            case "InvalidClientTokenId", "InvalidAccessKeyId", "UnrecognizedClientException" ->
                faults.unknownKey(accessKeyId);
            default -> refused;
        };
    }
}
