package dev.haneul.services.servicediscovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.haneul.api.ec2.DescribeVpcsResult;
import dev.haneul.api.route53.CreateHostedZoneRequest;
import dev.haneul.api.route53.DeleteHostedZoneRequest;
import dev.haneul.api.route53.GetHostedZoneRequest;
import dev.haneul.api.route53.ListHostedZonesByNameRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.Principal;
import dev.haneul.api.runtime.Struct;
import dev.haneul.api.servicediscovery.*;
import dev.haneul.fabric.vpc.NameSource.Answer;
import dev.haneul.fabric.vpc.NameSource.Entry;
import dev.haneul.kernel.reconcile.ReconcileDriver;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.SqliteStore;
import dev.haneul.kernel.time.VirtualClock;
import dev.haneul.services.route53.Route53Service;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Cloud Map beside a Route 53 of its own. */
class ServiceDiscoveryTest {
    private final DataFolder folder = DataFolder.temporary();
    private final SqliteStore store = SqliteStore.open(folder);
    private final VirtualClock clock = new VirtualClock(Instant.parse("2026-01-02T03:00:00Z"));
    private final Route53Service dns = new Route53Service(store, clock, (operation, input, call) -> {
        if (((dev.haneul.api.ec2.DescribeVpcsRequest) input).vpcIds().contains("vpc-none")) {
            throw Fault.client("InvalidVpcID.NotFound", 400, "no such network");
        }
        return new DescribeVpcsResult();
    });
    private final ServiceDiscoveryService map =
            new ServiceDiscoveryService(store, clock, (Caller) this::route53, folder.key());
    private final ReconcileDriver driver = new ReconcileDriver(store.feed(), clock, new Random(7));
    private final Call call = new Call(
            Principal.root("111111111111", "111111111111"),
            "111111111111",
            "us-east-1",
            "r",
            Instant.MAX,
            Call.Origin.inside("test"));

    ServiceDiscoveryTest() {
        map.join(driver);
        driver.start();
    }

    @AfterEach
    void close() {
        driver.close();
        store.close();
        folder.close();
    }

    private Struct route53(OperationShape operation, Struct input, Call by) {
        return switch (operation.name()) {
            case "CreateHostedZone" -> dns.createHostedZone((CreateHostedZoneRequest) input, by);
            case "DeleteHostedZone" -> dns.deleteHostedZone((DeleteHostedZoneRequest) input, by);
            case "ListHostedZonesByName" -> dns.listHostedZonesByName((ListHostedZonesByNameRequest) input, by);
            default -> throw new AssertionError(operation.name());
        };
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private Operation ended(String operation) throws InterruptedException {
        assertThat(driver.awaitIdle(Duration.ofSeconds(30))).isTrue();
        return map.getOperation(new GetOperationRequest().operationId(operation), call)
                .operation();
    }

    private String namespace(String name, String vpc) throws InterruptedException {
        String operation = vpc == null
                ? map.createHttpNamespace(new CreateHttpNamespaceRequest().name(name), call)
                        .operationId()
                : map.createPrivateDnsNamespace(
                                new CreatePrivateDnsNamespaceRequest()
                                        .name(name)
                                        .vpc(vpc),
                                call)
                        .operationId();
        Operation done = ended(operation);
        assertThat(done.status()).isEqualTo("SUCCESS");
        return done.targets().get("NAMESPACE");
    }

    private String service(String namespace, String name, DnsConfig dns, boolean watched) {
        return map.createService(
                        new CreateServiceRequest()
                                .name(name)
                                .namespaceId(namespace)
                                .dnsConfig(dns)
                                .healthCheckCustomConfig(watched ? new HealthCheckCustomConfig() : null),
                        call)
                .service()
                .id();
    }

    private static DnsConfig records(String... types) {
        return new DnsConfig()
                .dnsRecords(List.of(types).stream()
                        .map(type -> new DnsRecord().type(type).ttl(15L))
                        .toList());
    }

    private void register(String service, String id, Map<String, String> attributes) throws InterruptedException {
        String operation = map.registerInstance(
                        new RegisterInstanceRequest()
                                .serviceId(service)
                                .instanceId(id)
                                .attributes(attributes),
                        call)
                .operationId();
        assertThat(ended(operation).status()).isEqualTo("SUCCESS");
    }

    private List<String> discovered(String health) {
        return map
                .discoverInstances(
                        new DiscoverInstancesRequest()
                                .namespaceName("corp")
                                .serviceName("web")
                                .healthStatus(health),
                        call)
                .instances()
                .stream()
                .map(HttpInstanceSummary::instanceId)
                .toList();
    }

    private List<String> answers(String vpc, String name) {
        return map.names().find(vpc, name).map(Answer::entries).orElse(List.of()).stream()
                .map(each -> each.type() + " " + each.data())
                .toList();
    }

    @Test
    void privateNamesAnswerInTheirNetworkWithWhoIsWell() throws Exception {
        String namespace = namespace("corp", "vpc-1");
        Namespace told =
                map.getNamespace(new GetNamespaceRequest().id(namespace), call).namespace();
        String zone = told.properties().dnsProperties().hostedZoneId();
        assertThat(dns.getHostedZone(new GetHostedZoneRequest().id(zone), call)
                        .hostedZone()
                        .linkedService()
                        .servicePrincipal())
                .isEqualTo("servicediscovery.amazonaws.com");

        String web = service(namespace, "web", records("A", "SRV"), true);
        refused("InvalidInput", () -> register(web, "a", Map.of("AWS_INSTANCE_IPV4", "10.0.0.1")));
        register(web, "a", Map.of("AWS_INSTANCE_IPV4", "10.0.0.1", "AWS_INSTANCE_PORT", "8080", "color", "blue"));
        register(web, "b", Map.of("AWS_INSTANCE_IPV4", "10.0.0.2", "AWS_INSTANCE_PORT", "8081"));
        assertThat(answers("vpc-1", "web.corp"))
                .containsExactlyInAnyOrder(
                        "A 10.0.0.1", "A 10.0.0.2", "SRV 1 1 8080 a.web.corp", "SRV 1 1 8081 b.web.corp");
        assertThat(answers("vpc-1", "b.web.corp")).containsExactly("A 10.0.0.2");
        assertThat(answers("vpc-2", "web.corp")).isEmpty();
        assertThat(map.names().find("vpc-1", "none.corp").orElseThrow().exists())
                .isFalse();

        long before = map.discoverInstancesRevision(
                        new DiscoverInstancesRevisionRequest()
                                .namespaceName("corp")
                                .serviceName("web"),
                        call)
                .instancesRevision();
        map.updateInstanceCustomHealthStatus(
                new UpdateInstanceCustomHealthStatusRequest()
                        .serviceId(web)
                        .instanceId("b")
                        .status("UNHEALTHY"),
                call);
        assertThat(answers("vpc-1", "web.corp")).containsExactlyInAnyOrder("A 10.0.0.1", "SRV 1 1 8080 a.web.corp");
        assertThat(discovered("HEALTHY")).containsExactly("a");
        assertThat(discovered("ALL")).containsExactly("a", "b");
        assertThat(discovered("UNHEALTHY")).containsExactly("b");
        assertThat(map.discoverInstancesRevision(
                                new DiscoverInstancesRevisionRequest()
                                        .namespaceName("corp")
                                        .serviceName("web"),
                                call)
                        .instancesRevision())
                .isGreaterThan(before);
        map.deregisterInstance(new DeregisterInstanceRequest().serviceId(web).instanceId("a"), call);
        assertThat(discovered(null)).as("none is well: all").containsExactly("b");
        assertThat(answers("vpc-1", "web.corp")).contains("A 10.0.0.2");

        refused("ResourceInUse", () -> map.deleteService(new DeleteServiceRequest().id(web), call));
        map.deregisterInstance(new DeregisterInstanceRequest().serviceId(web).instanceId("b"), call);
        refused("ResourceInUse", () -> map.deleteNamespace(new DeleteNamespaceRequest().id(namespace), call));
        map.deleteService(new DeleteServiceRequest().id(web), call);
        String gone = map.deleteNamespace(new DeleteNamespaceRequest().id(namespace), call)
                .operationId();
        assertThat(ended(gone).status()).isEqualTo("SUCCESS");
        refused("NoSuchHostedZone", () -> dns.getHostedZone(new GetHostedZoneRequest().id(zone), call));
        refused("NamespaceNotFound", () -> map.getNamespace(new GetNamespaceRequest().id(namespace), call));
    }

    @Test
    void aNamespaceThatCannotBeMadeFailsItsOperation() throws Exception {
        Operation failed = ended(map.createPrivateDnsNamespace(
                        new CreatePrivateDnsNamespaceRequest().name("corp").vpc("vpc-none"), call)
                .operationId());
        assertThat(failed.status()).isEqualTo("FAIL");
        assertThat(failed.errorCode()).isEqualTo("CANNOT_CREATE_HOSTED_ZONE");
        assertThat(failed.errorMessage()).contains("Error Code: InvalidVPCId");
        assertThat(map.listNamespaces(new ListNamespacesRequest(), call).namespaces())
                .isEmpty();
    }

    @Test
    void httpNamespacesAreForTheApiOnly() throws Exception {
        String namespace = namespace("corp", null);
        refused(
                "NamespaceAlreadyExists",
                () -> map.createHttpNamespace(new CreateHttpNamespaceRequest().name("corp"), call));
        refused("InvalidInput", () -> service(namespace, "web", records("A"), false));
        String web = service(namespace, "web", null, false);
        refused("ServiceAlreadyExists", () -> service(namespace, "web", null, false));
        register(web, "x", Map.of("url", "https://example.com", "stage", "beta"));
        register(web, "y", Map.of("stage", "prod"));
        refused(
                "CustomHealthNotFound",
                () -> map.updateInstanceCustomHealthStatus(
                        new UpdateInstanceCustomHealthStatusRequest()
                                .serviceId(web)
                                .instanceId("x")
                                .status("HEALTHY"),
                        call));
        assertThat(map.discoverInstances(
                                new DiscoverInstancesRequest()
                                        .namespaceName("corp")
                                        .serviceName("web")
                                        .queryParameters(Map.of("stage", "beta")),
                                call)
                        .instances())
                .singleElement()
                .satisfies(each -> {
                    assertThat(each.instanceId()).isEqualTo("x");
                    assertThat(each.healthStatus()).isEqualTo("UNKNOWN");
                });
        ListInstancesResponse page =
                map.listInstances(new ListInstancesRequest().serviceId(web).maxResults(1), call);
        assertThat(page.instances()).extracting(InstanceSummary::id).containsExactly("x");
        assertThat(map.listInstances(new ListInstancesRequest().serviceId(web).nextToken(page.nextToken()), call)
                        .instances())
                .extracting(InstanceSummary::id)
                .containsExactly("y");
        assertThat(map.getService(new GetServiceRequest().id(web), call)
                        .service()
                        .instanceCount())
                .isEqualTo(2);
    }

    @Test
    void aliasesLeadToLoadBalancers() throws Exception {
        String namespace = namespace("corp", "vpc-1");
        String web = service(namespace, "web", records("A").routingPolicy("WEIGHTED"), false);
        register(web, "lb", Map.of("AWS_ALIAS_DNS_NAME", "lb-1.us-east-1.elb.amazonaws.com"));
        assertThat(map.names().find("vpc-1", "web.corp").orElseThrow().entries())
                .containsExactly(new Entry(Entry.ALIAS, 15, "lb-1.us-east-1.elb.amazonaws.com"));
    }

    @Test
    void tagsAndOperationsAreListed() throws Exception {
        String namespace = namespace("corp", null);
        String arn = map.getNamespace(new GetNamespaceRequest().id(namespace), call)
                .namespace()
                .arn();
        map.tagResource(
                new TagResourceRequest()
                        .resourceARN(arn)
                        .tags(List.of(new Tag().key("team").value("one"))),
                call);
        assertThat(map.listTagsForResource(new ListTagsForResourceRequest().resourceARN(arn), call)
                        .tags())
                .extracting(Tag::value)
                .containsExactly("one");
        map.untagResource(new UntagResourceRequest().resourceARN(arn).tagKeys(List.of("team")), call);
        assertThat(map.listTagsForResource(new ListTagsForResourceRequest().resourceARN(arn), call)
                        .tags())
                .isEmpty();
        OperationFilter of = new OperationFilter().name("NAMESPACE_ID").values(List.of(namespace));
        assertThat(map.listOperations(new ListOperationsRequest().filters(List.of(of)), call)
                        .operations())
                .singleElement()
                .satisfies(each -> assertThat(each.status()).isEqualTo("SUCCESS"));
        refused(
                "ResourceNotFoundException",
                () -> map.tagResource(
                        new TagResourceRequest().resourceARN(arn + "x").tags(List.of()), call));
    }
}
