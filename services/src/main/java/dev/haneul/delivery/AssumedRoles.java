package dev.haneul.delivery;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.sts.AssumeRoleRequest;
import dev.haneul.api.sts.StsClient;
import dev.haneul.kernel.call.Credentials;
import dev.haneul.kernel.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;

/** Roles that services assume to reach targets, through STS, so that trust policies decide; sessions are kept a while. */
final class AssumedRoles {
    private static final int SESSION_SECONDS = 3600;
    /** A trust policy that was changed is felt after this long, as on AWS, where sessions outlive such changes too. */
    private static final Duration KEPT = Duration.ofMinutes(5);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int MOST_KEPT = 1_000;

    private final StsClient sts;
    private final Credentials credentials;
    private final Clock clock;
    private final ReentrantLock lock = new ReentrantLock();
    private final Map<Sender, Session> kept = new LinkedHashMap<>(16, 0.75f, true);

    private record Session(Principal principal, Instant until) {}

    AssumedRoles(Caller neighbours, Credentials credentials, Clock clock) {
        this.sts = new StsClient(neighbours);
        this.credentials = credentials;
        this.clock = clock;
    }

    /**
     * Who a sender is once it has assumed its role.
     *
     * @throws Fault what STS answers where it may not
     */
    Principal principal(Sender sender, String roleArn, String region) {
        lock.lock();
        try {
            Session known = kept.get(sender);
            if (known != null && known.until().isAfter(clock.instant())) {
                return known.principal();
            }
        } finally {
            lock.unlock();
        }
        Session made = assume(sender, roleArn, region);
        lock.lock();
        try {
            kept.put(sender, made);
            if (kept.size() > MOST_KEPT) {
                kept.remove(kept.keySet().iterator().next());
            }
        } finally {
            lock.unlock();
        }
        return made.principal();
    }

    void forget() {
        lock.lock();
        try {
            kept.clear();
        } finally {
            lock.unlock();
        }
    }

    private Session assume(Sender sender, String roleArn, String region) {
        Instant now = clock.instant();
        Call call = new Call(
                sender.principal(),
                sender.account(),
                region,
                UUID.randomUUID().toString(),
                now.plus(PATIENCE),
                Call.Origin.inside(sender.host()));
        byte[] random = new byte[16];
        ThreadLocalRandom.current().nextBytes(random);
        dev.haneul.api.sts.Credentials keys = sts.assumeRole(
                        new AssumeRoleRequest()
                                .roleArn(roleArn)
                                .roleSessionName(HexFormat.of().formatHex(random))
                                .durationSeconds(SESSION_SECONDS),
                        call)
                .credentials();
        if (keys == null) {
            throw Fault.server("InternalFailure", 500, "STS gave no credentials for " + roleArn);
        }
        Principal principal = credentials
                .find(keys.accessKeyId(), keys.sessionToken())
                .orElseThrow(() -> Fault.server("InternalFailure", 500, "STS's credentials are not known"))
                .principal();
        return new Session(principal, now.plus(KEPT));
    }
}
