package dev.haneul.services.kms;

import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.kms.KmsTables.AliasRow;
import dev.haneul.services.kms.KmsTables.GrantRow;
import dev.haneul.services.kms.KmsTables.KeyRow;
import dev.haneul.services.kms.KmsTables.Material;
import dev.haneul.services.kms.KmsTables.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** Does what is due of a key: its deletion, its yearly rotation, the end of imported material. */
final class Keeper implements Reconciler<Key> {
    private static final int PAGE = 500;

    private final Store store;
    private final Clock clock;
    private final Materials materials;

    Keeper(Store store, Clock clock, Materials materials) {
        this.store = store;
        this.clock = clock;
        this.materials = materials;
    }

    Driver.Waker<Key> join(Driver driver) {
        Driver.Waker<Key> waker = driver.add(this, 1);
        Key after = null;
        List<Row<KeyRow>> rows;
        do {
            Key from = after;
            rows = store.read(tx -> tx.all(KmsTables.KEYS, from, PAGE));
            for (Row<KeyRow> row : rows) {
                if (!row.value().schedule().equals(Schedule.NONE)) {
                    waker.wake(row.key());
                }
                after = row.key();
            }
        } while (rows.size() == PAGE);
        return waker;
    }

    @Override
    public String name() {
        return "kms.keeper";
    }

    @Override
    public Next reconcile(Key key) {
        Instant now = clock.instant();
        KeyRow row =
                store.read(tx -> tx.get(KmsTables.KEYS, key)).map(Row::value).orElse(null);
        if (row == null) {
            return Next.DONE;
        }
        if (due(row.schedule().deletion(), now)) {
            store.write(tx -> remove(tx, key));
            return Next.DONE;
        }
        if (due(row.schedule().materialExpires(), now)) {
            store.write(tx -> Keys.peek(tx, key)
                    .ifPresent(found -> tx.put(
                            KmsTables.KEYS,
                            key,
                            found.row().withMaterials(List.of()).at(Schedule.NONE))));
        }
        boolean primary = row.primary().isEmpty() || row.primary().equals(key.region());
        if (due(row.schedule().nextRotation(), now) && primary) {
            rotate(key, row, now);
        }
        Schedule left = store.read(tx -> tx.get(KmsTables.KEYS, key))
                .map(each -> each.value().schedule())
                .orElse(Schedule.NONE);
        return Stream.of(left.deletion(), left.materialExpires(), primary ? left.nextRotation() : null)
                .filter(each -> each != null)
                .min(Instant::compareTo)
                .map(Next::at)
                .orElse(Next.DONE);
    }

    private static boolean due(@org.jspecify.annotations.Nullable Instant moment, Instant now) {
        return moment != null && !moment.isAfter(now);
    }

    /** A key that cannot be used just now misses its turn and has the next one a period later. */
    private void rotate(Key key, KeyRow row, Instant now) {
        Material made = materials.make(row.id(), row.nature().spec(), now, "AUTOMATIC");
        store.write(tx -> Keys.changeEverywhere(tx, key, each -> {
            Schedule old = each.schedule();
            Integer days = old.rotationDays();
            if (days == null || !due(old.nextRotation(), now)) {
                return each;
            }
            KeyRow turned = each.state().equals("Enabled") ? each.withMaterials(KeyLife.and(each, made)) : each;
            return turned.at(new Schedule(
                    old.deletion(), old.deletionDays(), days, now.plus(Duration.ofDays(days)), old.materialExpires()));
        }));
    }

    private static void remove(WriteTx tx, Key key) {
        for (Row<AliasRow> alias : Keys.aliases(tx, key)) {
            tx.delete(KmsTables.ALIASES, alias.key());
        }
        for (Row<GrantRow> grant : tx.range(KmsTables.GRANTS, key.scope(), key.id() + "/", key.id() + "0", 10_000)) {
            tx.delete(KmsTables.GRANTS, grant.key());
        }
        Keys.peek(tx, key).ifPresent(found -> {
            List<String> left = found.row().regions().stream()
                    .filter(each -> !each.equals(key.region()))
                    .toList();
            if (!left.isEmpty()) {
                Keys.changeEverywhere(tx, key, row -> row.in(row.primary(), left));
            }
        });
        tx.delete(KmsTables.KEYS, key);
    }
}
