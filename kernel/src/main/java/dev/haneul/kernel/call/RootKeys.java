package dev.haneul.kernel.call;

import dev.haneul.api.runtime.Principal;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of accounts' root users that need no set-up.
 *
 * <p>A region that only its own machine reaches takes {@code test}/{@code test} for the root of account 000000000000,
 * and any 12-digit account number with the secret {@code test} for that account's root. Any other region has generated
 * keys only.
 */
public final class RootKeys implements Credentials {
    /** The account {@code test} belongs to. */
    public static final String DEFAULT_ACCOUNT = "000000000000";

    private static final String WELL_KNOWN = "test";

    private final boolean loopback;
    private final Map<String, Identity> generated;

    private RootKeys(boolean loopback, Map<String, Identity> generated) {
        this.loopback = loopback;
        this.generated = Map.copyOf(generated);
    }

    /** For a region bound to loopback addresses only: the well-known keys. */
    public static RootKeys loopback() {
        return new RootKeys(true, Map.of());
    }

    /** For a region others can reach: this key only. */
    public static RootKeys generated(String accessKeyId, String secretKey, String account) {
        return new RootKeys(false, Map.of(accessKeyId, new Identity(secretKey, Principal.root(account, accessKeyId))));
    }

    /** The same keys and this one more. */
    public RootKeys and(String accessKeyId, String secretKey, String account) {
        Map<String, Identity> more = new HashMap<>(generated);
        more.put(accessKeyId, new Identity(secretKey, Principal.root(account, accessKeyId)));
        return new RootKeys(loopback, more);
    }

    @Override
    public Optional<Identity> find(String accessKeyId, @Nullable String sessionToken) {
        Identity known = generated.get(accessKeyId);
        if (known != null || !loopback) {
            return Optional.ofNullable(known);
        }
        if (accessKeyId.equals(WELL_KNOWN)) {
            return Optional.of(new Identity(WELL_KNOWN, Principal.root(DEFAULT_ACCOUNT, accessKeyId)));
        }
        return accessKeyId.matches("[0-9]{12}")
                ? Optional.of(new Identity(WELL_KNOWN, Principal.root(accessKeyId, accessKeyId)))
                : Optional.empty();
    }
}
