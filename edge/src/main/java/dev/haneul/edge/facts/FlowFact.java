package dev.haneul.edge.facts;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A connection that ended.
 *
 * @param connection its id in logs
 * @param port the listener's
 * @param tls what was agreed on; null for plain connections and where that failed
 * @param protocol {@code HTTP}, {@code HTTPS}, {@code TCP}, {@code TLS} or {@code UDP}
 * @param target address and port, where it had one of its own
 * @param received bytes from the client
 * @param sent bytes to the client
 * @param failure why it did not come to be: {@code tls}, {@code connect}, {@code no-target}, {@code limit}; null where it
 *     did
 * @param resetBy {@code client}, {@code target} or {@code elb} where the flow was reset; null otherwise
 */
public record FlowFact(
        String balancer,
        String zone,
        String connection,
        String listener,
        int port,
        String protocol,
        Instant began,
        Instant ended,
        String client,
        @Nullable String target,
        @Nullable String group,
        long received,
        long sent,
        @Nullable TlsFact tls,
        @Nullable String failure,
        @Nullable String resetBy) {}
