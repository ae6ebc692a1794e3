package dev.haneul.services.elbv2;

import dev.haneul.edge.table.Action;
import dev.haneul.edge.table.Listener;
import dev.haneul.edge.table.RoutingTable;
import dev.haneul.edge.table.Rule;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.edge.table.TargetGroup.How;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.ClassicTables.ClassicRow;
import dev.haneul.services.elbv2.ClassicTables.HealthRow;
import dev.haneul.services.elbv2.ClassicTables.PolicyRow;
import dev.haneul.services.elbv2.ClassicTables.PortRow;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** From a Classic Load Balancer's rows to what the data plane does. Pure. */
final class ClassicTable {
    static final String LB_COOKIE = "LBCookieStickinessPolicyType";
    static final String APP_COOKIE = "AppCookieStickinessPolicyType";
    static final String PROXY = "ProxyProtocolPolicyType";
    static final String TLS = "SSLNegotiationPolicyType";
    static final String REFERENCE = "Reference-Security-Policy";
    private static final Duration FOREVER = Duration.ofDays(7);

    private final Scope scope;
    private final BalancerRow balancer;
    private final ClassicRow classic;

    private ClassicTable(Scope scope, BalancerRow balancer, ClassicRow classic) {
        this.scope = scope;
        this.balancer = balancer;
        this.classic = classic;
    }

    /**
     * The table of a load balancer. Ports without a usable certificate are left out.
     *
     * @param identities certificates by ARN
     */
    static RoutingTable of(
            Scope scope,
            BalancerRow balancer,
            ClassicRow classic,
            Map<String, Neighbours.Found> instances,
            Map<String, Listener.Identity> identities) {
        return new ClassicTable(scope, balancer, classic).table(instances, identities);
    }

    private RoutingTable table(Map<String, Neighbours.Found> instances, Map<String, Listener.Identity> identities) {
        List<RoutingTable.Node> nodes = balancer.places().stream()
                .filter(each -> each.eni() != null && !each.leaving())
                .map(each -> new RoutingTable.Node(String.valueOf(each.eni()), each.zone()))
                .toList();
        List<Listener> listeners = new ArrayList<>();
        Map<String, TargetGroup> groups = new LinkedHashMap<>();
        List<TargetGroup.Target> targets = classic.instances().stream()
                .map(id -> target(id, instances.get(id)))
                .toList();
        for (PortRow port : classic.ports()) {
            Listener.Tls tls = null;
            if (encrypted(port.protocol())) {
                Listener.Identity identity = port.certificate() == null ? null : identities.get(port.certificate());
                if (identity == null) {
                    continue;
                }
                tls = tls(port, identity);
            }
            TargetGroup group = group(port, targets);
            groups.put(group.id(), group);
            Action forward = new Action.Forward(List.of(new Action.Weighted(group.id(), 1)), null);
            String id = ElbTables.balancerArn(scope, balancer.id()) + "/" + port.port();
            listeners.add(new Listener(
                    id,
                    port.port(),
                    protocol(port.protocol()),
                    tls,
                    List.of(new Rule(id, 0, List.of(), List.of(forward), List.of())),
                    idle(),
                    Map.of()));
        }
        RoutingTable.Settings usual = RoutingTable.Settings.APPLICATION;
        RoutingTable.Settings settings = new RoutingTable.Settings(
                idle(),
                usual.clientKeepAlive(),
                usual.forwardedFor(),
                false,
                false,
                true,
                false,
                RoutingTable.Desync.valueOf(attribute(Classic.DESYNC).toUpperCase(java.util.Locale.ROOT)),
                false,
                attribute(Classic.CROSS_ZONE).equals("true"));
        return new RoutingTable(ElbTables.balancerArn(scope, balancer.id()), true, nodes, settings, listeners, groups);
    }

    private String attribute(String key) {
        return balancer.attributes().getOrDefault(key, Classic.INITIAL.getOrDefault(key, ""));
    }

    private Duration idle() {
        return Duration.ofSeconds(Long.parseLong(attribute(Classic.IDLE)));
    }

    static boolean encrypted(String protocol) {
        return protocol.equals("HTTPS") || protocol.equals("SSL");
    }

    private static Listener.Protocol protocol(String name) {
        return name.equals("SSL") ? Listener.Protocol.TLS : Listener.Protocol.valueOf(name);
    }

    private Listener.Tls tls(PortRow port, Listener.Identity identity) {
        PolicyRow named = classic.policy(port.policies(), TLS);
        String reference = named == null ? null : named.attributes().get(REFERENCE);
        SslPolicies.Policy policy = SslPolicies.find(reference == null ? SslPolicies.DEFAULT : reference)
                .or(() -> SslPolicies.find(SslPolicies.DEFAULT))
                .orElseThrow();
        return new Listener.Tls(List.of(identity), policy.versions(), policy.javaCiphers(), List.of("http/1.1"), null);
    }

    private TargetGroup group(PortRow port, List<TargetGroup.Target> targets) {
        List<String> backend = classic.backend().getOrDefault(String.valueOf(port.instancePort()), List.of());
        PolicyRow proxy = classic.policy(backend, PROXY);
        // Ports that share instances' port but not its cookies are groups of their own.
        String id = ClassicTables.group(scope, classic.name(), port)
                + (port.policies().isEmpty() ? "" : "-" + port.port());
        return new TargetGroup(
                id,
                TargetGroup.Kind.ADDRESS,
                protocol(port.instanceProtocol()),
                TargetGroup.Version.HTTP1,
                protocol(port.protocol()).http()
                        ? TargetGroup.Algorithm.LEAST_OUTSTANDING_REQUESTS
                        : TargetGroup.Algorithm.ROUND_ROBIN,
                Duration.ZERO,
                stickiness(port),
                check(classic.check()),
                null,
                proxy != null && "true".equalsIgnoreCase(proxy.attributes().get("ProxyProtocol")),
                false,
                false,
                false,
                targets.stream().map(each -> at(each, port.instancePort())).toList());
    }

    private static TargetGroup.Target at(TargetGroup.Target target, int port) {
        return new TargetGroup.Target(
                target.key(), target.name(), target.address(), port, target.zone(), false, target.health(), null);
    }

    private TargetGroup.Stickiness stickiness(PortRow port) {
        PolicyRow own = classic.policy(port.policies(), LB_COOKIE);
        PolicyRow app = classic.policy(port.policies(), APP_COOKIE);
        if (app != null) {
            return new TargetGroup.Stickiness(
                    How.APPLICATION_COOKIE, FOREVER, app.attributes().get("CookieName"));
        }
        if (own == null) {
            return TargetGroup.Stickiness.NONE;
        }
        String seconds = own.attributes().get("CookieExpirationPeriod");
        return new TargetGroup.Stickiness(
                How.BALANCER_COOKIE,
                seconds == null || seconds.isEmpty() ? FOREVER : Duration.ofSeconds(Long.parseLong(seconds)),
                null);
    }

    private static TargetGroup.Target target(String id, Neighbours.@Nullable Found instance) {
        String address = instance == null || !instance.running() ? "" : instance.address();
        return new TargetGroup.Target(
                id,
                id,
                address,
                0,
                instance == null ? "" : instance.zone(),
                false,
                address.isEmpty() ? new TargetGroup.Health("unused", null, null) : TargetGroup.Health.INITIAL,
                null);
    }

    private static TargetGroup.HealthCheck check(HealthRow row) {
        String target = row.target();
        int colon = target.indexOf(':');
        int slash = target.indexOf('/');
        String port = target.substring(colon + 1, slash < 0 ? target.length() : slash);
        return new TargetGroup.HealthCheck(
                true,
                protocol(target.substring(0, colon)),
                Integer.parseInt(port),
                slash < 0 ? "/" : target.substring(slash),
                Duration.ofSeconds(row.interval()),
                Duration.ofSeconds(row.timeout()),
                row.healthy(),
                row.unhealthy(),
                "200");
    }
}
