package dev.haneul.delivery;

import dev.haneul.api.runtime.Principal;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * In whose name something is handed over.
 *
 * @param host the service, e.g. {@code events.amazonaws.com}
 * @param account whose resource it is done for: {@code aws:SourceAccount}
 * @param sourceArn the resource it is done for: {@code aws:SourceArn}; empty for none
 * @param roleArn the role the service assumes for it, null where it comes as itself
 */
public record Sender(
        String host,
        String account,
        String sourceArn,
        @Nullable String roleArn) {
    private static final String ALARMS = "cloudwatch.amazonaws.com";

    /** The service itself, for this resource. */
    public static Sender service(String host, String account, String sourceArn) {
        return new Sender(host, account, sourceArn, null);
    }

    /** The same, under a role; as the service itself where the role is null. */
    public Sender under(@Nullable String role) {
        return new Sender(host, account, sourceArn, role);
    }

    /** The service as a principal, with the facts that guard against confused deputies. */
    Principal principal() {
        Map<String, String> facts = new HashMap<>();
        facts.put("aws:SourceAccount", account);
        if (!sourceArn.isEmpty()) {
            facts.put("aws:SourceArn", sourceArn);
        }
        if (host.equals(ALARMS)) {
            facts.put("aws:SourceOwner", account); // a topic's first policy lets its account's alarms in by this
        }
        return new Principal(Principal.Type.SERVICE, "", host, host, "", facts);
    }
}
