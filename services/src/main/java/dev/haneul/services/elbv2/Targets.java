package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.edge.table.Block;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.GroupRow;
import dev.haneul.services.elbv2.ElbTables.HealthRow;
import dev.haneul.services.elbv2.ElbTables.TargetRow;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Targets come, drain, go, and are asked after. */
final class Targets {
    private static final int MOST = 1000;
    private static final List<Block> PRIVATE = Stream.of(
                    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
            .map(Block::parse)
            .toList();

    private final Store store;
    private final InstantSource clock;
    private final Neighbours neighbours;

    Targets(Store store, InstantSource clock, Neighbours neighbours) {
        this.store = store;
        this.clock = clock;
        this.neighbours = neighbours;
    }

    RegisterTargetsOutput register(RegisterTargetsInput in, Call call) {
        Scope scope = Rows.scope(call);
        if (in.targets().isEmpty()) {
            throw ElbFaults.validation("Targets must be specified");
        }
        GroupRow known = store.read(tx -> Rows.group(tx, scope, in.targetGroupArn()));
        Instant now = clock.instant();
        Map<String, TargetRow> wanted = new LinkedHashMap<>();
        in.targets().forEach(each -> {
            TargetRow row = row(known, each, now);
            wanted.put(row.id(), row);
        });
        check(scope, known, List.copyOf(wanted.values()));
        store.write(tx -> {
            GroupRow group = Rows.group(tx, scope, in.targetGroupArn());
            List<TargetRow> there = Rows.targets(tx, scope, group.id());
            long more = wanted.keySet().stream()
                    .filter(id -> there.stream().noneMatch(each -> each.id().equals(id)))
                    .count();
            boolean single = group.lambda() || group.type().equals("alb");
            if (single
                    && there.stream().filter(each -> each.drainedAt() == null).count() + more > 1) {
                throw Fault.of(
                        new TooManyTargetsException(),
                        "Target groups with the target type '" + group.type() + "' can have one target only");
            }
            if (there.size() + more > MOST) {
                throw Fault.of(
                        new TooManyTargetsException(),
                        "You have reached the maximum number of targets for this target group");
            }
            for (TargetRow row : wanted.values()) {
                TargetRow before = tx.get(ElbTables.TARGETS, scope.key(row.id()))
                        .map(Row::value)
                        .orElse(null);
                if (before == null || before.drainedAt() != null) {
                    tx.put(ElbTables.TARGETS, scope.key(row.id()), row);
                    tx.delete(ElbTables.HEALTH, scope.key(row.id()));
                }
            }
        });
        return new RegisterTargetsOutput();
    }

    private static TargetRow row(GroupRow group, TargetDescription each, Instant now) {
        String target = String.valueOf(each.id());
        if (group.lambda() && each.port() != null) {
            throw ElbFaults.target("A port cannot be specified for the target '" + target + "'");
        }
        int port = group.lambda() ? 0 : each.port() == null ? group.port() : each.port();
        if (target.indexOf('|') >= 0 || target.isEmpty()) {
            throw ElbFaults.target("The target '" + target + "' is not valid");
        }
        return new TargetRow(
                group.id(), target, port, each.availabilityZone() == null ? "" : each.availabilityZone(), now, null);
    }

    private void check(Scope scope, GroupRow group, List<TargetRow> rows) {
        List<String> names = rows.stream().map(TargetRow::target).toList();
        switch (group.type()) {
            case "instance" -> {
                Map<String, Neighbours.Found> found = neighbours.instances(scope, Set.copyOf(names));
                for (String name : names) {
                    Neighbours.Found one = found.get(name);
                    if (one == null || !String.valueOf(group.vpc()).equals(one.vpc())) {
                        throw ElbFaults.target("The following targets are not in the target group VPC '" + group.vpc()
                                + "': '" + name + "'");
                    }
                    if (!one.running()) {
                        throw ElbFaults.target(
                                "The following targets are not in a running state and cannot be registered: '" + name
                                        + "'");
                    }
                }
            }
            case "ip" -> {
                List<Block> own = neighbours.blocks(scope, String.valueOf(group.vpc())).stream()
                        .map(Block::parse)
                        .toList();
                rows.forEach(row -> address(row, own));
            }
            case "lambda" ->
                names.forEach(name -> {
                    if (!name.matches("arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:function:.+")) {
                        throw ElbFaults.target(
                                "The following targets are not valid Lambda function ARNs: '" + name + "'");
                    }
                });
            default -> rows.forEach(row -> balancer(scope, group, row));
        }
    }

    /** A load balancer that is a target must listen where the group sends. */
    private void balancer(Scope scope, GroupRow group, TargetRow target) {
        String name = target.target();
        store.read(tx -> {
            BalancerRow row = Rows.balancer(tx, scope, name);
            if (!row.application() || !row.vpc().equals(group.vpc())) {
                throw ElbFaults.target("The target '" + name + "' is not an Application Load Balancer in the VPC '"
                        + group.vpc() + "'");
            }
            boolean heard = Rows.listeners(tx, scope, row.id()).stream().anyMatch(each -> each.port() == target.port());
            if (!heard || target.port() != group.port()) {
                throw ElbFaults.target("The Application Load Balancer '" + name
                        + "' must have a listener whose port matches the target group port '" + group.port() + "'");
            }
            return row;
        });
    }

    private static void address(TargetRow row, List<Block> own) {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(row.target());
        } catch (IllegalArgumentException e) {
            throw ElbFaults.target("The IP address '" + row.target() + "' is not a valid IPv4 address");
        }
        boolean inside = own.stream().anyMatch(each -> each.contains(address));
        boolean apart = PRIVATE.stream().anyMatch(each -> each.contains(address));
        if (!inside && !apart) {
            throw ElbFaults.target(
                    "The IP address '" + row.target() + "' is not within a CIDR block that is valid for targets");
        }
        if (!inside && row.zone().isEmpty()) {
            throw ElbFaults.target("You must specify an Availability Zone or 'all' for the IP address '" + row.target()
                    + "', which is outside the VPC");
        }
    }

    DeregisterTargetsOutput deregister(DeregisterTargetsInput in, Call call) {
        Scope scope = Rows.scope(call);
        if (in.targets().isEmpty()) {
            throw ElbFaults.validation("Targets must be specified");
        }
        Instant now = clock.instant();
        store.write(tx -> {
            GroupRow group = Rows.group(tx, scope, in.targetGroupArn());
            String delay = Settings.of(group).get(group.attributes(), "deregistration_delay.timeout_seconds");
            boolean used = !Rows.users(tx, scope, group.id()).isEmpty();
            for (TargetDescription each : in.targets()) {
                for (TargetRow row : named(tx, scope, group, each)) {
                    boolean atOnce = !used || group.lambda() || delay.equals("0") || delay.isEmpty();
                    if (atOnce) {
                        tx.delete(ElbTables.TARGETS, scope.key(row.id()));
                        tx.delete(ElbTables.HEALTH, scope.key(row.id()));
                    } else if (row.drainedAt() == null) {
                        tx.put(
                                ElbTables.TARGETS,
                                scope.key(row.id()),
                                new TargetRow(
                                        row.group(),
                                        row.target(),
                                        row.port(),
                                        row.zone(),
                                        row.registered(),
                                        now.plus(Duration.ofSeconds(Long.parseLong(delay)))));
                    }
                }
            }
        });
        return new DeregisterTargetsOutput();
    }

    /** A target with its port; without one, all ports of it. */
    private static List<TargetRow> named(ReadTx tx, Scope scope, GroupRow group, TargetDescription each) {
        String target = String.valueOf(each.id());
        return Rows.targets(tx, scope, group.id()).stream()
                .filter(row -> row.target().equals(target) && (each.port() == null || each.port() == row.port()))
                .toList();
    }

    DescribeTargetHealthOutput health(DescribeTargetHealthInput in, Call call) {
        Scope scope = Rows.scope(call);
        View view = store.read(tx -> {
            GroupRow group = Rows.group(tx, scope, in.targetGroupArn());
            List<BalancerRow> users = Rows.users(tx, scope, group.id()).stream()
                    .flatMap(id -> tx.get(ElbTables.BALANCERS, scope.key(id)).map(Row::value).stream())
                    .toList();
            List<TargetRow> targets = Rows.targets(tx, scope, group.id());
            Map<String, HealthRow> found = new LinkedHashMap<>();
            targets.forEach(each ->
                    tx.get(ElbTables.HEALTH, scope.key(each.id())).ifPresent(row -> found.put(each.id(), row.value())));
            return new View(group, users, targets, found);
        });
        Map<String, Neighbours.Found> instances = view.group().type().equals("instance")
                ? neighbours.instances(
                        scope,
                        view.targets().stream()
                                .map(TargetRow::target)
                                .distinct()
                                .toList())
                : Map.of();
        List<TargetHealthDescription> told = new ArrayList<>();
        if (in.targets().isEmpty()) {
            view.targets().forEach(each -> told.add(told(view, each, instances)));
        } else {
            for (TargetDescription each : in.targets()) {
                List<TargetRow> rows = view.targets().stream()
                        .filter(row ->
                                row.target().equals(each.id()) && (each.port() == null || each.port() == row.port()))
                        .toList();
                rows.forEach(row -> told.add(told(view, row, instances)));
                if (rows.isEmpty()) {
                    told.add(new TargetHealthDescription()
                            .target(new TargetDescription()
                                    .id(each.id())
                                    .port(
                                            each.port() == null && !view.group().lambda()
                                                    ? Integer.valueOf(
                                                            view.group().port())
                                                    : each.port()))
                            .targetHealth(new TargetHealth()
                                    .state("unused")
                                    .reason("Target.NotRegistered")
                                    .description("Target is not registered to the target group")));
                }
            }
        }
        return new DescribeTargetHealthOutput().targetHealthDescriptions(told);
    }

    private record View(
            GroupRow group, List<BalancerRow> users, List<TargetRow> targets, Map<String, HealthRow> health) {}

    private static TargetHealthDescription told(View view, TargetRow row, Map<String, Neighbours.Found> instances) {
        GroupRow group = view.group();
        Neighbours.Found instance = instances.get(row.target());
        HealthRow health = state(group, view.users(), row, view.health().get(row.id()), instance);
        String zone = !row.zone().isEmpty() ? row.zone() : instance == null ? null : instance.zone();
        TargetDescription target = new TargetDescription().id(row.target());
        if (!group.lambda()) {
            target.port(row.port());
        }
        if (!group.type().equals("instance") || !row.zone().isEmpty()) {
            target.availabilityZone(zone);
        }
        TargetHealthDescription told = new TargetHealthDescription()
                .target(target)
                .targetHealth(new TargetHealth()
                        .state(health.state())
                        .reason(health.reason())
                        .description(health.description()));
        if (!group.lambda()) {
            told.healthCheckPort(
                    group.check().port().equals("traffic-port")
                            ? String.valueOf(row.port())
                            : group.check().port());
        }
        return told;
    }

    /** How a target is, as it is told: what is decided here comes before what checks found out. Pure. */
    static HealthRow state(
            GroupRow group,
            List<BalancerRow> users,
            TargetRow row,
            @Nullable HealthRow found,
            Neighbours.@Nullable Found instance) {
        if (row.drainedAt() != null) {
            return new HealthRow(
                    "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress", null);
        }
        if (users.isEmpty()) {
            return new HealthRow(
                    "unused",
                    "Target.NotInUse",
                    "Target group is not configured to receive traffic from the load balancer",
                    null);
        }
        if (group.type().equals("instance") && (instance == null || !instance.running())) {
            String state = instance == null ? "terminated" : instance.state();
            return new HealthRow("unused", "Target.InvalidState", "Target is in the " + state + " state", null);
        }
        String zone = !row.zone().isEmpty() ? row.zone() : instance == null ? "" : instance.zone();
        boolean zoned = !zone.isEmpty() && !zone.equals("all") && !group.lambda();
        boolean reached = users.stream()
                .anyMatch(user -> user.places().stream()
                        .anyMatch(each -> !each.leaving() && each.zone().equals(zone)));
        if (zoned && !reached) {
            return new HealthRow(
                    "unused",
                    "Target.NotInUse",
                    "Target is in an Availability Zone that is not enabled for the load balancer",
                    null);
        }
        if (!group.check().enabled()) {
            return new HealthRow(
                    "unavailable", "Target.HealthCheckDisabled", "Health checks are disabled for this target", null);
        }
        if (found != null) {
            return found;
        }
        boolean active = users.stream().anyMatch(each -> each.state().equals(ElbTables.ACTIVE));
        return active
                ? new HealthRow("initial", "Elb.InitialHealthChecking", "Initial health checks in progress", null)
                : new HealthRow("initial", "Elb.RegistrationInProgress", "Target registration is in progress", null);
    }
}
