package dev.haneul.services.elbv2;

import dev.haneul.api.elb.*;
import dev.haneul.edge.table.TargetGroup;
import dev.haneul.kernel.store.Scope;
import dev.haneul.services.elbv2.Classic.Both;
import dev.haneul.services.elbv2.ClassicTables.ClassicRow;
import dev.haneul.services.elbv2.ClassicTables.HealthRow;
import dev.haneul.services.elbv2.ClassicTables.PolicyRow;
import dev.haneul.services.elbv2.ClassicTables.PortRow;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.Place;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Classic Load Balancers as they are told. */
final class ClassicDetails {
    private static final String ZONE = "Z35SXDOTRQ7X7K";
    private static final String LOGS = "access_logs.s3.";

    private ClassicDetails() {}

    static LoadBalancerDescription told(Scope scope, Both both) {
        BalancerRow balancer = both.balancer();
        ClassicRow row = both.classic();
        HealthRow check = row.check();
        return new LoadBalancerDescription()
                .loadBalancerName(balancer.name())
                .dnsName(Classic.dns(scope, balancer))
                .canonicalHostedZoneName(balancer.internal() ? null : Classic.dns(scope, balancer))
                .canonicalHostedZoneNameID(ZONE)
                .listenerDescriptions(
                        row.ports().stream().map(ClassicDetails::port).toList())
                .policies(policies(row))
                .backendServerDescriptions(row.backend().entrySet().stream()
                        .map(each -> new BackendServerDescription()
                                .instancePort(Integer.valueOf(each.getKey()))
                                .policyNames(each.getValue()))
                        .toList())
                .availabilityZones(zones(balancer))
                .subnets(subnets(balancer))
                .vpcId(balancer.vpc())
                .instances(instances(row.instances()))
                .healthCheck(new HealthCheck()
                        .target(check.target())
                        .interval(check.interval())
                        .timeout(check.timeout())
                        .unhealthyThreshold(check.unhealthy())
                        .healthyThreshold(check.healthy()))
                .sourceSecurityGroup(
                        balancer.securityGroups().isEmpty()
                                ? null
                                : new SourceSecurityGroup()
                                        .ownerAlias(scope.account())
                                        .groupName(balancer.securityGroups().getFirst()))
                .securityGroups(balancer.securityGroups())
                .createdTime(balancer.created())
                .scheme(balancer.scheme());
    }

    private static ListenerDescription port(PortRow row) {
        return new ListenerDescription()
                .listener(new Listener()
                        .protocol(row.protocol())
                        .loadBalancerPort(row.port())
                        .instanceProtocol(row.instanceProtocol())
                        .instancePort(row.instancePort())
                        .sslCertificateId(row.certificate()))
                .policyNames(row.policies());
    }

    private static Policies policies(ClassicRow row) {
        List<PolicyRow> all = List.copyOf(row.policies().values());
        return new Policies()
                .appCookieStickinessPolicies(all.stream()
                        .filter(each -> each.type().equals(ClassicTable.APP_COOKIE))
                        .map(each -> new AppCookieStickinessPolicy()
                                .policyName(each.name())
                                .cookieName(each.attributes().get("CookieName")))
                        .toList())
                .lbCookieStickinessPolicies(all.stream()
                        .filter(each -> each.type().equals(ClassicTable.LB_COOKIE))
                        .map(each -> new LBCookieStickinessPolicy()
                                .policyName(each.name())
                                .cookieExpirationPeriod(number(each.attributes().get("CookieExpirationPeriod"))))
                        .toList())
                .otherPolicies(all.stream()
                        .filter(each -> !each.type().endsWith("CookieStickinessPolicyType"))
                        .map(PolicyRow::name)
                        .toList());
    }

    private static @Nullable Long number(@Nullable String text) {
        return text == null || !text.matches("[0-9]{1,18}") ? null : Long.valueOf(text);
    }

    static PolicyDescription policy(PolicyRow row) {
        return new PolicyDescription()
                .policyName(row.name())
                .policyTypeName(row.type())
                .policyAttributeDescriptions(row.attributes().entrySet().stream()
                        .map(each -> new PolicyAttributeDescription()
                                .attributeName(each.getKey())
                                .attributeValue(each.getValue()))
                        .toList());
    }

    static List<Instance> instances(List<String> ids) {
        return ids.stream().map(each -> new Instance().instanceId(each)).toList();
    }

    static List<String> subnets(BalancerRow row) {
        return row.places().stream()
                .filter(each -> !each.leaving())
                .map(Place::subnet)
                .toList();
    }

    static List<String> zones(BalancerRow row) {
        return row.places().stream()
                .filter(each -> !each.leaving())
                .map(Place::zone)
                .toList();
    }

    /** How an instance does. */
    static InstanceState state(String id, Neighbours.@Nullable Found instance, TargetGroup.@Nullable Health health) {
        InstanceState told = new InstanceState().instanceId(id);
        if (instance == null || !instance.running()) {
            String state = instance == null ? "terminated" : instance.state();
            return told.state("OutOfService").reasonCode("Instance").description("Instance is in " + state + " state.");
        }
        if (health == null || health.initial()) {
            return told.state("OutOfService")
                    .reasonCode("ELB")
                    .description("Instance registration is still in progress.");
        }
        return health.healthy()
                ? told.state("InService").reasonCode("N/A").description("N/A")
                : told.state("OutOfService")
                        .reasonCode("Instance")
                        .description("Instance has failed at least the UnhealthyThreshold number of health checks"
                                + " consecutively.");
    }

    static LoadBalancerAttributes attributes(BalancerRow row) {
        Map<String, String> all = new LinkedHashMap<>(Classic.INITIAL);
        all.putAll(row.attributes());
        boolean logs = "true".equals(all.get(LOGS + "enabled"));
        return new LoadBalancerAttributes()
                .crossZoneLoadBalancing(
                        new CrossZoneLoadBalancing().enabled(Boolean.valueOf(all.get(Classic.CROSS_ZONE))))
                .accessLog(
                        logs
                                ? new AccessLog()
                                        .enabled(true)
                                        .s3BucketName(all.get(LOGS + "bucket"))
                                        .s3BucketPrefix(all.get(LOGS + "prefix"))
                                        .emitInterval(60)
                                : new AccessLog().enabled(false))
                .connectionDraining(new ConnectionDraining()
                        .enabled(Boolean.valueOf(all.get(Classic.DRAINING)))
                        .timeout(Integer.valueOf(all.get(Classic.DRAINING_SECONDS))))
                .connectionSettings(new ConnectionSettings().idleTimeout(Integer.valueOf(all.get(Classic.IDLE))))
                .additionalAttributes(
                        List.of(new AdditionalAttribute().key(Classic.DESYNC).value(all.get(Classic.DESYNC))));
    }

    /** Attributes as the row keeps them. */
    static Map<String, String> changes(LoadBalancerAttributes in) {
        Map<String, String> all = new LinkedHashMap<>();
        CrossZoneLoadBalancing cross = in.crossZoneLoadBalancing();
        if (cross != null) {
            all.put(Classic.CROSS_ZONE, String.valueOf(cross.enabled()));
        }
        AccessLog log = in.accessLog();
        if (log != null) {
            if (Boolean.TRUE.equals(log.enabled()) && log.s3BucketName() == null) {
                throw Classic.invalid("Access Log cannot be enabled without an S3 bucket name");
            }
            all.put(LOGS + "enabled", String.valueOf(log.enabled()));
            all.put(LOGS + "bucket", log.s3BucketName() == null ? "" : log.s3BucketName());
            all.put(LOGS + "prefix", log.s3BucketPrefix() == null ? "" : log.s3BucketPrefix());
        }
        ConnectionDraining draining = in.connectionDraining();
        if (draining != null) {
            all.put(Classic.DRAINING, String.valueOf(draining.enabled()));
            if (draining.timeout() != null) {
                all.put(Classic.DRAINING_SECONDS, String.valueOf(draining.timeout()));
            }
        }
        ConnectionSettings settings = in.connectionSettings();
        if (settings != null) {
            all.put(Classic.IDLE, String.valueOf(settings.idleTimeout()));
        }
        for (AdditionalAttribute each : in.additionalAttributes()) {
            boolean good = Classic.DESYNC.equals(each.key())
                    && List.of("monitor", "defensive", "strictest").contains(String.valueOf(each.value()));
            if (!good) {
                throw Classic.invalid("The attribute " + each.key() + " is not known, or not its value");
            }
            all.put(Classic.DESYNC, String.valueOf(each.value()));
        }
        return all;
    }
}
