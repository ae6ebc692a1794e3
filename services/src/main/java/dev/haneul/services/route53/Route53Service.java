package dev.haneul.services.route53;

import dev.haneul.api.route53.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.fabric.vpc.NameSource.Entry;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.route53.Route53Tables.ZoneRow;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Route 53's API. */
public final class Route53Service implements Route53Api {
    private static final int MOST_ZONES = 500;
    private static final int PAGE = 100;
    private static final int MOST_TAGS = 50;
    private static final Comparator<ZoneRow> BY_NAME = Comparator.<ZoneRow, String>comparing(
                    zone -> DnsNames.order(zone.name()))
            .thenComparing(ZoneRow::id);

    private final Store store;
    private final Zones zones;
    private final ZoneNames names;

    /**
     * Makes the service and opens its tables.
     *
     * @param caller reaches EC2, which knows the networks
     */
    public Route53Service(Store store, Clock clock, Caller caller) {
        SecureRandom random = new SecureRandom();
        store.open(Route53Tables.ALL, List.of());
        this.store = store;
        this.zones = new Zones(store, clock, new Ids(random), caller);
        this.names = new ZoneNames(store, random);
    }

    /** What hosted zones say, for the networks' resolvers. */
    public NameSource names() {
        return names;
    }

    private static Scope scope(Call call) {
        return Route53Tables.scope(call.account());
    }

    private static List<ZoneRow> all(ReadTx tx, Call call) {
        return tx.range(Route53Tables.ZONES, scope(call), "", null, MOST_ZONES).stream()
                .map(Row::value)
                .toList();
    }

    @Override
    public CreateHostedZoneResponse createHostedZone(CreateHostedZoneRequest in, Call call) {
        return zones.create(in, call);
    }

    @Override
    public GetHostedZoneResponse getHostedZone(GetHostedZoneRequest in, Call call) {
        ZoneRow zone = store.read(tx -> Zones.require(tx, scope(call), in.id()));
        GetHostedZoneResponse out = new GetHostedZoneResponse().hostedZone(Zones.told(zone));
        return zone.closed() ? out.vpCs(zone.vpcs()) : out.delegationSet(Zones.delegation(zone));
    }

    @Override
    public DeleteHostedZoneResponse deleteHostedZone(DeleteHostedZoneRequest in, Call call) {
        return zones.delete(in.id(), call);
    }

    @Override
    public UpdateHostedZoneCommentResponse updateHostedZoneComment(UpdateHostedZoneCommentRequest in, Call call) {
        return store.transact(tx -> {
            ZoneRow zone = Zones.require(tx, scope(call), in.id()).comment(in.comment());
            tx.put(Route53Tables.ZONES, scope(call).key(zone.id()), zone);
            return new UpdateHostedZoneCommentResponse().hostedZone(Zones.told(zone));
        });
    }

    @Override
    public ListHostedZonesResponse listHostedZones(ListHostedZonesRequest in, Call call) {
        if (in.delegationSetId() != null) {
            throw Fault.of(
                    new NoSuchDelegationSet(), "No delegation set found with ID: " + Zones.bare(in.delegationSetId()));
        }
        int most = Math.min(Zones.items(in.maxItems(), PAGE), PAGE);
        String marker = in.marker() == null ? "" : Zones.bare(in.marker());
        boolean closed = "PrivateHostedZone".equals(in.hostedZoneType());
        List<ZoneRow> found = store.read(tx -> all(tx, call)).stream()
                .filter(zone -> zone.id().compareTo(marker) >= 0)
                .filter(zone -> zone.closed() || !closed)
                .toList();
        boolean more = found.size() > most;
        return new ListHostedZonesResponse()
                .hostedZones(found.stream().limit(most).map(Zones::told).toList())
                .marker(marker)
                .isTruncated(more)
                .nextMarker(more ? found.get(most).id() : null)
                .maxItems(Integer.toString(most));
    }

    @Override
    public ListHostedZonesByNameResponse listHostedZonesByName(ListHostedZonesByNameRequest in, Call call) {
        int most = Math.min(Zones.items(in.maxItems(), PAGE), PAGE);
        if (in.hostedZoneId() != null && in.dnsName() == null) {
            throw Route53Faults.invalid("The request must contain a DNS name where it contains a hosted zone's ID.");
        }
        String first = in.dnsName();
        String from = first == null
                ? ""
                : DnsNames.order(DnsNames.canonical(first).orElseThrow(() -> Route53Faults.domain(first)));
        String id = in.hostedZoneId() == null ? "" : Zones.bare(in.hostedZoneId());
        List<ZoneRow> found = store.read(tx -> all(tx, call)).stream()
                .filter(zone -> {
                    int order = DnsNames.order(zone.name()).compareTo(from);
                    return order > 0 || order == 0 && zone.id().compareTo(id) >= 0;
                })
                .sorted(BY_NAME)
                .toList();
        boolean more = found.size() > most;
        return new ListHostedZonesByNameResponse()
                .hostedZones(found.stream().limit(most).map(Zones::told).toList())
                .dnsName(in.dnsName())
                .hostedZoneId(in.hostedZoneId())
                .isTruncated(more)
                .nextDNSName(more ? found.get(most).name() : null)
                .nextHostedZoneId(more ? found.get(most).id() : null)
                .maxItems(Integer.toString(most));
    }

    @Override
    public ListHostedZonesByVPCResponse listHostedZonesByVPC(ListHostedZonesByVPCRequest in, Call call) {
        int most = Math.min(Zones.items(in.maxItems(), PAGE), PAGE);
        String from = in.nextToken() == null ? "" : in.nextToken();
        List<Row<ZoneRow>> found = store
                .read(tx -> tx.findAnywhere(Route53Tables.ZONES, Route53Tables.VPC, in.vpcId(), null, MOST_ZONES))
                .stream()
                .filter(row -> row.key().id().compareTo(from) >= 0)
                .sorted(Comparator.comparing(row -> row.key().id()))
                .toList();
        return new ListHostedZonesByVPCResponse()
                .hostedZoneSummaries(
                        found.stream().limit(most).map(Route53Service::summary).toList())
                .maxItems(Integer.toString(most))
                .nextToken(found.size() > most ? found.get(most).key().id() : null);
    }

    private static HostedZoneSummary summary(Row<ZoneRow> row) {
        String linked = row.value().linkedService();
        HostedZoneOwner owner = linked == null
                ? new HostedZoneOwner().owningAccount(row.key().account())
                : new HostedZoneOwner().owningService(linked);
        return new HostedZoneSummary()
                .hostedZoneId(row.value().id())
                .name(row.value().name())
                .owner(owner);
    }

    @Override
    public GetHostedZoneCountResponse getHostedZoneCount(GetHostedZoneCountRequest in, Call call) {
        return new GetHostedZoneCountResponse()
                .hostedZoneCount((long) store.read(tx -> all(tx, call)).size());
    }

    @Override
    public AssociateVPCWithHostedZoneResponse associateVPCWithHostedZone(
            AssociateVPCWithHostedZoneRequest in, Call call) {
        return zones.associate(in, call);
    }

    @Override
    public DisassociateVPCFromHostedZoneResponse disassociateVPCFromHostedZone(
            DisassociateVPCFromHostedZoneRequest in, Call call) {
        return zones.disassociate(in, call);
    }

    @Override
    public CreateVPCAssociationAuthorizationResponse createVPCAssociationAuthorization(
            CreateVPCAssociationAuthorizationRequest in, Call call) {
        return zones.authorize(in, call);
    }

    @Override
    public DeleteVPCAssociationAuthorizationResponse deleteVPCAssociationAuthorization(
            DeleteVPCAssociationAuthorizationRequest in, Call call) {
        return zones.unauthorize(in, call);
    }

    @Override
    public ListVPCAssociationAuthorizationsResponse listVPCAssociationAuthorizations(
            ListVPCAssociationAuthorizationsRequest in, Call call) {
        return store.read(tx -> {
            ZoneRow zone = Zones.require(tx, scope(call), in.hostedZoneId());
            return new ListVPCAssociationAuthorizationsResponse()
                    .hostedZoneId(zone.id())
                    .vpCs(Zones.authorized(tx, scope(call), zone.id()));
        });
    }

    @Override
    public ChangeResourceRecordSetsResponse changeResourceRecordSets(ChangeResourceRecordSetsRequest in, Call call) {
        return store.transact(tx -> {
            ZoneRow zone = Zones.require(tx, scope(call), in.hostedZoneId());
            RecordSets.change(tx, scope(call), zone, in.changeBatch());
            return new ChangeResourceRecordSetsResponse()
                    .changeInfo(zones.changed(tx, scope(call), in.changeBatch().comment()));
        });
    }

    @Override
    public ListResourceRecordSetsResponse listResourceRecordSets(ListResourceRecordSetsRequest in, Call call) {
        return store.read(
                tx -> RecordSets.list(tx, scope(call), Zones.require(tx, scope(call), in.hostedZoneId()), in));
    }

    @Override
    public GetChangeResponse getChange(GetChangeRequest in, Call call) {
        String id = Zones.bare(in.id());
        return store.read(tx -> tx.get(Route53Tables.CHANGES, scope(call).key(id)))
                .map(row -> new GetChangeResponse().changeInfo(Zones.told(row.value(), ChangeStatus.INSYNC)))
                .orElseThrow(() -> Fault.of(new NoSuchChange(), "Could not find resource with ID: " + id));
    }

    @Override
    public TestDNSAnswerResponse testDNSAnswer(TestDNSAnswerRequest in, Call call) {
        String name = DnsNames.canonical(in.recordName()).orElseThrow(() -> Route53Faults.domain(in.recordName()));
        return store.read(tx -> {
            ZoneRow zone = Zones.require(tx, scope(call), in.hostedZoneId());
            if (!DnsNames.within(name, zone.name())) {
                throw Route53Faults.invalid("The name " + name + " is not in the zone " + zone.name());
            }
            NameSource.Answer answer = names.answer(tx, scope(call), zone, name, call.region());
            boolean canonical =
                    answer.entries().stream().anyMatch(each -> each.type().equals("CNAME"));
            if (answer.entries().stream().anyMatch(each -> each.type().equals(Entry.ALIAS))) {
                throw Route53Faults.unbuilt("TestDNSAnswer of an alias that leads out of its zone");
            }
            return new TestDNSAnswerResponse()
                    .nameserver(zone.nameServers().getFirst())
                    .recordName(name)
                    .recordType(canonical ? "CNAME" : in.recordType())
                    .recordData(answer.entries().stream()
                            .filter(each -> canonical || each.type().equals(in.recordType()))
                            .map(Entry::data)
                            .toList())
                    .responseCode(answer.exists() ? "NOERROR" : "NXDOMAIN")
                    .protocol("UDP");
        });
    }

    @Override
    public GetDNSSECResponse getDNSSEC(GetDNSSECRequest in, Call call) {
        store.read(tx -> Zones.require(tx, scope(call), in.hostedZoneId()));
        return new GetDNSSECResponse()
                .status(new DNSSECStatus().serveSignature("NOT_SIGNING"))
                .keySigningKeys(List.of());
    }

    /** Only zones carry tags here: there are no health checks. */
    private static String tagged(String type, String id) {
        if (!type.equals("hostedzone")) {
            throw Fault.of(new NoSuchHealthCheck(), "No health check found with ID: " + id);
        }
        return id;
    }

    @Override
    public ChangeTagsForResourceResponse changeTagsForResource(ChangeTagsForResourceRequest in, Call call) {
        String id = tagged(in.resourceType(), in.resourceId());
        return store.transact(tx -> {
            ZoneRow zone = Zones.require(tx, scope(call), id);
            Map<String, String> tags = new LinkedHashMap<>(zone.tags());
            in.removeTagKeys().forEach(tags::remove);
            in.addTags()
                    .forEach(tag -> tags.put(
                            Objects.requireNonNullElse(tag.key(), ""), Objects.requireNonNullElse(tag.value(), "")));
            if (tags.size() > MOST_TAGS) {
                throw Route53Faults.invalid("A resource can have at most " + MOST_TAGS + " tags.");
            }
            tx.put(Route53Tables.ZONES, scope(call).key(zone.id()), zone.tags(tags));
            return new ChangeTagsForResourceResponse();
        });
    }

    private ResourceTagSet tags(ReadTx tx, Call call, String type, String id) {
        ZoneRow zone = Zones.require(tx, scope(call), tagged(type, id));
        List<Tag> tags = new ArrayList<>();
        zone.tags().forEach((key, value) -> tags.add(new Tag().key(key).value(value)));
        return new ResourceTagSet().resourceType(type).resourceId(zone.id()).tags(tags);
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        return store.read(tx ->
                new ListTagsForResourceResponse().resourceTagSet(tags(tx, call, in.resourceType(), in.resourceId())));
    }

    @Override
    public ListTagsForResourcesResponse listTagsForResources(ListTagsForResourcesRequest in, Call call) {
        return store.read(tx -> new ListTagsForResourcesResponse()
                .resourceTagSets(in.resourceIds().stream()
                        .map(id -> tags(tx, call, in.resourceType(), id))
                        .toList()));
    }
}
