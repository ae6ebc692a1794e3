package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.CheckRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Target groups and how they are checked. */
final class Groups {
    private static final int MOST = 3000;
    private static final Set<String> PROTOCOLS = Set.of("HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP");

    private final Store store;
    private final InstantSource clock;
    private final Ids ids;
    private final Neighbours neighbours;
    private final Pager pager;

    Groups(Store store, InstantSource clock, Ids ids, Neighbours neighbours, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.neighbours = neighbours;
        this.pager = pager;
    }

    CreateTargetGroupOutput create(CreateTargetGroupInput in, Call call) {
        Scope scope = Rows.scope(call);
        GroupRow row = wanted(in, scope);
        TargetGroup made = store.transact(tx -> {
            List<GroupRow> all = Rows.all(tx, scope, ElbTables.GROUPS);
            GroupRow same = all.stream()
                    .filter(each -> each.name().equals(row.name()))
                    .findFirst()
                    .orElse(null);
            if (same != null) {
                boolean alike = same.type().equals(row.type())
                        && same.port() == row.port()
                        && same.check().equals(row.check())
                        && Objects.equals(same.protocol(), row.protocol())
                        && Objects.equals(same.version(), row.version())
                        && Objects.equals(same.vpc(), row.vpc());
                if (!alike) {
                    throw Fault.of(
                            new DuplicateTargetGroupNameException(),
                            "A target group with the same name '" + row.name()
                                    + "' exists, but with different settings");
                }
                return told(tx, scope, same);
            }
            if (all.size() >= MOST) {
                throw Fault.of(
                        new TooManyTargetGroupsException(), "You have reached the maximum number of target groups");
            }
            tx.put(ElbTables.GROUPS, scope.key(row.id()), row);
            return told(tx, scope, row);
        });
        return new CreateTargetGroupOutput().targetGroups(List.of(made));
    }

    private GroupRow wanted(CreateTargetGroupInput in, Scope scope) {
        String type = in.targetType() == null ? "instance" : in.targetType();
        boolean lambda = type.equals("lambda");
        String name = in.name();
        if (name.length() > 32 || !name.matches("[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?")) {
            throw ElbFaults.validation(
                    "Target group name '" + name
                            + "' can only contain characters that are alphanumeric characters and hyphens(-), cannot begin or end with a hyphen, and cannot be longer than '32' characters");
        }
        String protocol = in.protocol();
        if (lambda) {
            if (protocol != null || in.port() != null || in.vpcId() != null) {
                throw ElbFaults.validation(
                        "Protocol, port and VPC cannot be specified for target groups with the target type 'lambda'");
            }
        } else {
            if (protocol == null || in.port() == null) {
                throw ElbFaults.validation("A protocol and a port must be specified");
            }
            if (!PROTOCOLS.contains(protocol)) {
                throw ElbFaults.configuration(
                        "Target groups with the protocol '" + protocol + "' are not implemented by Haneul yet");
            }
            if (in.vpcId() == null) {
                throw ElbFaults.validation(
                        "A VPC ID must be specified for target groups with the target type '" + type + "'");
            }
            if (!neighbours.hasNetwork(scope, in.vpcId())) {
                throw ElbFaults.validation("The VPC ID '" + in.vpcId() + "' is not found");
            }
            if (type.equals("alb") && !protocol.equals("TCP")) {
                throw ElbFaults.validation("The protocol must be 'TCP' for target groups with the target type 'alb'");
            }
        }
        if (in.ipAddressType() != null && !in.ipAddressType().equals("ipv4")) {
            throw ElbFaults.configuration(
                    "Target groups with the IP address type 'ipv6' are not implemented by Haneul yet");
        }
        String version = in.protocolVersion();
        boolean http = protocol != null && protocol.startsWith("HTTP");
        if (version != null && (!http || !Set.of("HTTP1", "HTTP2", "GRPC").contains(version))) {
            throw ElbFaults.validation("Protocol version '" + version + "' is not supported for this target group");
        }
        String known = http && version == null ? "HTTP1" : version;
        return new GroupRow(
                name + "/" + ids.hex(16),
                name,
                type,
                protocol,
                known,
                in.port() == null ? 0 : in.port(),
                in.vpcId(),
                "ipv4",
                Checking.made(in, type, protocol, known),
                Map.of(),
                Tagging.checked(in.tags()),
                clock.instant());
    }

    static TargetGroup told(ReadTx tx, Scope scope, GroupRow row) {
        CheckRow check = row.check();
        List<String> users = Rows.users(tx, scope, row.id()).stream()
                .map(each -> ElbTables.balancerArn(scope, each))
                .toList();
        boolean grpc = "GRPC".equals(row.version());
        TargetGroup told = new TargetGroup()
                .targetGroupArn(ElbTables.groupArn(scope, row.id()))
                .targetGroupName(row.name())
                .protocol(row.protocol())
                .port(row.lambda() ? null : Integer.valueOf(row.port()))
                .vpcId(row.vpc())
                .healthCheckProtocol(row.lambda() ? null : check.protocol())
                .healthCheckPort(row.lambda() ? null : check.port())
                .healthCheckEnabled(check.enabled())
                .healthCheckIntervalSeconds(check.interval())
                .healthCheckTimeoutSeconds(check.timeout())
                .healthyThresholdCount(check.healthy())
                .unhealthyThresholdCount(check.unhealthy())
                .healthCheckPath(check.path())
                .loadBalancerArns(users)
                .targetType(row.type())
                .protocolVersion(row.version())
                .ipAddressType(row.addressType());
        if (check.matcher() != null) {
            told.matcher(grpc ? new Matcher().grpcCode(check.matcher()) : new Matcher().httpCode(check.matcher()));
        }
        return told;
    }

    DescribeTargetGroupsOutput describe(DescribeTargetGroupsInput in, Call call) {
        Scope scope = Rows.scope(call);
        List<TargetGroup> all = store.read(tx -> {
            if (!in.targetGroupArns().isEmpty()) {
                return in.targetGroupArns().stream()
                        .map(arn -> told(tx, scope, Rows.group(tx, scope, arn)))
                        .toList();
            }
            String balancer = in.loadBalancerArn();
            if (balancer != null) {
                Rows.balancer(tx, scope, balancer);
            }
            return Rows.all(tx, scope, ElbTables.GROUPS).stream()
                    .filter(each -> in.names().isEmpty() || in.names().contains(each.name()))
                    .map(each -> told(tx, scope, each))
                    .filter(each -> balancer == null || each.loadBalancerArns().contains(balancer))
                    .toList();
        });
        if (in.names().stream().anyMatch(name -> all.stream().noneMatch(each -> name.equals(each.targetGroupName())))) {
            throw ElbFaults.noGroups();
        }
        Page<TargetGroup> page = pager.list(
                all,
                each -> String.valueOf(each.targetGroupArn()),
                "DescribeTargetGroups " + scope + in.names() + in.targetGroupArns() + in.loadBalancerArn(),
                in.marker(),
                Balancers.size(in.pageSize()));
        return new DescribeTargetGroupsOutput().targetGroups(page.items()).nextMarker(page.next());
    }

    ModifyTargetGroupOutput modify(ModifyTargetGroupInput in, Call call) {
        Scope scope = Rows.scope(call);
        TargetGroup after = store.transact(tx -> {
            GroupRow row = Rows.group(tx, scope, in.targetGroupArn());
            GroupRow now = row.checked(Checking.changed(row, in));
            tx.put(ElbTables.GROUPS, scope.key(row.id()), now);
            return told(tx, scope, now);
        });
        return new ModifyTargetGroupOutput().targetGroups(List.of(after));
    }

    DeleteTargetGroupOutput delete(DeleteTargetGroupInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            GroupRow row;
            try {
                row = Rows.group(tx, scope, in.targetGroupArn());
            } catch (Fault e) {
                if (e.code().equals("TargetGroupNotFound")) {
                    return;
                }
                throw e;
            }
            if (!Rows.users(tx, scope, row.id()).isEmpty()) {
                throw ElbFaults.inUse(
                        "Target group '" + in.targetGroupArn() + "' is currently in use by a listener or a rule");
            }
            Rows.targets(tx, scope, row.id()).forEach(each -> {
                tx.delete(ElbTables.TARGETS, scope.key(each.id()));
                tx.delete(ElbTables.HEALTH, scope.key(each.id()));
            });
            tx.delete(ElbTables.GROUPS, scope.key(row.id()));
        });
        return new DeleteTargetGroupOutput();
    }

    DescribeTargetGroupAttributesOutput attributes(DescribeTargetGroupAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        GroupRow row = store.read(tx -> Rows.group(tx, scope, in.targetGroupArn()));
        return new DescribeTargetGroupAttributesOutput().attributes(attributes(row));
    }

    private static List<TargetGroupAttribute> attributes(GroupRow row) {
        Map<String, String> all = Settings.of(row).all(row.attributes());
        all.computeIfPresent(Settings.PRESERVE, (key, value) -> Settings.preserving(row, value));
        return all.entrySet().stream()
                .map(each -> new TargetGroupAttribute().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    ModifyTargetGroupAttributesOutput modify(ModifyTargetGroupAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        Map<String, String> changes = new LinkedHashMap<>();
        in.attributes()
                .forEach(each -> changes.put(String.valueOf(each.key()), each.value() == null ? "" : each.value()));
        GroupRow after = store.transact(tx -> {
            GroupRow row = Rows.group(tx, scope, in.targetGroupArn());
            GroupRow now = row.attributes(Settings.of(row).changed(row.attributes(), changes, "Target group"));
            appCookie(now);
            if ("false".equals(changes.get(Settings.PRESERVE))
                    && String.valueOf(row.protocol()).contains("UDP")) {
                throw ElbFaults.configuration("Client IP preservation cannot be disabled for target groups with the "
                        + "protocol '" + row.protocol() + "'");
            }
            tx.put(ElbTables.GROUPS, scope.key(row.id()), now);
            return now;
        });
        return new ModifyTargetGroupAttributesOutput().attributes(attributes(after));
    }

    private static void appCookie(GroupRow now) {
        @Nullable String type = now.attributes().get("stickiness.type");
        boolean nameless = "app_cookie".equals(type)
                && "true".equals(now.attributes().get("stickiness.enabled"))
                && now.attributes()
                        .getOrDefault("stickiness.app_cookie.cookie_name", "")
                        .isEmpty();
        if (nameless) {
            throw ElbFaults.configuration(
                    "You must specify an application cookie name for application cookie stickiness");
        }
    }
}
