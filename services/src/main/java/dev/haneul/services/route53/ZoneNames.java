package dev.haneul.services.route53;

import dev.haneul.api.route53.AliasTarget;
import dev.haneul.api.route53.ResourceRecord;
import dev.haneul.api.route53.ResourceRecordSet;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.route53.Route53Tables.ZoneRow;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Names by the records of hosted zones: the private ones of a network before the public ones, the longest first. */
final class ZoneNames implements NameSource {
    private static final int MOST_SAME = 16;
    private static final int MOST_ZONES = 1000;
    private static final int MOST_ANSWERS = 8;
    private static final int MOST_ALIASES = 8;
    private static final int ALIAS_SECONDS = 60;
    private static final String DEFAULT_COUNTRY = "*";

    private final Store store;
    private final RandomGenerator random;

    ZoneNames(Store store, RandomGenerator random) {
        this.store = store;
        this.random = random;
    }

    @Override
    public Optional<Answer> find(@Nullable String vpcId, String name) {
        String canonical = DnsNames.canonical(name).orElse(null);
        if (canonical == null) {
            return Optional.empty();
        }
        return store.read(tx -> {
            List<Answer> answers = zones(tx, vpcId, canonical).stream()
                    .map(zone -> answer(tx, zone.key().scope(), zone.value(), canonical, region(zone, vpcId)))
                    .toList();
            return answers.stream()
                    .filter(each -> !each.entries().isEmpty())
                    .findFirst()
                    .or(() -> answers.stream().findFirst());
        });
    }

    private static @Nullable String region(Row<ZoneRow> zone, @Nullable String vpcId) {
        return zone.value().vpcs().stream()
                .filter(each -> Objects.equals(each.vpcId(), vpcId))
                .map(each -> each.vpcRegion())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /**
     * The zones that may know a name. Several public ones may have one name, as at AWS: nobody is a registrar here who says
     * which is delegated to, so that whichever has the name answers.
     */
    private static List<Row<ZoneRow>> zones(ReadTx tx, @Nullable String vpcId, String name) {
        if (vpcId != null) {
            Optional<Row<ZoneRow>> closed =
                    tx.findAnywhere(Route53Tables.ZONES, Route53Tables.VPC, vpcId, null, MOST_ZONES).stream()
                            .filter(row -> DnsNames.within(name, row.value().name()))
                            .max(Comparator.comparing(row -> row.value().name().length()));
            if (closed.isPresent()) {
                return List.of(closed.get());
            }
        }
        for (String above = name; !above.isEmpty(); above = DnsNames.parent(above)) {
            List<Row<ZoneRow>> open =
                    tx.findAnywhere(Route53Tables.ZONES, Route53Tables.PUBLIC, above, null, MOST_SAME);
            if (!open.isEmpty()) {
                return open;
            }
        }
        return List.of();
    }

    /** What a zone says of a name within it. */
    Answer answer(ReadTx tx, Scope scope, ZoneRow zone, String name, @Nullable String region) {
        String told = zone.name().substring(0, zone.name().length() - 1);
        List<ResourceRecordSet> sets = sets(tx, scope, zone, name);
        if (sets.isEmpty() && !RecordSets.exists(tx, scope, zone.id(), name)) {
            return Answer.noSuchName(told);
        }
        List<Entry> entries = new ArrayList<>();
        sets.stream()
                .collect(Collectors.groupingBy(ResourceRecordSet::type))
                .forEach((type, each) -> pick(each, region).forEach(set -> entries(tx, scope, zone, set, entries, 0)));
        return new Answer(told, true, entries);
    }

    /** The sets of a name, else those of the nearest wildcard that no name in between hides. */
    private static List<ResourceRecordSet> sets(ReadTx tx, Scope scope, ZoneRow zone, String name) {
        List<ResourceRecordSet> own = RecordSets.at(tx, scope, zone.id(), name);
        if (!own.isEmpty() || RecordSets.exists(tx, scope, zone.id(), name)) {
            return own;
        }
        for (String above = DnsNames.parent(name);
                DnsNames.within(above, zone.name());
                above = DnsNames.parent(above)) {
            List<ResourceRecordSet> wild = RecordSets.at(tx, scope, zone.id(), DnsNames.WILD + "." + above);
            if (!wild.isEmpty() || RecordSets.exists(tx, scope, zone.id(), above)) {
                return wild;
            }
        }
        return List.of();
    }

    /** The sets of one type that answer this time, by their routing. */
    private List<ResourceRecordSet> pick(List<ResourceRecordSet> sets, @Nullable String region) {
        return switch (SetChecks.policy(sets.getFirst())) {
            case "weighted" -> weighted(sets);
            case "latency" -> List.of(first(sets, ResourceRecordSet::region, String.valueOf(region)));
            case "failover" -> List.of(first(sets, ResourceRecordSet::failover, "PRIMARY"));
            case "geolocation" ->
                sets.stream()
                        .filter(set -> DEFAULT_COUNTRY.equals(
                                Objects.requireNonNull(set.geoLocation()).countryCode()))
                        .limit(1)
                        .toList();
            case "multivalue" -> {
                List<ResourceRecordSet> shuffled = new ArrayList<>(sets);
                Collections.shuffle(shuffled, java.util.Random.from(random));
                yield shuffled.stream().limit(MOST_ANSWERS).toList();
            }
            default -> sets;
        };
    }

    private static ResourceRecordSet first(
            List<ResourceRecordSet> sets, Function<ResourceRecordSet, @Nullable String> what, String wanted) {
        return sets.stream()
                .filter(set -> wanted.equals(what.apply(set)))
                .findFirst()
                .orElseGet(sets::getFirst);
    }

    /** One by its share of all weights; where all are nothing, each is as likely as another. */
    private List<ResourceRecordSet> weighted(List<ResourceRecordSet> sets) {
        long sum = sets.stream().mapToLong(ZoneNames::weight).sum();
        if (sum == 0) {
            return List.of(sets.get(random.nextInt(sets.size())));
        }
        long at = random.nextLong(sum);
        for (ResourceRecordSet set : sets) {
            at -= weight(set);
            if (at < 0) {
                return List.of(set);
            }
        }
        return List.of(sets.getLast());
    }

    private static long weight(ResourceRecordSet set) {
        return set.weight() == null ? 0 : set.weight();
    }

    private void entries(ReadTx tx, Scope scope, ZoneRow zone, ResourceRecordSet set, List<Entry> found, int aliases) {
        AliasTarget alias = set.aliasTarget();
        if (alias == null) {
            int ttl = Math.toIntExact(Math.min(Integer.MAX_VALUE, Objects.requireNonNull(set.ttl())));
            for (ResourceRecord each : set.resourceRecords()) {
                found.add(new Entry(set.type(), ttl, each.value()));
            }
        } else if (DnsNames.within(alias.dnsName(), zone.name())) {
            if (aliases < MOST_ALIASES) {
                List<ResourceRecordSet> same = sets(tx, scope, zone, alias.dnsName()).stream()
                        .filter(each -> each.type().equals(set.type()))
                        .toList();
                if (!same.isEmpty()) {
                    pick(same, null).forEach(each -> entries(tx, scope, zone, each, found, aliases + 1));
                }
            }
        } else {
            Entry away = new Entry(Entry.ALIAS, ALIAS_SECONDS, alias.dnsName());
            if (!found.contains(away)) {
                found.add(away);
            }
        }
    }
}
