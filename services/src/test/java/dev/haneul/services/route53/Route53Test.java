package dev.haneul.services.route53;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.DescribeVpcsResult;
import dev.haneul.api.route53.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Principal;
import dev.haneul.fabric.vpc.NameSource.Answer;
import dev.haneul.fabric.vpc.NameSource.Entry;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class Route53Test {
    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final Route53Service dns = new Route53Service(
            store, new VirtualClock(Instant.parse("2026-01-02T03:00:00Z")), (operation, input, call) -> {
                String asked = ((dev.haneul.api.ec2.DescribeVpcsRequest) input)
                        .vpcIds()
                        .getFirst();
                if (asked.equals("vpc-none")) {
                    throw Fault.client("InvalidVpcID.NotFound", 400, "no such network");
                }
                return new DescribeVpcsResult();
            });
    private final Call call = call(Principal.root("111111111111", "111111111111"));

    private static Call call(Principal principal) {
        return new Call(principal, "111111111111", "us-east-1", "r", Instant.MAX, Call.Origin.inside("test"));
    }

    @AfterEach
    void close() {
        store.close();
        folder.close();
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private String zone(String name, String vpc) {
        CreateHostedZoneRequest in = new CreateHostedZoneRequest()
                .name(name)
                .callerReference(name + vpc)
                .vpc(vpc == null ? null : new VPC().vpcId(vpc).vpcRegion("us-east-1"));
        return Zones.bare(dns.createHostedZone(in, call).hostedZone().id());
    }

    private static ResourceRecordSet set(String name, String type, String... values) {
        return new ResourceRecordSet()
                .name(name)
                .type(type)
                .ttl(60L)
                .resourceRecords(Stream.of(values)
                        .map(value -> new ResourceRecord().value(value))
                        .toList());
    }

    private static ResourceRecordSet alias(String name, String type, String target) {
        return new ResourceRecordSet()
                .name(name)
                .type(type)
                .aliasTarget(new AliasTarget()
                        .hostedZoneId("Z35SXDOTRQ7X7K")
                        .dnsName(target)
                        .evaluateTargetHealth(false));
    }

    private ChangeInfo change(String zone, Object... changes) {
        List<Change> all = new ArrayList<>();
        for (int i = 0; i < changes.length; i += 2) {
            all.add(new Change().action((String) changes[i]).resourceRecordSet((ResourceRecordSet) changes[i + 1]));
        }
        return dns.changeResourceRecordSets(
                        new ChangeResourceRecordSetsRequest()
                                .hostedZoneId(zone)
                                .changeBatch(new ChangeBatch().changes(all)),
                        call)
                .changeInfo();
    }

    private List<String> listed(String zone) {
        return dns
                .listResourceRecordSets(new ListResourceRecordSetsRequest().hostedZoneId(zone), call)
                .resourceRecordSets()
                .stream()
                .map(each -> each.name() + " " + each.type())
                .toList();
    }

    private List<String> answers(String vpc, String name) {
        return dns.names().find(vpc, name).map(Answer::entries).orElse(List.of()).stream()
                .map(Entry::data)
                .toList();
    }

    @Test
    void aBatchIsKeptAsAWholeOrRefusedWithEveryReason() {
        String zone = zone("Example.com", null);
        assertThat(listed(zone)).containsExactly("example.com. NS", "example.com. SOA");
        ChangeInfo made = change(
                zone,
                "CREATE",
                set("www.example.com", "A", "192.0.2.1", "192.0.2.2"),
                "CREATE",
                set("*.example.com", "TXT", "\"any\""));
        assertThat(made.status()).isEqualTo("PENDING");
        assertThat(dns.getChange(new GetChangeRequest().id(made.id()), call)
                        .changeInfo()
                        .status())
                .isEqualTo("INSYNC");

        assertThatThrownBy(() -> change(
                        zone,
                        "CREATE",
                        set("www.example.com", "A", "192.0.2.3"),
                        "CREATE",
                        set("new.example.com", "A", "192.0.2.3"),
                        "DELETE",
                        set("gone.example.com", "A", "192.0.2.3"),
                        "DELETE",
                        set("www.example.com.", "A", "192.0.2.9"),
                        "CREATE",
                        set("www.example.org", "A", "192.0.2.3"),
                        "CREATE",
                        set("bad.example.com", "A", "nowhere"),
                        "CREATE",
                        set("example.com", "CNAME", "example.org"),
                        "CREATE",
                        set("www.example.com", "CNAME", "example.org")))
                .hasMessageStartingWith(
                        "[Tried to create resource record set [name='www.example.com.', type='A'] but it"
                                + " already exists, Tried to delete resource record set [name='gone.example.com.', type='A'] but"
                                + " it was not found, ")
                .hasMessageContaining("but the values provided do not match the current values")
                .hasMessageContaining("RRSet with DNS name www.example.org. is not permitted in zone example.com.")
                .hasMessageContaining(
                        "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with" + " 'nowhere'")
                .hasMessageContaining("is not permitted at apex in zone example.com.")
                .hasMessageContaining("conflicts with other records with the same DNS name");
        assertThat(listed(zone))
                .as("nothing of it was kept; in order of the labels from the right")
                .containsExactly("example.com. NS", "example.com. SOA", "\\052.example.com. TXT", "www.example.com. A");
        change(
                zone,
                "DELETE",
                set("www.example.com", "A", "192.0.2.2", "192.0.2.1"),
                "CREATE",
                set("www.example.com", "CNAME", "example.org"));
        refused("InvalidChangeBatch", () -> change(zone, "DELETE", set("example.com", "SOA", "x")));
        refused(
                "InvalidInput",
                () -> change(
                        zone,
                        "CREATE",
                        new ResourceRecordSet().name("a.example.com").type("A")));
        refused("HostedZoneNotEmpty", () -> dns.deleteHostedZone(new DeleteHostedZoneRequest().id(zone), call));
        change(
                zone,
                "DELETE",
                set("www.example.com", "CNAME", "example.org"),
                "DELETE",
                set("*.example.com", "TXT", "\"any\""));
        dns.deleteHostedZone(new DeleteHostedZoneRequest().id(zone), call);
        refused("NoSuchHostedZone", () -> listed(zone));
    }

    @Test
    void recordsAreListedPageByPage() {
        String zone = zone("example.com", null);
        change(
                zone,
                "CREATE",
                set("b.example.com", "A", "192.0.2.1"),
                "CREATE",
                set("a.b.example.com", "A", "192.0.2.1"),
                "CREATE",
                set("a.example.com", "TXT", "\"t\""),
                "CREATE",
                set("a.example.com", "A", "192.0.2.1"));
        List<String> found = new ArrayList<>();
        ListResourceRecordSetsRequest in =
                new ListResourceRecordSetsRequest().hostedZoneId(zone).maxItems("2");
        ListResourceRecordSetsResponse page;
        do {
            page = dns.listResourceRecordSets(in, call);
            page.resourceRecordSets().forEach(each -> found.add(each.name() + " " + each.type()));
            in.startRecordName(page.nextRecordName()).startRecordType(page.nextRecordType());
        } while (page.isTruncated());
        assertThat(found)
                .containsExactly(
                        "example.com. NS",
                        "example.com. SOA",
                        "a.example.com. A",
                        "a.example.com. TXT",
                        "b.example.com. A",
                        "a.b.example.com. A");
    }

    @Test
    void privateZonesAnswerInTheirNetworksAndPublicOnesEverywhere() {
        String open = zone("example.com", null);
        String closed = zone("example.com", "vpc-1");
        change(open, "CREATE", set("www.example.com", "A", "192.0.2.1"));
        change(
                closed,
                "CREATE",
                set("www.example.com", "A", "10.0.0.1"),
                "CREATE",
                set("*.wild.example.com", "A", "10.0.0.2"),
                "CREATE",
                set("deep.below.wild.example.com", "A", "10.0.0.3"),
                "CREATE",
                alias("lb.example.com", "A", "my-lb.us-east-1.elb.amazonaws.com"),
                "CREATE",
                alias("same.example.com", "A", "www.example.com"));

        assertThat(answers(null, "www.example.com")).containsExactly("192.0.2.1");
        assertThat(answers("vpc-2", "www.example.com")).containsExactly("192.0.2.1");
        assertThat(answers("vpc-1", "WWW.example.com")).containsExactly("10.0.0.1");
        assertThat(answers("vpc-1", "same.example.com")).containsExactly("10.0.0.1");
        assertThat(answers("vpc-1", "a.b.wild.example.com")).containsExactly("10.0.0.2");
        assertThat(dns.names()
                        .find("vpc-1", "x.below.wild.example.com")
                        .orElseThrow()
                        .exists())
                .as("hidden by a name in between")
                .isFalse();
        assertThat(dns.names()
                        .find("vpc-1", "below.wild.example.com")
                        .orElseThrow()
                        .exists())
                .as("a name with nothing but names below")
                .isTrue();
        assertThat(dns.names().find("vpc-1", "lb.example.com").orElseThrow().entries())
                .extracting(Entry::type)
                .containsExactly(Entry.ALIAS);
        assertThat(dns.names().find("vpc-1", "none.example.com").orElseThrow().exists())
                .as("the private zone decides")
                .isFalse();
        assertThat(dns.names().find("vpc-1", "example.org")).isEqualTo(Optional.empty());
        assertThat(dns.testDNSAnswer(
                                new TestDNSAnswerRequest()
                                        .hostedZoneId(open)
                                        .recordName("www.example.com")
                                        .recordType("A"),
                                call)
                        .recordData())
                .containsExactly("192.0.2.1");
    }

    @Test
    void routingPicks() {
        String zone = zone("example.com", null);
        change(
                zone,
                "CREATE",
                set("w.example.com", "A", "192.0.2.1").setIdentifier("a").weight(0L),
                "CREATE",
                set("w.example.com", "A", "192.0.2.2").setIdentifier("b").weight(10L),
                "CREATE",
                set("f.example.com", "A", "192.0.2.3").setIdentifier("a").failover("SECONDARY"),
                "CREATE",
                set("f.example.com", "A", "192.0.2.4").setIdentifier("b").failover("PRIMARY"));
        assertThat(answers(null, "w.example.com")).containsExactly("192.0.2.2");
        assertThat(answers(null, "f.example.com")).containsExactly("192.0.2.4");
        refused(
                "InvalidInput",
                () -> change(
                        zone, "CREATE", set("w.example.com", "A", "192.0.2.1").weight(1L)));
        refused("InvalidChangeBatch", () -> change(zone, "CREATE", set("w.example.com", "A", "192.0.2.9")));
        for (int i = 0; i < 12; i++) {
            change(
                    zone,
                    "CREATE",
                    set("m.example.com", "A", "192.0.2." + i)
                            .setIdentifier("m" + i)
                            .multiValueAnswer(true));
        }
        assertThat(answers(null, "m.example.com")).hasSize(8).doesNotHaveDuplicates();
    }

    @Test
    void zonesAndTheirNetworks() {
        refused("InvalidVPCId", () -> zone("corp", "vpc-none"));
        String zone = zone("corp", "vpc-1");
        refused("HostedZoneAlreadyExists", () -> zone("corp", "vpc-1"));
        refused(
                "ConflictingDomainExists",
                () -> dns.createHostedZone(
                        new CreateHostedZoneRequest()
                                .name("corp")
                                .callerReference("again")
                                .vpc(new VPC().vpcId("vpc-1").vpcRegion("us-east-1")),
                        call));
        VPC second = new VPC().vpcId("vpc-2").vpcRegion("us-east-1");
        dns.associateVPCWithHostedZone(
                new AssociateVPCWithHostedZoneRequest().hostedZoneId(zone).vpc(second), call);
        change(zone, "CREATE", set("db.corp", "A", "10.0.0.1"));
        assertThat(answers("vpc-2", "db.corp")).containsExactly("10.0.0.1");
        assertThat(dns.listHostedZonesByVPC(
                                new ListHostedZonesByVPCRequest().vpcId("vpc-2").vpcRegion("us-east-1"), call)
                        .hostedZoneSummaries())
                .extracting(HostedZoneSummary::hostedZoneId)
                .containsExactly(zone);
        dns.disassociateVPCFromHostedZone(
                new DisassociateVPCFromHostedZoneRequest().hostedZoneId(zone).vpc(second), call);
        assertThat(answers("vpc-2", "db.corp")).isEmpty();
        refused(
                "LastVPCAssociation",
                () -> dns.disassociateVPCFromHostedZone(
                        new DisassociateVPCFromHostedZoneRequest()
                                .hostedZoneId(zone)
                                .vpc(new VPC().vpcId("vpc-1")),
                        call));
        zone("b.example.com", null);
        zone("example.com", null);
        assertThat(dns.listHostedZonesByName(new ListHostedZonesByNameRequest(), call)
                        .hostedZones())
                .extracting(HostedZone::name)
                .containsExactly("example.com.", "b.example.com.", "corp.");
    }

    @Test
    void aZoneOfAServicesIsLeftToIt() {
        Call cloudMap = call(Principal.service("servicediscovery.amazonaws.com"));
        HostedZone zone = dns.createHostedZone(
                        new CreateHostedZoneRequest()
                                .name("svc")
                                .callerReference("s")
                                .vpc(new VPC().vpcId("vpc-1").vpcRegion("us-east-1")),
                        cloudMap)
                .hostedZone();
        assertThat(zone.linkedService().servicePrincipal()).isEqualTo("servicediscovery.amazonaws.com");
        refused("AccessDenied", () -> dns.deleteHostedZone(new DeleteHostedZoneRequest().id(zone.id()), call));
        dns.deleteHostedZone(new DeleteHostedZoneRequest().id(zone.id()), cloudMap);
    }
}
