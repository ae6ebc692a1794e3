package dev.haneul.services.iam;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.AccessKeyIds;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Users' long-term access keys. Kept in memory until IAM's records change. */
public final class IamCredentials implements Credentials {
    private static final int CACHED = 4096;

    private final IamState state;
    private final Map<String, Known> cache = new ConcurrentHashMap<>();

    public IamCredentials(IamState state) {
        this.state = state;
    }

    private record Known(long generation, boolean active, Identity identity) {}

    @Override
    public Optional<Identity> find(String accessKeyId, @Nullable String sessionToken) {
        if (!accessKeyId.startsWith(AccessKeyIds.LONG_TERM)) {
            return Optional.empty();
        }
        long generation = state.generation();
        Known known = cache.get(accessKeyId);
        if (known == null || known.generation() != generation) {
            Optional<Known> read = AccessKeyIds.account(accessKeyId)
                    .flatMap(account -> state.read(tx -> read(tx, account, accessKeyId, generation)));
            if (read.isEmpty()) {
                return Optional.empty();
            }
            known = read.get();
            if (cache.size() >= CACHED) {
                cache.clear();
            }
            cache.put(accessKeyId, known);
        }
        if (!known.active() || sessionToken != null) {
            throw Fault.client("InvalidClientTokenId", 403, "The security token included in the request is invalid.");
        }
        return Optional.of(known.identity());
    }

    private Optional<Known> read(ReadTx tx, String account, String accessKeyId, long generation) {
        return tx.get(IamTables.ACCESS_KEYS, IamTables.scope(account).key(accessKeyId))
                .map(Row::value)
                .flatMap(key -> IamState.find(tx, IamTables.USERS, account, key.user())
                        .map(user -> {
                            Principal principal = new Principal(
                                    Principal.Type.USER,
                                    account,
                                    user.id(),
                                    user.arn(account),
                                    accessKeyId,
                                    Map.of("aws:username", user.name()));
                            String secret = state.secrets().open(accessKeyId, key.secret());
                            return new Known(generation, key.active(), new Identity(secret, principal));
                        }));
    }
}
