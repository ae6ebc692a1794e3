package dev.haneul.services.elbv2;

import dev.haneul.api.elb.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.Classic.Both;
import dev.haneul.services.elbv2.ClassicTables.ClassicRow;
import dev.haneul.services.elbv2.ClassicTables.PolicyRow;
import dev.haneul.services.elbv2.ClassicTables.PortRow;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Elastic Load Balancing, the version of 2012: Classic Load Balancers, over the same data plane as the later ones.
 *
 * <p>Departures: the balancer's own cookie is named AWSALB, not AWSELB; instances that are deregistered are cut off at once,
 * also where connections should drain; backend servers' public keys are kept, and not looked at.
 */
public final class ClassicService implements ElbApi {
    private static final int MOST_POLICIES = 100;
    private static final int PAGE = 400;

    private final Store store;
    private final Classic classic;
    private final Neighbours neighbours;
    private final Works works;
    private final Pager pager;

    ClassicService(Store store, Classic classic, Neighbours neighbours, Works works, Pager pager) {
        this.store = store;
        this.classic = classic;
        this.neighbours = neighbours;
        this.works = works;
        this.pager = pager;
    }

    private Both both(Call call, String name) {
        Scope scope = Rows.scope(call);
        return store.read(tx -> Classic.require(tx, scope, name));
    }

    @Override
    public CreateAccessPointOutput createLoadBalancer(CreateAccessPointInput in, Call call) {
        return classic.create(in, call);
    }

    @Override
    public DeleteAccessPointOutput deleteLoadBalancer(DeleteAccessPointInput in, Call call) {
        classic.delete(in.loadBalancerName(), call);
        return new DeleteAccessPointOutput();
    }

    @Override
    public DescribeAccessPointsOutput describeLoadBalancers(DescribeAccessPointsInput in, Call call) {
        Scope scope = Rows.scope(call);
        if (!in.loadBalancerNames().isEmpty()) {
            return new DescribeAccessPointsOutput()
                    .loadBalancerDescriptions(in.loadBalancerNames().stream()
                            .map(each -> ClassicDetails.told(scope, both(call, each)))
                            .toList());
        }
        List<Both> all = store.read(tx -> Classic.all(tx, scope));
        Page<Both> page = pager.list(
                all,
                each -> each.balancer().id(),
                "classic DescribeLoadBalancers " + scope,
                in.marker(),
                in.pageSize() == null ? PAGE : in.pageSize());
        return new DescribeAccessPointsOutput()
                .loadBalancerDescriptions(page.items().stream()
                        .map(each -> ClassicDetails.told(scope, each))
                        .toList())
                .nextMarker(page.next());
    }

    @Override
    public CreateLoadBalancerListenerOutput createLoadBalancerListeners(CreateLoadBalancerListenerInput in, Call call) {
        List<PortRow> added = classic.ports(Rows.scope(call), in.listeners());
        classic.change(call, in.loadBalancerName(), row -> row.listening(Classic.merged(row.ports(), added)));
        return new CreateLoadBalancerListenerOutput();
    }

    @Override
    public DeleteLoadBalancerListenerOutput deleteLoadBalancerListeners(DeleteLoadBalancerListenerInput in, Call call) {
        classic.change(
                call,
                in.loadBalancerName(),
                row -> row.listening(row.ports().stream()
                        .filter(each -> !in.loadBalancerPorts().contains(each.port()))
                        .toList()));
        return new DeleteLoadBalancerListenerOutput();
    }

    private static PortRow port(ClassicRow row, int port) {
        return row.ports().stream()
                .filter(each -> each.port() == port)
                .findFirst()
                .orElseThrow(() -> Fault.of(
                        new ListenerNotFoundException(),
                        "Listener with port '" + port + "' for LB '" + row.name() + "' does not exist"));
    }

    private static ClassicRow with(ClassicRow row, PortRow changed) {
        return row.listening(row.ports().stream()
                .map(each -> each.port() == changed.port() ? changed : each)
                .toList());
    }

    @Override
    public SetLoadBalancerListenerSSLCertificateOutput setLoadBalancerListenerSSLCertificate(
            SetLoadBalancerListenerSSLCertificateInput in, Call call) {
        classic.certificate(Rows.scope(call), in.sslCertificateId());
        classic.change(call, in.loadBalancerName(), row -> {
            PortRow port = port(row, in.loadBalancerPort());
            if (!ClassicTable.encrypted(port.protocol())) {
                throw Classic.invalid("The listener at port " + port.port() + " has no certificate");
            }
            return with(row, port.certified(in.sslCertificateId()));
        });
        return new SetLoadBalancerListenerSSLCertificateOutput();
    }

    @Override
    public ConfigureHealthCheckOutput configureHealthCheck(ConfigureHealthCheckInput in, Call call) {
        ClassicTables.HealthRow check = Classic.check(in.healthCheck());
        classic.change(call, in.loadBalancerName(), row -> row.checked(check));
        return new ConfigureHealthCheckOutput().healthCheck(in.healthCheck());
    }

    @Override
    public RegisterEndPointsOutput registerInstancesWithLoadBalancer(RegisterEndPointsInput in, Call call) {
        return new RegisterEndPointsOutput()
                .instances(ClassicDetails.instances(classic.register(in.loadBalancerName(), in.instances(), call)));
    }

    @Override
    public DeregisterEndPointsOutput deregisterInstancesFromLoadBalancer(DeregisterEndPointsInput in, Call call) {
        List<String> gone = in.instances().stream()
                .map(each -> String.valueOf(each.instanceId()))
                .toList();
        ClassicRow after = classic.change(call, in.loadBalancerName(), row -> {
            for (String id : gone) {
                if (!row.instances().contains(id)) {
                    throw Fault.of(new InvalidEndPointException(), "Could not find EC2 instance " + id + ".");
                }
            }
            return row.serving(row.instances().stream()
                    .filter(each -> !gone.contains(each))
                    .toList());
        });
        return new DeregisterEndPointsOutput().instances(ClassicDetails.instances(after.instances()));
    }

    @Override
    public DescribeEndPointStateOutput describeInstanceHealth(DescribeEndPointStateInput in, Call call) {
        Both both = both(call, in.loadBalancerName());
        List<String> wanted = in.instances().isEmpty()
                ? both.classic().instances()
                : in.instances().stream()
                        .map(each -> String.valueOf(each.instanceId()))
                        .toList();
        for (String id : wanted) {
            if (!both.classic().instances().contains(id)) {
                throw Fault.of(new InvalidEndPointException(), "Could not find EC2 instance " + id + ".");
            }
        }
        Scope scope = Rows.scope(call);
        Map<String, Neighbours.Found> found = wanted.isEmpty() ? Map.of() : neighbours.instances(scope, wanted);
        String balancer = ElbTables.balancerArn(scope, both.balancer().id());
        return new DescribeEndPointStateOutput()
                .instanceStates(wanted.stream()
                        .map(id -> ClassicDetails.state(id, found.get(id), works.health(balancer, id)))
                        .toList());
    }

    @Override
    public DescribeLoadBalancerAttributesOutput describeLoadBalancerAttributes(
            DescribeLoadBalancerAttributesInput in, Call call) {
        return new DescribeLoadBalancerAttributesOutput()
                .loadBalancerAttributes(ClassicDetails.attributes(
                        both(call, in.loadBalancerName()).balancer()));
    }

    @Override
    public ModifyLoadBalancerAttributesOutput modifyLoadBalancerAttributes(
            ModifyLoadBalancerAttributesInput in, Call call) {
        Map<String, String> changes = ClassicDetails.changes(in.loadBalancerAttributes());
        BalancerRow after = classic.alter(call, in.loadBalancerName(), (tx, row) -> {
            Map<String, String> now = new LinkedHashMap<>(row.attributes());
            now.putAll(changes);
            return row.attributes(now);
        });
        return new ModifyLoadBalancerAttributesOutput()
                .loadBalancerName(in.loadBalancerName())
                .loadBalancerAttributes(ClassicDetails.attributes(after));
    }

    @Override
    public AddTagsOutput addTags(AddTagsInput in, Call call) {
        Map<String, String> more = ClassicTags.checked(in.tags());
        in.loadBalancerNames()
                .forEach(name ->
                        classic.alter(call, name, (tx, row) -> row.tagged(ClassicTags.added(row.tags(), more))));
        return new AddTagsOutput();
    }

    @Override
    public RemoveTagsOutput removeTags(RemoveTagsInput in, Call call) {
        in.loadBalancerNames()
                .forEach(name -> classic.alter(call, name, (tx, row) -> {
                    Map<String, String> now = new LinkedHashMap<>(row.tags());
                    in.tags().forEach(each -> now.remove(String.valueOf(each.key())));
                    return row.tagged(now);
                }));
        return new RemoveTagsOutput();
    }

    @Override
    public DescribeTagsOutput describeTags(DescribeTagsInput in, Call call) {
        return new DescribeTagsOutput()
                .tagDescriptions(in.loadBalancerNames().stream()
                        .map(name -> new TagDescription()
                                .loadBalancerName(name)
                                .tags(ClassicTags.told(
                                        both(call, name).balancer().tags())))
                        .toList());
    }

    @Override
    public ApplySecurityGroupsToLoadBalancerOutput applySecurityGroupsToLoadBalancer(
            ApplySecurityGroupsToLoadBalancerInput in, Call call) {
        return new ApplySecurityGroupsToLoadBalancerOutput()
                .securityGroups(classic.secure(in.loadBalancerName(), in.securityGroups(), call)
                        .securityGroups());
    }

    @Override
    public AttachLoadBalancerToSubnetsOutput attachLoadBalancerToSubnets(
            AttachLoadBalancerToSubnetsInput in, Call call) {
        return new AttachLoadBalancerToSubnetsOutput()
                .subnets(ClassicDetails.subnets(
                        classic.places(in.loadBalancerName(), in.subnets(), List.of(), true, call)));
    }

    @Override
    public DetachLoadBalancerFromSubnetsOutput detachLoadBalancerFromSubnets(
            DetachLoadBalancerFromSubnetsInput in, Call call) {
        return new DetachLoadBalancerFromSubnetsOutput()
                .subnets(ClassicDetails.subnets(
                        classic.places(in.loadBalancerName(), in.subnets(), List.of(), false, call)));
    }

    @Override
    public AddAvailabilityZonesOutput enableAvailabilityZonesForLoadBalancer(AddAvailabilityZonesInput in, Call call) {
        return new AddAvailabilityZonesOutput()
                .availabilityZones(ClassicDetails.zones(
                        classic.places(in.loadBalancerName(), List.of(), in.availabilityZones(), true, call)));
    }

    @Override
    public RemoveAvailabilityZonesOutput disableAvailabilityZonesForLoadBalancer(
            RemoveAvailabilityZonesInput in, Call call) {
        return new RemoveAvailabilityZonesOutput()
                .availabilityZones(ClassicDetails.zones(
                        classic.places(in.loadBalancerName(), List.of(), in.availabilityZones(), false, call)));
    }

    @Override
    public CreateLBCookieStickinessPolicyOutput createLBCookieStickinessPolicy(
            CreateLBCookieStickinessPolicyInput in, Call call) {
        Long period = in.cookieExpirationPeriod();
        make(
                call,
                in.loadBalancerName(),
                new PolicyRow(
                        in.policyName(),
                        ClassicTable.LB_COOKIE,
                        period == null ? Map.of() : Map.of("CookieExpirationPeriod", String.valueOf(period))));
        return new CreateLBCookieStickinessPolicyOutput();
    }

    @Override
    public CreateAppCookieStickinessPolicyOutput createAppCookieStickinessPolicy(
            CreateAppCookieStickinessPolicyInput in, Call call) {
        make(
                call,
                in.loadBalancerName(),
                new PolicyRow(in.policyName(), ClassicTable.APP_COOKIE, Map.of("CookieName", in.cookieName())));
        return new CreateAppCookieStickinessPolicyOutput();
    }

    @Override
    public CreateLoadBalancerPolicyOutput createLoadBalancerPolicy(CreateLoadBalancerPolicyInput in, Call call) {
        Set<String> known = Set.of(
                ClassicTable.LB_COOKIE,
                ClassicTable.APP_COOKIE,
                ClassicTable.PROXY,
                ClassicTable.TLS,
                "PublicKeyPolicyType",
                "BackendServerAuthenticationPolicyType");
        if (!known.contains(in.policyTypeName())) {
            throw Fault.of(new PolicyTypeNotFoundException(), "There is no policy type named " + in.policyTypeName());
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        in.policyAttributes()
                .forEach(each ->
                        attributes.put(String.valueOf(each.attributeName()), String.valueOf(each.attributeValue())));
        String reference = attributes.get(ClassicTable.REFERENCE);
        if (reference != null && SslPolicies.find(reference).isEmpty()) {
            throw Classic.invalid("The reference security policy '" + reference + "' does not exist");
        }
        make(call, in.loadBalancerName(), new PolicyRow(in.policyName(), in.policyTypeName(), attributes));
        return new CreateLoadBalancerPolicyOutput();
    }

    private void make(Call call, String name, PolicyRow policy) {
        classic.change(call, name, row -> {
            if (row.policies().containsKey(policy.name())) {
                throw Fault.of(new DuplicatePolicyNameException(), "Policy '" + policy.name() + "' already exists");
            }
            if (row.policies().size() >= MOST_POLICIES) {
                throw Fault.of(new TooManyPoliciesException(), "There can be at most " + MOST_POLICIES + " policies");
            }
            return row.following(policy);
        });
    }

    @Override
    public DeleteLoadBalancerPolicyOutput deleteLoadBalancerPolicy(DeleteLoadBalancerPolicyInput in, Call call) {
        classic.change(call, in.loadBalancerName(), row -> {
            if (row.uses(in.policyName())) {
                throw Classic.invalid("The policy '" + in.policyName() + "' is in use");
            }
            return row.without(in.policyName());
        });
        return new DeleteLoadBalancerPolicyOutput();
    }

    private static void known(ClassicRow row, List<String> policies) {
        for (String each : policies) {
            if (!row.policies().containsKey(each)) {
                throw Fault.of(
                        new PolicyNotFoundException(),
                        "There is no policy with name " + each + " for load" + " balancer " + row.name());
            }
        }
    }

    @Override
    public SetLoadBalancerPoliciesOfListenerOutput setLoadBalancerPoliciesOfListener(
            SetLoadBalancerPoliciesOfListenerInput in, Call call) {
        classic.change(call, in.loadBalancerName(), row -> {
            known(row, in.policyNames());
            PortRow port = port(row, in.loadBalancerPort());
            boolean cookies = row.policy(in.policyNames(), ClassicTable.LB_COOKIE) != null
                    || row.policy(in.policyNames(), ClassicTable.APP_COOKIE) != null;
            if (cookies && !port.protocol().startsWith("HTTP")) {
                throw Classic.invalid("Stickiness policies are for HTTP and HTTPS listeners");
            }
            return with(row, port.following(in.policyNames()));
        });
        return new SetLoadBalancerPoliciesOfListenerOutput();
    }

    @Override
    public SetLoadBalancerPoliciesForBackendServerOutput setLoadBalancerPoliciesForBackendServer(
            SetLoadBalancerPoliciesForBackendServerInput in, Call call) {
        classic.change(call, in.loadBalancerName(), row -> {
            known(row, in.policyNames());
            if (row.ports().stream().noneMatch(each -> each.instancePort() == in.instancePort())) {
                throw Classic.invalid("No listener has the instance port " + in.instancePort());
            }
            return row.behind(in.instancePort(), in.policyNames());
        });
        return new SetLoadBalancerPoliciesForBackendServerOutput();
    }

    @Override
    public DescribeLoadBalancerPoliciesOutput describeLoadBalancerPolicies(
            DescribeLoadBalancerPoliciesInput in, Call call) {
        @Nullable String name = in.loadBalancerName();
        if (name == null) {
            throw dev.haneul.api.runtime.Faults.notImplemented(
                    "elb", "DescribeLoadBalancerPolicies without a load balancer (sample policies)");
        }
        ClassicRow row = both(call, name).classic();
        known(row, in.policyNames());
        Set<String> wanted =
                new LinkedHashSet<>(in.policyNames().isEmpty() ? row.policies().keySet() : in.policyNames());
        List<PolicyDescription> told = new ArrayList<>();
        row.policies().values().stream()
                .filter(each -> wanted.contains(each.name()))
                .forEach(each -> told.add(ClassicDetails.policy(each)));
        return new DescribeLoadBalancerPoliciesOutput().policyDescriptions(told);
    }

    @Override
    public DescribeAccountLimitsOutput describeAccountLimits(DescribeAccountLimitsInput in, Call call) {
        return new DescribeAccountLimitsOutput()
                .limits(List.of(
                        new Limit().name("classic-load-balancers").max("20"),
                        new Limit().name("classic-listeners").max("100"),
                        new Limit().name("classic-registered-instances").max("1000")));
    }
}
