package dev.haneul.services.route53;

import dev.haneul.api.route53.ResourceRecordSet;
import dev.haneul.api.route53.VPC;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Route 53's durable state. It belongs to accounts, not to regions. */
final class Route53Tables {
    /** Private zones by the networks they answer in. */
    static final String VPC = "vpc";
    /** Public zones by name. */
    static final String PUBLIC = "public";

    static final String REFERENCE = "reference";

    /**
     * A hosted zone.
     *
     * @param name whole, as {@link DnsNames} has it
     * @param reference the caller's, which makes creation idempotent
     * @param vpcs the networks of a private zone; empty for a public one
     * @param nameServers of its delegation set, without final dot
     * @param linkedService the service that manages it; null where nobody but its owner does
     * @param records how many record sets it has
     */
    record ZoneRow(
            String id,
            String name,
            String reference,
            @Nullable String comment,
            boolean closed,
            List<VPC> vpcs,
            List<String> nameServers,
            @Nullable String linkedService,
            Map<String, String> tags,
            int records) {
        ZoneRow vpcs(List<VPC> next) {
            return new ZoneRow(id, name, reference, comment, closed, next, nameServers, linkedService, tags, records);
        }

        ZoneRow comment(@Nullable String next) {
            return new ZoneRow(id, name, reference, next, closed, vpcs, nameServers, linkedService, tags, records);
        }

        ZoneRow tags(Map<String, String> next) {
            return new ZoneRow(id, name, reference, comment, closed, vpcs, nameServers, linkedService, next, records);
        }

        ZoneRow records(int next) {
            return new ZoneRow(id, name, reference, comment, closed, vpcs, nameServers, linkedService, tags, next);
        }
    }

    /** A record set, as the API tells it. */
    record SetRow(ResourceRecordSet set) {
        String name() {
            return set.name();
        }
    }

    /** A change that was made. */
    record ChangeRow(String id, Instant submitted, @Nullable String comment) {}

    /** An account's network that may be associated with another's zone. */
    record AuthorizationRow(String zone, VPC vpc) {}

    static final Table<ZoneRow> ZONES = Table.of(
            "route53.zone",
            RecordCodecs.of(ZoneRow.class),
            new Table.Index<>(
                    VPC,
                    row -> row.vpcs().stream()
                            .map(each -> Objects.requireNonNull(each.vpcId()))
                            .distinct()
                            .toList()),
            new Table.Index<>(PUBLIC, row -> row.closed() ? List.of() : List.of(row.name())),
            new Table.Index<>(REFERENCE, row -> List.of(row.reference())));

    static final Table<SetRow> SETS = Table.of("route53.record_set", RecordCodecs.of(SetRow.class));
    static final Table<ChangeRow> CHANGES = Table.of("route53.change", RecordCodecs.of(ChangeRow.class));
    static final Table<AuthorizationRow> AUTHORIZATIONS =
            Table.of("route53.vpc_authorization", RecordCodecs.of(AuthorizationRow.class));

    static final List<Table<?>> ALL = List.of(ZONES, SETS, CHANGES, AUTHORIZATIONS);

    private Route53Tables() {}

    static Scope scope(String account) {
        return new Scope(account, "");
    }

    /** Record sets are kept in the order in which AWS lists them: by the name's labels from the right, then by type. */
    static Key setKey(Scope scope, String zone, ResourceRecordSet set) {
        String identifier = set.setIdentifier() == null ? "" : set.setIdentifier();
        return scope.key(setFrom(zone, set.name(), set.type(), identifier));
    }

    static String setFrom(String zone, String name, String type, String identifier) {
        return nameFrom(zone, name) + type + DnsNames.BREAK + identifier;
    }

    /** Where the sets of a name begin. */
    static String nameFrom(String zone, String name) {
        return zoneFrom(zone) + DnsNames.order(name) + DnsNames.BREAK;
    }

    /** Where the sets of a zone begin. */
    static String zoneFrom(String zone) {
        return zone + DnsNames.BREAK;
    }

    /** Just after everything that begins so. */
    static String end(String from) {
        return from + '\uffff';
    }
}
