package dev.haneul.services.route53;

import dev.haneul.api.ec2.DescribeVpcsRequest;
import dev.haneul.api.ec2.Ec2Client;
import dev.haneul.api.route53.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.route53.Route53Tables.AuthorizationRow;
import dev.haneul.services.route53.Route53Tables.ChangeRow;
import dev.haneul.services.route53.Route53Tables.SetRow;
import dev.haneul.services.route53.Route53Tables.ZoneRow;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Hosted zones: made with their first records, associated with networks, deleted. */
final class Zones {
    private static final String HOST = "route53.amazonaws.com";
    private static final int MOST_ZONES = 500;
    private static final int MOST_VPCS = 300;
    private static final int MOST_CHANGES = 1000;
    private static final int ID_CHARS = 20;
    private static final int TIME_CHARS = 9;
    private static final int RADIX = 36;
    private static final long NS_SECONDS = 172_800;
    private static final long SOA_SECONDS = 900;
    private static final int FIRST_SETS = 2;
    private static final int SERVERS_EACH = 512;
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> PRIVATE_SERVERS =
            List.of("ns-1536.awsdns-00.co.uk", "ns-0.awsdns-00.com", "ns-1024.awsdns-00.org", "ns-512.awsdns-00.net");

    private final Store store;
    private final Clock clock;
    private final Ids ids;
    private final Caller caller;

    Zones(Store store, Clock clock, Ids ids, Caller caller) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.caller = caller;
    }

    /** An id without the path that some clients send along. */
    static String bare(String id) {
        return id.substring(id.lastIndexOf('/') + 1);
    }

    /** @throws Fault NoSuchHostedZone */
    static ZoneRow require(ReadTx tx, Scope scope, String id) {
        return tx.get(Route53Tables.ZONES, scope.key(bare(id)))
                .map(Row::value)
                .orElseThrow(() -> Route53Faults.noZone(bare(id)));
    }

    /** How many items a page has, from a text. */
    static int items(@Nullable String text, int usual) {
        if (text == null || text.isEmpty()) {
            return usual;
        }
        if (!text.matches("[1-9][0-9]{0,5}")) {
            throw Route53Faults.invalid("Invalid value for maxitems: " + text);
        }
        return Integer.parseInt(text);
    }

    CreateHostedZoneResponse create(CreateHostedZoneRequest in, Call call) {
        String name = DnsNames.canonical(in.name()).orElseThrow(() -> Route53Faults.domain(in.name()));
        if (in.delegationSetId() != null) {
            throw Route53Faults.unbuilt("A reusable delegation set");
        }
        HostedZoneConfig config = in.hostedZoneConfig() == null ? new HostedZoneConfig() : in.hostedZoneConfig();
        VPC asked = in.vpc();
        boolean closed = asked != null;
        if (Boolean.TRUE.equals(config.privateZone()) && !closed) {
            throw Route53Faults.invalid("When you're creating a private hosted zone (when you specify true for"
                    + " PrivateZone), you must also specify values for VPCId and VPCRegion.");
        }
        VPC vpc = asked == null ? null : network(asked, call);
        Scope scope = Route53Tables.scope(call.account());
        String id = "Z" + chars(ID_CHARS);
        ZoneRow zone = new ZoneRow(
                id,
                name,
                in.callerReference(),
                config.comment(),
                closed,
                vpc == null ? List.of() : List.of(vpc),
                vpc == null ? servers() : PRIVATE_SERVERS,
                managedBy(call),
                Map.of(),
                FIRST_SETS);
        return store.transact(tx -> {
            boolean there = !tx.find(Route53Tables.ZONES, scope, Route53Tables.REFERENCE, in.callerReference(), "", 1)
                    .isEmpty();
            if (there) {
                throw Fault.of(
                        new HostedZoneAlreadyExists(),
                        "A hosted zone has already been created with the specified caller reference.");
            }
            if (tx.range(Route53Tables.ZONES, scope, "", null, MOST_ZONES).size() == MOST_ZONES) {
                throw Fault.of(
                        new TooManyHostedZones(), "Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER: " + MOST_ZONES + ".");
            }
            if (vpc != null) {
                refuseConflict(tx, name, vpc);
            }
            tx.put(Route53Tables.ZONES, scope.key(id), zone);
            first(zone)
                    .forEach(set -> tx.put(Route53Tables.SETS, Route53Tables.setKey(scope, id, set), new SetRow(set)));
            return new CreateHostedZoneResponse()
                    .hostedZone(told(zone))
                    .changeInfo(changed(tx, scope, null))
                    .delegationSet(closed ? null : delegation(zone))
                    .vpc(vpc)
                    .location("https://" + HOST + "/2013-04-01/hostedzone/" + id);
        });
    }

    /** The service that makes a zone for an account; null where the account does. */
    private static @Nullable String managedBy(Call call) {
        return call.principal().type() == Principal.Type.SERVICE
                ? call.principal().id()
                : null;
    }

    /** Four servers of AWS's form, in its four domains. */
    private List<String> servers() {
        List<String> servers = new ArrayList<>();
        List<String> domains = List.of("com", "net", "org", "co.uk");
        for (int i = 0; i < domains.size(); i++) {
            int number = Integer.parseInt(ids.hex(4), 16) % SERVERS_EACH;
            servers.add(String.format(
                    Locale.ROOT, "ns-%d.awsdns-%02d.%s", i * SERVERS_EACH + number, number / 8, domains.get(i)));
        }
        return servers;
    }

    private static List<ResourceRecordSet> first(ZoneRow zone) {
        ResourceRecordSet servers = new ResourceRecordSet()
                .name(zone.name())
                .type("NS")
                .ttl(NS_SECONDS)
                .resourceRecords(zone.nameServers().stream()
                        .map(each -> new ResourceRecord().value(each + "."))
                        .toList());
        ResourceRecordSet authority = new ResourceRecordSet()
                .name(zone.name())
                .type("SOA")
                .ttl(SOA_SECONDS)
                .resourceRecords(List.of(new ResourceRecord()
                        .value(zone.nameServers().getFirst()
                                + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")));
        return List.of(servers, authority);
    }

    /** A network that is there, asked for as its owner. */
    private VPC network(VPC asked, Call call) {
        String id = String.valueOf(asked.vpcId());
        String region = asked.vpcRegion() == null ? call.region() : asked.vpcRegion();
        Call inside = new Call(
                Principal.service(HOST),
                call.account(),
                region,
                ids.uuid(),
                clock.instant().plus(PATIENCE),
                Call.Origin.inside(HOST));
        try {
            new Ec2Client(caller).describeVpcs(new DescribeVpcsRequest().vpcIds(List.of(id)), inside);
        } catch (Fault fault) {
            throw Route53Faults.vpc(id);
        }
        return new VPC().vpcId(id).vpcRegion(region);
    }

    private static void refuseConflict(ReadTx tx, String name, VPC vpc) {
        tx.findAnywhere(Route53Tables.ZONES, Route53Tables.VPC, String.valueOf(vpc.vpcId()), null, MOST_VPCS).stream()
                .map(Row::value)
                .filter(other -> other.name().equals(name))
                .findFirst()
                .ifPresent(other -> {
                    throw Fault.of(
                            new ConflictingDomainExists(),
                            "The VPC " + vpc.vpcId() + " in region " + vpc.vpcRegion()
                                    + " has already been associated with the hosted zone " + other.id()
                                    + " with the same domain name.");
                });
    }

    DeleteHostedZoneResponse delete(String id, Call call) {
        Scope scope = Route53Tables.scope(call.account());
        return store.transact(tx -> {
            ZoneRow zone = require(tx, scope, id);
            if (zone.linkedService() != null && !zone.linkedService().equals(managedBy(call))) {
                throw Fault.client(
                        "AccessDenied",
                        403,
                        "The resource hostedzone/" + zone.id() + " can only be managed through " + zone.linkedService()
                                + " (arn:aws:route53:::hostedzone/" + zone.id() + ")");
            }
            if (zone.records() > FIRST_SETS) {
                throw Fault.of(
                        new HostedZoneNotEmpty(),
                        "The specified hosted zone contains non-required resource record sets and so cannot be deleted.");
            }
            String from = Route53Tables.zoneFrom(zone.id());
            tx.range(Route53Tables.SETS, scope, from, Route53Tables.end(from), FIRST_SETS)
                    .forEach(row -> tx.delete(Route53Tables.SETS, row.key()));
            tx.range(Route53Tables.AUTHORIZATIONS, scope, from, Route53Tables.end(from), MOST_VPCS)
                    .forEach(row -> tx.delete(Route53Tables.AUTHORIZATIONS, row.key()));
            tx.delete(Route53Tables.ZONES, scope.key(zone.id()));
            return new DeleteHostedZoneResponse().changeInfo(changed(tx, scope, null));
        });
    }

    AssociateVPCWithHostedZoneResponse associate(AssociateVPCWithHostedZoneRequest in, Call call) {
        VPC vpc = network(in.vpc(), call);
        return store.transact(tx -> {
            Scope scope = owner(tx, call, bare(in.hostedZoneId()), vpc);
            ZoneRow zone = require(tx, scope, in.hostedZoneId());
            if (!zone.closed()) {
                throw Fault.of(
                        new PublicZoneVPCAssociation(),
                        "You're trying to associate a VPC with a public hosted zone. Amazon Route 53 doesn't support"
                                + " associating a VPC with a public hosted zone.");
            }
            refuseConflict(tx, zone.name(), vpc);
            List<VPC> vpcs = new ArrayList<>(zone.vpcs());
            if (vpcs.size() == MOST_VPCS) {
                throw Fault.of(new LimitsExceeded(), "Limits Exceeded: MAX_VPCS_ASSOCIATED_BY_ZONE: " + MOST_VPCS);
            }
            vpcs.add(vpc);
            tx.put(Route53Tables.ZONES, scope.key(zone.id()), zone.vpcs(vpcs));
            return new AssociateVPCWithHostedZoneResponse().changeInfo(changed(tx, scope, in.comment()));
        });
    }

    /** Where the zone is: the caller's own, or one of another account that let this network in. */
    private static Scope owner(ReadTx tx, Call call, String zone, VPC vpc) {
        Scope own = Route53Tables.scope(call.account());
        if (tx.get(Route53Tables.ZONES, own.key(zone)).isPresent()) {
            return own;
        }
        String from = Route53Tables.zoneFrom(zone);
        return tx.all(Route53Tables.AUTHORIZATIONS, null, MOST_ZONES).stream()
                .filter(row -> row.key().id().equals(from + vpc.vpcId()))
                .map(row -> row.key().scope())
                .findFirst()
                .orElseThrow(() -> Fault.of(
                        new NotAuthorizedException(),
                        "The VPC: " + vpc.vpcId() + " has not authorized to association with your hosted zone."));
    }

    DisassociateVPCFromHostedZoneResponse disassociate(DisassociateVPCFromHostedZoneRequest in, Call call) {
        Scope scope = Route53Tables.scope(call.account());
        return store.transact(tx -> {
            ZoneRow zone = require(tx, scope, in.hostedZoneId());
            List<VPC> left = zone.vpcs().stream()
                    .filter(each -> !Objects.equals(each.vpcId(), in.vpc().vpcId()))
                    .toList();
            if (left.size() == zone.vpcs().size()) {
                throw Fault.of(
                        new VPCAssociationNotFound(),
                        "The VPC " + in.vpc().vpcId() + " is not associated with the hosted zone " + zone.id() + ".");
            }
            if (left.isEmpty()) {
                throw Fault.of(
                        new LastVPCAssociation(), "You can't disassociate the last VPC from a private hosted zone.");
            }
            tx.put(Route53Tables.ZONES, scope.key(zone.id()), zone.vpcs(left));
            return new DisassociateVPCFromHostedZoneResponse().changeInfo(changed(tx, scope, in.comment()));
        });
    }

    CreateVPCAssociationAuthorizationResponse authorize(CreateVPCAssociationAuthorizationRequest in, Call call) {
        Scope scope = Route53Tables.scope(call.account());
        return store.transact(tx -> {
            ZoneRow zone = require(tx, scope, in.hostedZoneId());
            String id = Route53Tables.zoneFrom(zone.id()) + in.vpc().vpcId();
            tx.put(Route53Tables.AUTHORIZATIONS, scope.key(id), new AuthorizationRow(zone.id(), in.vpc()));
            return new CreateVPCAssociationAuthorizationResponse()
                    .hostedZoneId(zone.id())
                    .vpc(in.vpc());
        });
    }

    DeleteVPCAssociationAuthorizationResponse unauthorize(DeleteVPCAssociationAuthorizationRequest in, Call call) {
        Scope scope = Route53Tables.scope(call.account());
        return store.transact(tx -> {
            ZoneRow zone = require(tx, scope, in.hostedZoneId());
            String id = Route53Tables.zoneFrom(zone.id()) + in.vpc().vpcId();
            if (tx.get(Route53Tables.AUTHORIZATIONS, scope.key(id)).isEmpty()) {
                throw Fault.of(
                        new VPCAssociationAuthorizationNotFound(),
                        "The VPC " + in.vpc().vpcId() + " is not authorized for the hosted zone " + zone.id() + ".");
            }
            tx.delete(Route53Tables.AUTHORIZATIONS, scope.key(id));
            return new DeleteVPCAssociationAuthorizationResponse();
        });
    }

    /** The networks of other accounts that may be associated with a zone. */
    static List<VPC> authorized(ReadTx tx, Scope scope, String zone) {
        String from = Route53Tables.zoneFrom(zone);
        return tx.range(Route53Tables.AUTHORIZATIONS, scope, from, Route53Tables.end(from), MOST_VPCS).stream()
                .map(row -> row.value().vpc())
                .toList();
    }

    /** Notes a change; it is PENDING as it is told, and in sync when it is asked for. Old ones are forgotten. */
    ChangeInfo changed(WriteTx tx, Scope scope, @Nullable String comment) {
        Instant now = clock.instant();
        String time = Long.toString(now.toEpochMilli(), RADIX).toUpperCase(Locale.ROOT);
        String id = "C" + "0".repeat(TIME_CHARS - time.length()) + time + chars(ID_CHARS - TIME_CHARS);
        List<Row<ChangeRow>> kept = tx.range(Route53Tables.CHANGES, scope, "", null, MOST_CHANGES);
        if (kept.size() == MOST_CHANGES) {
            tx.delete(Route53Tables.CHANGES, kept.getFirst().key());
        }
        ChangeRow row = new ChangeRow(id, now, comment);
        tx.put(Route53Tables.CHANGES, scope.key(id), row);
        return told(row, ChangeStatus.PENDING);
    }

    static ChangeInfo told(ChangeRow row, String status) {
        return new ChangeInfo()
                .id("/change/" + row.id())
                .status(status)
                .submittedAt(row.submitted())
                .comment(row.comment());
    }

    static HostedZone told(ZoneRow zone) {
        String linked = zone.linkedService();
        return new HostedZone()
                .id("/hostedzone/" + zone.id())
                .name(zone.name())
                .callerReference(zone.reference())
                .config(new HostedZoneConfig().comment(zone.comment()).privateZone(zone.closed()))
                .resourceRecordSetCount((long) zone.records())
                .linkedService(
                        linked == null
                                ? null
                                : new LinkedService().servicePrincipal(linked).description("Created by " + linked));
    }

    static DelegationSet delegation(ZoneRow zone) {
        return new DelegationSet().nameServers(zone.nameServers());
    }

    private String chars(int count) {
        return ids.lower(count).toUpperCase(Locale.ROOT);
    }
}
