package dev.haneul.services.sts;

import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.call.AccessKeyIds;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sessions' keys: everything stands in the token. */
public final class StsCredentials implements Credentials {
    private final SessionTokens tokens;
    private final Clock clock;

    /** @param folderKey the data folder's key */
    public StsCredentials(byte[] folderKey, Clock clock) {
        this.tokens = new SessionTokens(folderKey);
        this.clock = clock;
    }

    @Override
    public Optional<Identity> find(String accessKeyId, @Nullable String sessionToken) {
        if (!accessKeyId.startsWith(AccessKeyIds.SESSION)) {
            return Optional.empty();
        }
        if (sessionToken == null) {
            throw Fault.client("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
        }
        Session session = tokens.open(sessionToken, accessKeyId)
                .orElseThrow(() ->
                        Fault.client("InvalidToken", 403, "The security token included in the request is invalid."));
        if (!clock.instant().isBefore(session.expires())) {
            throw Fault.client("ExpiredToken", 403, "The security token included in the request is expired");
        }
        return Optional.of(new Identity(session.secretKey(), session.principal()));
    }
}
