package dev.haneul.edge.facts;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A request that was answered, or not, with what AWS's access logs tell of it.
 *
 * @param connection the id of its connection in logs
 * @param type {@code http}, {@code https}, {@code h2}, {@code grpcs}, {@code ws}, {@code wss}
 * @param client address and port
 * @param target address and port; null where it went to none
 * @param requestNanos from the head until it was sent to a target; negative where it was not
 * @param targetNanos from then until the target began to answer; negative where it did not
 * @param responseNanos from then until the client had the head; negative where it had none
 * @param status what the client was told
 * @param targetStatus what the target said; 0 for nothing
 * @param line method, URL and version
 * @param group the target group; null where none was chosen
 * @param rule priority of the rule; 0 for the default one, -1 where it came to none
 * @param actions what was done, e.g. {@code forward}
 * @param targetZone the target's, empty for none in particular; null where no target was chosen
 * @param errorReason a code where something failed; null otherwise
 * @param rulesTried but for the default one
 */
public record RequestFact(
        String balancer,
        String zone,
        String connection,
        String type,
        Instant began,
        Instant ended,
        String client,
        @Nullable String target,
        long requestNanos,
        long targetNanos,
        long responseNanos,
        int status,
        int targetStatus,
        long received,
        long sent,
        String line,
        String userAgent,
        @Nullable String cipher,
        @Nullable String tlsVersion,
        @Nullable String group,
        @Nullable String targetZone,
        String trace,
        @Nullable String domain,
        @Nullable String certificate,
        int rule,
        List<String> actions,
        @Nullable String redirect,
        @Nullable String errorReason,
        int rulesTried) {}
