package dev.haneul.services.iam;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.call.AccessKeyIds;
import dev.haneul.kernel.policy.Subject;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.iam.AccessTables.AccessRow;
import dev.haneul.services.iam.AccessTables.KeyUseRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Notes who called what. A note costs one entry in a bounded map; once a minute, and before anybody asks, the notes are
 * written down. A crash loses a minute of them at most, where AWS itself promises them within hours.
 */
final class AccessTracker implements Reconciler<String> {
    private static final Duration EVERY = Duration.ofMinutes(1);
    private static final int PENDING = 20_000;
    private static final int BATCH = 500;

    private final Store store;
    private final Clock clock;
    private final Map<Use, Long> uses = new ConcurrentHashMap<>();
    private final Map<String, KeyUseRow> keys = new ConcurrentHashMap<>();

    AccessTracker(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** One entity and one operation. */
    private record Use(String account, String arn, String service, String action, String region) {}

    void join(Driver driver) {
        driver.add(this, 1).wake("flush");
    }

    /** Notes a call that a client made itself; what services do on behalf of others is not counted. */
    void note(Call call, String service, String operation) {
        Principal principal = call.principal();
        boolean entity = principal.type() == Principal.Type.USER || principal.type() == Principal.Type.ASSUMED_ROLE;
        if (!entity || call.origin().endpoint().isEmpty()) {
            return;
        }
        long now = clock.instant().getEpochSecond();
        String arn = principal.attributes().getOrDefault(Subject.ENTITY_ARN, principal.arn());
        if (uses.size() < PENDING) {
            uses.put(new Use(principal.account(), arn, service, operation, call.region()), now);
        }
        String key = principal.accessKeyId();
        if (key.startsWith(AccessKeyIds.LONG_TERM) && keys.size() < PENDING) {
            keys.put(key, new KeyUseRow(key, Instant.ofEpochSecond(now), service, call.region()));
        }
    }

    @Override
    public String name() {
        return "iam.last-accessed";
    }

    @Override
    public Next reconcile(String key) {
        flush();
        return Next.after(EVERY);
    }

    /** Writes every note down. Nobody's cached policies grow old by it, so it is no change of IAM's state. */
    synchronized void flush() {
        List<Map.Entry<Use, Long>> noted = drained(uses);
        for (int from = 0; from < noted.size(); from += BATCH) {
            List<Map.Entry<Use, Long>> batch = noted.subList(from, Math.min(from + BATCH, noted.size()));
            store.transact(tx -> {
                batch.forEach(each -> write(tx, each.getKey(), each.getValue()));
                return true;
            });
        }
        List<Map.Entry<String, KeyUseRow>> used = drained(keys);
        for (int from = 0; from < used.size(); from += BATCH) {
            List<Map.Entry<String, KeyUseRow>> batch = used.subList(from, Math.min(from + BATCH, used.size()));
            store.transact(tx -> {
                batch.forEach(each -> write(tx, each.getValue()));
                return true;
            });
        }
    }

    private static <K, V> List<Map.Entry<K, V>> drained(Map<K, V> pending) {
        List<Map.Entry<K, V>> found = new ArrayList<>();
        pending.forEach((key, value) -> {
            if (pending.remove(key, value)) {
                found.add(Map.entry(key, value));
            }
        });
        return found;
    }

    private static void write(WriteTx tx, Use use, long second) {
        var key = IamTables.scope(use.account()).key(AccessTables.id(use.arn(), use.service()));
        AccessRow before = tx.get(AccessTables.ACCESSES, key).map(Row::value).orElse(null);
        Map<String, Long> actions = new HashMap<>(before == null ? Map.of() : before.actions());
        actions.merge(use.action(), second, Math::max);
        Instant now = Instant.ofEpochSecond(second);
        AccessRow latest = before != null && now.isBefore(before.last())
                ? before
                : new AccessRow(use.arn(), use.service(), now, use.region(), Map.of());
        tx.put(
                AccessTables.ACCESSES,
                key,
                new AccessRow(use.arn(), use.service(), latest.last(), latest.region(), actions));
    }

    private static void write(WriteTx tx, KeyUseRow row) {
        AccessKeyIds.account(row.id())
                .ifPresent(account ->
                        tx.put(AccessTables.KEY_USES, IamTables.scope(account).key(IamTables.id(row.id())), row));
    }
}
