package dev.haneul.services.route53;

import dev.haneul.api.route53.*;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.route53.Route53Tables.SetRow;
import dev.haneul.services.route53.Route53Tables.ZoneRow;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** A zone's record sets: listed in AWS's order, changed all at once or not at all. */
final class RecordSets {
    private static final int MOST_CHANGES = 1000;
    private static final int MOST_SETS = 10_000;
    private static final int MOST_ITEMS = 300;
    private static final int ODD = 16;

    private RecordSets() {}

    /**
     * Applies a batch to a zone, in its order.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidChangeBatch with every reason; nothing is kept then
     */
    static void change(WriteTx tx, Scope scope, ZoneRow zone, ChangeBatch batch) {
        long counted = batch.changes().stream()
                .mapToLong(each -> ChangeAction.UPSERT.equals(each.action()) ? 2 : 1)
                .sum();
        if (counted > MOST_CHANGES) {
            throw Route53Faults.batch(List.of("Number of records limit of " + MOST_CHANGES + " exceeded."));
        }
        List<String> wrong = new ArrayList<>();
        Set<String> touched = new HashSet<>();
        int count = zone.records();
        for (Change each : batch.changes()) {
            SetChecks.form(each);
            ResourceRecordSet set = SetChecks.canonical(each.resourceRecordSet(), wrong);
            if (set == null) {
                continue;
            }
            if (!DnsNames.within(set.name(), zone.name())) {
                wrong.add("RRSet with DNS name " + set.name() + " is not permitted in zone " + zone.name());
                continue;
            }
            touched.add(set.name());
            count += apply(tx, scope, zone, each.action(), set, wrong);
        }
        touched.forEach(name -> SetChecks.together(at(tx, scope, zone.id(), name), zone, name, wrong));
        if (count > MOST_SETS) {
            wrong.add("This request would exceed the limit of " + MOST_SETS + " resource record sets of the zone.");
        }
        if (!wrong.isEmpty()) {
            throw Route53Faults.batch(wrong.stream().distinct().limit(ODD).toList());
        }
        tx.put(Route53Tables.ZONES, scope.key(zone.id()), zone.records(count));
    }

    /** How many sets more there are. */
    private static int apply(
            WriteTx tx, Scope scope, ZoneRow zone, String action, ResourceRecordSet set, List<String> wrong) {
        Key key = Route53Tables.setKey(scope, zone.id(), set);
        Optional<ResourceRecordSet> before =
                tx.get(Route53Tables.SETS, key).map(row -> row.value().set());
        switch (action) {
            case ChangeAction.CREATE -> {
                if (before.isPresent()) {
                    wrong.add("Tried to create resource record set " + SetChecks.named(set) + " but it already exists");
                    return 0;
                }
                SetChecks.values(set, wrong);
                tx.put(Route53Tables.SETS, key, new SetRow(set));
                return 1;
            }
            case ChangeAction.UPSERT -> {
                SetChecks.values(set, wrong);
                tx.put(Route53Tables.SETS, key, new SetRow(set));
                return before.isPresent() ? 0 : 1;
            }
            default -> {
                if (before.isEmpty()) {
                    wrong.add("Tried to delete resource record set " + SetChecks.named(set) + " but it was not found");
                    return 0;
                }
                if (!SetChecks.same(before.get(), set)) {
                    wrong.add("Tried to delete resource record set " + SetChecks.named(set)
                            + " but the values provided do not match the current values");
                    return 0;
                }
                tx.delete(Route53Tables.SETS, key);
                return -1;
            }
        }
    }

    /** The sets of a name. */
    static List<ResourceRecordSet> at(ReadTx tx, Scope scope, String zone, String name) {
        String from = Route53Tables.nameFrom(zone, name);
        return tx.range(Route53Tables.SETS, scope, from, Route53Tables.end(from), MOST_SETS).stream()
                .map(row -> row.value().set())
                .filter(set -> set.name().equals(name))
                .toList();
    }

    /** Whether there are sets at a name or below it. */
    static boolean exists(ReadTx tx, Scope scope, String zone, String name) {
        String from = Route53Tables.zoneFrom(zone) + DnsNames.order(name);
        return !tx.range(Route53Tables.SETS, scope, from, Route53Tables.end(from), 1)
                .isEmpty();
    }

    static ListResourceRecordSetsResponse list(ReadTx tx, Scope scope, ZoneRow zone, ListResourceRecordSetsRequest in) {
        int most = Math.min(Zones.items(in.maxItems(), MOST_ITEMS), MOST_ITEMS);
        String start = in.startRecordName();
        if (start == null && in.startRecordType() != null) {
            throw Route53Faults.invalid("The request must contain a name where it contains a type.");
        }
        if (in.startRecordType() == null && in.startRecordIdentifier() != null) {
            throw Route53Faults.invalid("The request must contain a type where it contains a set identifier.");
        }
        String from = Route53Tables.zoneFrom(zone.id());
        String end = Route53Tables.end(from);
        if (start != null) {
            String name = DnsNames.canonical(start).orElseThrow(() -> Route53Faults.domain(start));
            from = Route53Tables.setFrom(
                    zone.id(),
                    name,
                    Objects.requireNonNullElse(in.startRecordType(), ""),
                    Objects.requireNonNullElse(in.startRecordIdentifier(), ""));
            if (in.startRecordType() == null) {
                from = Route53Tables.nameFrom(zone.id(), name);
            }
        }
        List<Row<SetRow>> rows = tx.range(Route53Tables.SETS, scope, from, end, most + 1);
        ListResourceRecordSetsResponse out = new ListResourceRecordSetsResponse()
                .resourceRecordSets(
                        rows.stream().limit(most).map(row -> row.value().set()).toList())
                .isTruncated(rows.size() > most)
                .maxItems(Integer.toString(most));
        if (rows.size() > most) {
            ResourceRecordSet next = rows.getLast().value().set();
            out.nextRecordName(next.name()).nextRecordType(next.type()).nextRecordIdentifier(next.setIdentifier());
        }
        return out;
    }
}
