package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.Keys.Found;
import dev.haneul.services.kms.KmsTables.AliasRow;
import java.util.List;

/** Second names of keys. */
final class Aliases {
    private final Store store;
    private final Clock clock;
    private final Keys keys;
    private final Pages pages;

    Aliases(Store store, Clock clock, Keys keys, Pages pages) {
        this.store = store;
        this.clock = clock;
        this.keys = keys;
        this.pages = pages;
    }

    void create(CreateAliasRequest in, Call call) {
        if (in.aliasName().startsWith(Keys.MANAGED_PREFIX) || !in.aliasName().matches("alias/[a-zA-Z0-9/_-]+")) {
            throw Fault.of(
                    new InvalidAliasNameException(),
                    "Alias must start with the prefix \"alias/\". Please see"
                            + " https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
        }
        Found found = keys.find(target(in.targetKeyId()), call).customers().notPendingDeletion();
        Key key = new Key(call.account(), call.region(), in.aliasName());
        store.write(tx -> {
            if (tx.get(KmsTables.ALIASES, key).isPresent()) {
                throw Fault.of(
                        new AlreadyExistsException(),
                        "An alias with the name " + KmsTables.aliasArn(key) + " already exists");
            }
            tx.put(
                    KmsTables.ALIASES,
                    key,
                    new AliasRow(in.aliasName(), found.key().id(), clock.instant(), clock.instant()));
        });
    }

    /** An alias names a key, never another alias. */
    private static String target(String id) {
        if (id.startsWith("alias/") || id.contains(":alias/")) {
            throw KmsFaults.validation("Aliases must refer to keys. Not aliases");
        }
        return id;
    }

    void update(UpdateAliasRequest in, Call call) {
        Found found = keys.find(target(in.targetKeyId()), call).customers().notPendingDeletion();
        Key key = own(in.aliasName(), call);
        store.write(tx -> {
            AliasRow row = tx.get(KmsTables.ALIASES, key)
                    .map(Row::value)
                    .orElseThrow(() -> KmsFaults.noAlias(KmsTables.aliasArn(key)));
            Keys.peek(tx, new Key(key.account(), key.region(), row.target())).ifPresent(before -> {
                if (!before.row().nature().usage().equals(found.row().nature().usage())
                        || before.row().symmetric() != found.row().symmetric()) {
                    throw KmsFaults.validation("Alias " + KmsTables.aliasArn(key)
                            + " cannot be changed to a key of another type or usage.");
                }
            });
            tx.put(KmsTables.ALIASES, key, new AliasRow(row.name(), found.key().id(), row.created(), clock.instant()));
        });
    }

    void delete(String name, Call call) {
        Key key = own(name, call);
        store.write(tx -> {
            if (!tx.delete(KmsTables.ALIASES, key)) {
                throw KmsFaults.noAlias(KmsTables.aliasArn(key));
            }
        });
    }

    private static Key own(String name, Call call) {
        if (!name.startsWith("alias/") || name.startsWith(Keys.MANAGED_PREFIX)) {
            throw Fault.of(new InvalidAliasNameException(), "Invalid identifier");
        }
        return new Key(call.account(), call.region(), name);
    }

    ListAliasesResponse list(ListAliasesRequest in, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String only =
                in.keyId() == null ? null : keys.find(in.keyId(), call).key().id();
        List<AliasRow> rows = store
                .read(tx -> only == null
                        ? tx.range(KmsTables.ALIASES, scope, "", null, 10_000)
                        : tx.find(KmsTables.ALIASES, scope, "target", only, "", 10_000))
                .stream()
                .map(Row::value)
                .toList();
        Pages.Page<AliasRow> page = pages.of("aliases " + scope + only, rows, AliasRow::name, in.limit(), in.marker());
        return new ListAliasesResponse()
                .aliases(page.items().stream()
                        .map(row -> new AliasListEntry()
                                .aliasName(row.name())
                                .aliasArn(KmsTables.aliasArn(scope.key(row.name())))
                                .targetKeyId(row.target())
                                .creationDate(row.created())
                                .lastUpdatedDate(row.updated()))
                        .toList())
                .truncated(page.next() != null)
                .nextMarker(page.next());
    }
}
