package dev.haneul.services.organizations;

import dev.haneul.api.runtime.Call;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.AccountRules.Membership;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The records, found and changed. Places of accounts are kept in memory, for the authorizer asks of every call. */
final class Organizations {
    /** A region holds at most this many organisations. */
    private static final int LIMIT = 1000;

    private static final int PAGE = 20;

    private final Store store;
    private final Clock clock;
    private final Tokens tokens;
    private final Ids ids = new Ids(new SecureRandom());
    private final AtomicLong generation = new AtomicLong();
    private volatile @Nullable Places places;

    Organizations(Store store, Clock clock, byte[] folderKey) {
        this.store = store;
        this.clock = clock;
        this.tokens = new Tokens(Tokens.derive(folderKey, "organizations tokens"));
        store.open(List.of(OrganizationRow.TABLE), List.of());
    }

    private record Places(long generation, Map<String, Membership> byAccount) {}

    /** An account's place. */
    Optional<Membership> membership(String account) {
        long now = generation.get();
        Places known = places;
        if (known == null || known.generation() != now) {
            Map<String, Membership> found = new HashMap<>();
            for (OrganizationRow row : store.read(Organizations::all)) {
                row.accounts()
                        .keySet()
                        .forEach(each -> Controls.membership(row, each).ifPresent(place -> found.put(each, place)));
            }
            known = new Places(now, Map.copyOf(found));
            places = known;
        }
        return Optional.ofNullable(known.byAccount().get(account));
    }

    /** Forgets what is kept in memory. */
    void forget() {
        generation.incrementAndGet();
    }

    Instant now() {
        return clock.instant();
    }

    Ids ids() {
        return ids;
    }

    static List<OrganizationRow> all(ReadTx tx) {
        return tx.all(OrganizationRow.TABLE, null, LIMIT).stream()
                .map(Row::value)
                .toList();
    }

    static Optional<OrganizationRow> of(ReadTx tx, String account) {
        return all(tx).stream()
                .filter(row -> row.accounts().containsKey(account))
                .findFirst();
    }

    <T> T write(Function<WriteTx, T> body) {
        try {
            return store.transact(body);
        } finally {
            forget();
        }
    }

    <T> T read(Function<ReadTx, T> body) {
        return store.read(body);
    }

    /** The caller's organisation, whoever of its members asks. */
    OrganizationRow mine(Call call) {
        return read(tx -> of(tx, call.account()).orElseThrow(OrganizationFaults::notInUse));
    }

    /** The caller's organisation, for its management account and delegated administrators. */
    OrganizationRow managed(Call call) {
        OrganizationRow row = mine(call);
        boolean delegate = row.delegates().containsKey(call.account());
        if (!row.management().equals(call.account()) && !delegate) {
            throw OrganizationFaults.denied();
        }
        return row;
    }

    /** Changes the organisation that the caller manages. */
    <T> T change(Call call, Function<Draft, T> body) {
        return write(tx -> {
            OrganizationRow row = of(tx, call.account()).orElseThrow(OrganizationFaults::notInUse);
            if (!row.management().equals(call.account())) {
                throw OrganizationFaults.denied();
            }
            return change(tx, row, body);
        });
    }

    static <T> T change(WriteTx tx, OrganizationRow row, Function<Draft, T> body) {
        Draft draft = new Draft(row);
        T answer = body.apply(draft);
        tx.put(OrganizationRow.TABLE, OrganizationRow.key(row.management()), draft.row());
        return answer;
    }

    /** A part of a listing. */
    record Page<T>(List<T> items, @Nullable String next) {}

    <T> Page<T> page(List<T> all, @Nullable String token, @Nullable Integer maxResults) {
        int from = token == null
                ? 0
                : tokens.open("page", token)
                        .map(Integer::parseInt)
                        .orElseThrow(() -> OrganizationFaults.invalid(
                                "INVALID_NEXT_TOKEN", "You specified an invalid value for nextToken."));
        int start = Math.min(from, all.size());
        int end = Math.min(all.size(), start + (maxResults == null ? PAGE : maxResults));
        return new Page<>(all.subList(start, end), end < all.size() ? tokens.seal("page", String.valueOf(end)) : null);
    }
}
