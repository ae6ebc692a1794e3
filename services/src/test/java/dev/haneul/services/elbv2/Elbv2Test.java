package dev.haneul.services.elbv2;

import static dev.haneul.services.elbv2.ElbRig.await;
import static dev.haneul.services.elbv2.ElbRig.call;
import static dev.haneul.services.elbv2.ElbRig.forward;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Load balancers through their API, with traffic. */
class Elbv2Test {
    private final ElbRig rig = new ElbRig();
    private final List<HttpServer> servers = new ArrayList<>();

    @AfterEach
    void close() {
        servers.forEach(each -> each.stop(0));
        rig.close();
    }

    /** A target at an address, that says its name. */
    private void target(String address, String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
        server.createContext("/", exchange -> {
            byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
        server.setExecutor(java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor());
        server.start();
        servers.add(server);
        rig.targets.put(address, server.getAddress().getPort());
    }

    private HttpResponse<String> get(int listener, String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + rig.port(listener) + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void refused(String code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo(code));
    }

    private String state(String balancer) {
        return rig.elb
                .describeLoadBalancers(new DescribeLoadBalancersInput().loadBalancerArns(List.of(balancer)), call())
                .loadBalancers()
                .getFirst()
                .state()
                .code();
    }

    private String health(String group) {
        List<TargetHealthDescription> all = rig.health(group);
        return all.isEmpty() ? "" : all.getFirst().targetHealth().state();
    }

    @Test
    void trafficIsTakenUpBeforeTheDriverRuns() throws IOException {
        target("10.0.0.77", "seventy-seven");
        String group = rig.group("web");
        rig.register(group, "10.0.0.77");
        String balancer = rig.balancer("front");
        rig.listener(balancer, 80, group);
        await(() -> state(balancer).equals("active"));
        await(() -> health(group).equals("healthy"));
        rig.resume();
        assertThat(get(80, "/").body()).isEqualTo("seventy-seven");
        assertThat(health(group)).isEqualTo("healthy");
    }

    @Test
    void aBalancerComesCarriesTrafficAndGoes() throws IOException {
        target("10.0.0.77", "seventy-seven");
        String group = rig.group("web");
        rig.register(group, "10.0.0.77");
        assertThat(rig.health(group).getFirst().targetHealth().reason()).isEqualTo("Target.NotInUse");
        String balancer = rig.balancer("front");
        String listener = rig.listener(balancer, 80, group);
        await(() -> state(balancer).equals("active"));
        await(() -> health(group).equals("healthy"));
        assertThat(rig.interfaces).hasSize(2);
        assertThat(rig.interfaces.values()).allMatch(each -> each.startsWith("ELB app/front/"));
        assertThat(get(80, "/").body()).isEqualTo("seventy-seven");

        rig.elb.createRule(
                new CreateRuleInput()
                        .listenerArn(listener)
                        .priority(5)
                        .conditions(List.of(
                                new RuleCondition().field("path-pattern").values(List.of("/fixed/*"))))
                        .actions(List.of(new Action()
                                .type("fixed-response")
                                .fixedResponseConfig(new FixedResponseActionConfig()
                                        .statusCode("404")
                                        .contentType("text/plain")
                                        .messageBody("nothing here")))),
                call());
        await(() -> get(80, "/fixed/x").statusCode() == 404);

        // Health is known at once to the next server, and traffic goes on.
        rig.restart();
        await(() -> rig.listens(80));
        assertThat(get(80, "/").statusCode()).isEqualTo(200);
        assertThat(health(group)).isEqualTo("healthy");

        refused(
                "ResourceInUse",
                () -> rig.elb.deleteTargetGroup(new DeleteTargetGroupInput().targetGroupArn(group), call()));
        rig.elb.deleteLoadBalancer(new DeleteLoadBalancerInput().loadBalancerArn(balancer), call());
        await(rig.interfaces::isEmpty);
        refused("LoadBalancerNotFound", () -> state(balancer));
        rig.elb.deleteTargetGroup(new DeleteTargetGroupInput().targetGroupArn(group), call());
    }

    @Test
    void targetsDrainAndAreForgotten() throws IOException {
        target("10.0.0.1", "one");
        target("10.0.0.2", "two");
        String group = rig.group("web");
        rig.register(group, "10.0.0.1");
        rig.register(group, "10.0.0.2");
        rig.elb.modifyTargetGroupAttributes(
                new ModifyTargetGroupAttributesInput()
                        .targetGroupArn(group)
                        .attributes(List.of(new TargetGroupAttribute()
                                .key("deregistration_delay.timeout_seconds")
                                .value("1"))),
                call());
        String balancer = rig.balancer("front");
        rig.listener(balancer, 80, group);
        await(() -> rig.health(group).stream()
                .allMatch(each -> each.targetHealth().state().equals("healthy")));
        rig.elb.deregisterTargets(
                new DeregisterTargetsInput()
                        .targetGroupArn(group)
                        .targets(List.of(new TargetDescription().id("10.0.0.1"))),
                call());
        assertThat(rig.health(group))
                .anyMatch(each -> each.targetHealth().state().equals("draining")
                        && each.targetHealth().reason().equals("Target.DeregistrationInProgress"));
        await(() -> rig.health(group).size() == 1);
        for (int i = 0; i < 4; i++) {
            assertThat(get(80, "/").body()).isEqualTo("two");
        }
        // Nobody answers any more: the target falls, and as the last one is asked all the same.
        servers.get(1).stop(0);
        rig.targets.remove("10.0.0.2");
        await(() -> health(group).equals("unhealthy"));
        assertThat(get(80, "/").statusCode()).isEqualTo(502);
    }

    @Test
    void instancesAreFoundThroughEc2() throws IOException {
        target("10.0.9.5", "instance five");
        rig.instances.put("i-5", "running");
        String group = rig.elb
                .createTargetGroup(
                        new CreateTargetGroupInput()
                                .name("vms")
                                .protocol("HTTP")
                                .port(80)
                                .vpcId("vpc-1"),
                        call())
                .targetGroups()
                .getFirst()
                .targetGroupArn();
        refused(
                "InvalidTarget",
                () -> rig.elb.registerTargets(
                        new RegisterTargetsInput()
                                .targetGroupArn(group)
                                .targets(List.of(new TargetDescription().id("i-6"))),
                        call()));
        rig.elb.registerTargets(
                new RegisterTargetsInput().targetGroupArn(group).targets(List.of(new TargetDescription().id("i-5"))),
                call());
        rig.listener(rig.balancer("front"), 80, group);
        await(() -> health(group).equals("healthy"));
        assertThat(get(80, "/").body()).isEqualTo("instance five");
        rig.instances.put("i-5", "stopped");
        assertThat(rig.health(group).getFirst().targetHealth().reason()).isEqualTo("Target.InvalidState");
        await(() -> get(80, "/").statusCode() == 503);
    }

    @Test
    void whatCannotBeIsRefusedInAwsWords() {
        String group = rig.group("web");
        String balancer = rig.balancer("front");
        String listener = rig.listener(balancer, 80, group);
        refused("DuplicateListener", () -> rig.listener(balancer, 80, group));
        String other = rig.balancer("other");
        refused("TargetGroupAssociationLimit", () -> rig.listener(other, 80, group));
        refused(
                "DuplicateLoadBalancerName",
                () -> rig.elb.createLoadBalancer(
                        new CreateLoadBalancerInput()
                                .name("front")
                                .scheme("internal")
                                .subnets(List.of("subnet-a", "subnet-b")),
                        call()));
        assertThat(rig.balancer("front")).isEqualTo(balancer);
        refused(
                "ValidationError",
                () -> rig.elb.createLoadBalancer(
                        new CreateLoadBalancerInput().name("-bad").subnets(List.of("subnet-a", "subnet-b")), call()));
        refused(
                "ValidationError",
                () -> rig.elb.createLoadBalancer(
                        new CreateLoadBalancerInput().name("single").subnets(List.of("subnet-a")), call()));
        refused(
                "SubnetNotFound",
                () -> rig.elb.createLoadBalancer(
                        new CreateLoadBalancerInput().name("lost").subnets(List.of("subnet-a", "nowhere")), call()));
        refused(
                "CertificateNotFound",
                () -> rig.elb.createListener(
                        new CreateListenerInput()
                                .loadBalancerArn(balancer)
                                .protocol("HTTPS")
                                .port(443)
                                .defaultActions(List.of(forward(group))),
                        call()));
        CreateRuleInput rule = new CreateRuleInput()
                .listenerArn(listener)
                .priority(1)
                .conditions(List.of(new RuleCondition().field("path-pattern").values(List.of("/x"))))
                .actions(List.of(forward(group)));
        rig.elb.createRule(rule, call());
        refused("PriorityInUse", () -> rig.elb.createRule(rule, call()));
        refused(
                "InvalidConfigurationRequest",
                () -> rig.elb.modifyLoadBalancerAttributes(
                        new ModifyLoadBalancerAttributesInput()
                                .loadBalancerArn(balancer)
                                .attributes(List.of(new LoadBalancerAttribute()
                                        .key("idle_timeout.timeout_seconds")
                                        .value("0"))),
                        call()));
        rig.elb.modifyLoadBalancerAttributes(
                new ModifyLoadBalancerAttributesInput()
                        .loadBalancerArn(balancer)
                        .attributes(List.of(new LoadBalancerAttribute()
                                .key("deletion_protection.enabled")
                                .value("true"))),
                call());
        refused(
                "OperationNotPermitted",
                () -> rig.elb.deleteLoadBalancer(new DeleteLoadBalancerInput().loadBalancerArn(balancer), call()));
        assertThat(rig.elb
                        .describeRules(new DescribeRulesInput().listenerArn(listener), call())
                        .rules())
                .extracting(Rule::priority)
                .containsExactly("1", "default");
    }

    @Test
    void aLoginAtCognitoIsRefusedByName() {
        String group = rig.group("web");
        String balancer = rig.balancer("front");
        String listener = rig.listener(balancer, 80, group);
        Action login = new Action()
                .type("authenticate-cognito")
                .order(1)
                .authenticateCognitoConfig(new AuthenticateCognitoActionConfig()
                        .userPoolArn("arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_x")
                        .userPoolClientId("client")
                        .userPoolDomain("domain"));
        assertThatThrownBy(() -> rig.elb.createRule(
                        new CreateRuleInput()
                                .listenerArn(listener)
                                .priority(1)
                                .conditions(List.of(new RuleCondition()
                                        .field("path-pattern")
                                        .values(List.of("/x"))))
                                .actions(List.of(login, forward(group).order(2))),
                        call()))
                .isInstanceOfSatisfying(
                        Fault.class, fault -> assertThat(fault.code()).isEqualTo("InvalidLoadBalancerAction"))
                .hasMessageContaining("'authenticate-cognito' are not implemented by Haneul");
    }

    @Test
    void aBalancerIsATargetWhereItListensAlone() {
        String web = rig.group("web");
        String balancer = rig.balancer("front");
        CreateTargetGroupInput wanted = new CreateTargetGroupInput()
                .name("inner")
                .protocol("TCP")
                .port(80)
                .vpcId("vpc-1")
                .targetType("alb");
        refused(
                "ValidationError",
                () -> rig.elb.createTargetGroup(wanted.name("tls").protocol("TLS"), call()));
        refused(
                "InvalidConfigurationRequest",
                () -> rig.elb.createTargetGroup(
                        wanted.name("check").protocol("TCP").healthCheckProtocol("TCP"), call()));
        String group = rig.elb
                .createTargetGroup(wanted.name("inner").healthCheckProtocol("HTTP"), call())
                .targetGroups()
                .getFirst()
                .targetGroupArn();
        RegisterTargetsInput targets =
                new RegisterTargetsInput().targetGroupArn(group).targets(List.of(new TargetDescription().id(balancer)));
        refused("InvalidTarget", () -> rig.elb.registerTargets(targets, call()));
        rig.listener(balancer, 80, web);
        rig.elb.registerTargets(targets, call());
        String other = rig.balancer("other");
        rig.listener(other, 80, rig.group("more"));
        refused(
                "TooManyTargets",
                () -> rig.elb.registerTargets(targets.targets(List.of(new TargetDescription().id(other))), call()));
        refused(
                "ResourceInUse",
                () -> rig.elb.deleteLoadBalancer(new DeleteLoadBalancerInput().loadBalancerArn(balancer), call()));
    }
}
