package dev.haneul.services.lambda;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.Credentials;
import dev.haneul.api.sts.StsApi;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.lambda.run.RoleSessions;
import dev.haneul.services.lambda.run.Target;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Execution roles: assumed by Lambda through STS, so that the role's trust policy decides, and kept for a while, so that
 * environments of one function share a session.
 */
final class Roles implements RoleSessions {
    static final Principal LAMBDA = Principal.service("lambda.amazonaws.com");

    private static final int SESSION_SECONDS = 3600;
    /** A new environment gets credentials that last at least this long. */
    private static final Duration FRESH_ENOUGH = Duration.ofMinutes(30);

    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final int MOST_KEPT = 10_000;

    private final StsApi sts;
    private final dev.haneul.kernel.call.Credentials credentials;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<String, RoleSession> kept = new LinkedHashMap<>(16, 0.75f, true);

    /** @param credentials knows whom STS's keys belong to */
    Roles(StsApi sts, dev.haneul.kernel.call.Credentials credentials, Clock clock) {
        this.sts = sts;
        this.credentials = credentials;
        this.clock = clock;
    }

    /** Refuses a role that Lambda cannot assume, as CreateFunction and UpdateFunctionConfiguration do. */
    void requireAssumable(String roleArn, FunctionRef ref) {
        if (!ref.account().equals(accountOf(roleArn))) {
            throw Fault.client("AccessDeniedException", 403, "Cross-account pass role is not allowed.");
        }
        try {
            RoleSession session = assume(roleArn, ref.account(), ref.region(), ref.name());
            keep(ref.account() + ":" + ref.region() + ":" + ref.name() + " " + roleArn, session);
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Problems.invalid("The role defined for the function cannot be assumed by Lambda.");
        }
    }

    @Override
    public RoleSession session(Target target) {
        String key = target.function() + " " + target.role();
        lock.lock();
        try {
            RoleSession known = kept.get(key);
            if (known != null && known.expires().isAfter(clock.instant().plus(FRESH_ENOUGH))) {
                return known;
            }
        } finally {
            lock.unlock();
        }
        RoleSession made;
        try {
            made = assume(target.role(), target.account(), target.region(), target.name());
        } catch (Fault fault) {
            if (fault.status() >= 500) {
                throw fault;
            }
            throw Fault.client(
                    "AccessDeniedException",
                    403,
                    "The role defined for the function cannot be assumed by Lambda. " + fault.message());
        }
        keep(key, made);
        return made;
    }

    /** The principal of a role's session for a function. */
    Principal principal(String roleArn, FunctionRef ref) {
        return assume(roleArn, ref.account(), ref.region(), ref.name()).principal();
    }

    private void keep(String key, RoleSession session) {
        lock.lock();
        try {
            kept.put(key, session);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
    }

    /** Forgets sessions of a function (of all, where empty), so that its next environment gets new ones. */
    void forget(String function) {
        lock.lock();
        try {
            kept.keySet().removeIf(key -> function.isEmpty() || key.startsWith(function + " "));
        } finally {
            lock.unlock();
        }
    }

    /** Forgets every session. */
    void forgetAll() {
        forget("");
    }

    private RoleSession assume(String roleArn, String account, String region, String function) {
        Instant now = clock.instant();
        Call call = new Call(
                LAMBDA,
                account,
                region,
                UUID.randomUUID().toString(),
                now.plus(CALL_LIMIT),
                Call.Origin.inside("lambda.amazonaws.com"));
        AssumeRoleRequest request = new AssumeRoleRequest()
                .roleArn(roleArn)
                .roleSessionName(function)
                .durationSeconds(SESSION_SECONDS);
        Credentials keys = sts.assumeRole(request, call).credentials();
        if (keys == null) {
            throw Problems.service("STS gave no credentials for " + roleArn);
        }
        Principal principal = credentials
                .find(keys.accessKeyId(), keys.sessionToken())
                .orElseThrow(() -> Problems.service("the credentials of " + roleArn + " are not known"))
                .principal();
        return new RoleSession(
                keys.accessKeyId(), keys.secretAccessKey(), keys.sessionToken(), keys.expiration(), principal);
    }

    private static String accountOf(String roleArn) {
        String[] parts = roleArn.split(":", 6);
        return parts.length == 6 ? parts[4] : "";
    }
}
