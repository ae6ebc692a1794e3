package dev.haneul.services.elbv2;

import dev.haneul.api.ec2.Subnet;
import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.page.Page;
import dev.haneul.kernel.page.Pager;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.Place;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Load balancers: made, changed, told, removed. What takes time is the reconciler's. */
final class Balancers {
    private static final int MOST = 50;
    private static final int PAGE = 400;
    private static final String NAME = "[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?";
    /** Route 53's zone for aliases to load balancers; one for each kind here, where AWS has one for each region. */
    private static final String APPLICATION_ZONE = "ZWKZPGTI48KDX";

    private static final String NETWORK_ZONE = "ZIBE1TIR4HY56";

    private final Store store;
    private final InstantSource clock;
    private final Ids ids;
    private final Neighbours neighbours;
    private final Pager pager;

    Balancers(Store store, InstantSource clock, Ids ids, Neighbours neighbours, Pager pager) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.neighbours = neighbours;
        this.pager = pager;
    }

    CreateLoadBalancerOutput create(CreateLoadBalancerInput in, Call call) {
        Scope scope = Rows.scope(call);
        String type = in.type() == null ? "application" : in.type();
        if (type.equals("gateway")) {
            throw Faults.notImplemented("elbv2", "CreateLoadBalancer of the type gateway");
        }
        boolean application = type.equals("application");
        String name = name(in.name());
        String scheme = in.scheme() == null ? "internet-facing" : in.scheme();
        String addressType = in.ipAddressType() == null ? "ipv4" : in.ipAddressType();
        if (!addressType.equals("ipv4")) {
            throw ElbFaults.configuration("IP address type '" + addressType + "' is not implemented by Haneul yet");
        }
        List<Place> places = places(scope, in.subnets(), in.subnetMappings(), application, scheme);
        String vpc = String.valueOf(neighbours
                .subnets(scope, List.of(places.getFirst().subnet()))
                .getFirst()
                .vpcId());
        if (scheme.equals("internet-facing") && !neighbours.hasGateway(scope, vpc)) {
            throw Fault.of(new InvalidSubnetException(), "VPC " + vpc + " has no internet gateway");
        }
        boolean groupless = !application && in.securityGroups().isEmpty();
        List<String> groups = groupless ? List.of() : neighbours.groups(scope, vpc, in.securityGroups());
        Map<String, String> tags = Tagging.checked(in.tags());
        String number = ids.hex(16);
        String id = (application ? "app/" : "net/") + name + "/" + number;
        BalancerRow row = new BalancerRow(
                id,
                name,
                scheme,
                vpc,
                addressType,
                places,
                groups,
                label(name, scheme, application, number),
                clock.instant(),
                ElbTables.PROVISIONING,
                null,
                Map.of(),
                tags,
                null);
        BalancerRow made = store.transact(tx -> {
            List<BalancerRow> all = alive(tx, scope);
            BalancerRow same = all.stream()
                    .filter(each -> each.name().equals(name))
                    .findFirst()
                    .orElse(null);
            if (same != null) {
                if (!alike(same, row)) {
                    throw Fault.of(
                            new DuplicateLoadBalancerNameException(),
                            "A load balancer with the same name '" + name + "' exists, but with different settings");
                }
                return same;
            }
            if (all.stream().filter(each -> each.application() == application).count() >= MOST) {
                throw Fault.of(
                        new TooManyLoadBalancersException(), "You have reached the maximum number of load balancers");
            }
            tx.put(ElbTables.BALANCERS, scope.key(id), row);
            return row;
        });
        return new CreateLoadBalancerOutput().loadBalancers(List.of(told(scope, made)));
    }

    private String label(String name, String scheme, boolean application, String number) {
        String suffix =
                application ? String.valueOf(1_000_000_000L + Long.parseLong(number.substring(0, 7), 16) * 4) : number;
        return ((scheme.equals("internal") ? "internal-" : "") + name + "-" + suffix)
                .toLowerCase(java.util.Locale.ROOT);
    }

    private static boolean alike(BalancerRow one, BalancerRow other) {
        return one.scheme().equals(other.scheme())
                && one.application() == other.application()
                && one.addressType().equals(other.addressType())
                && one.tags().equals(other.tags())
                && new HashSet<>(one.securityGroups()).equals(new HashSet<>(other.securityGroups()))
                && subnets(one).equals(subnets(other));
    }

    private static Set<String> subnets(BalancerRow row) {
        Set<String> all = new HashSet<>();
        row.places().stream().filter(each -> !each.leaving()).forEach(each -> all.add(each.subnet()));
        return all;
    }

    static String name(String name) {
        if (name.length() > 32) {
            throw ElbFaults.validation("Load balancer name '" + name + "' cannot be longer than '32' characters");
        }
        if (!name.matches(NAME)) {
            throw ElbFaults.validation(
                    "The load balancer name '" + name
                            + "' can only contain characters that are alphanumeric characters and hyphens(-), and cannot begin or end with a hyphen");
        }
        if (name.startsWith("internal-")) {
            throw ElbFaults.validation("The load balancer name '" + name + "' cannot begin with 'internal-'");
        }
        return name;
    }

    private List<Place> places(
            Scope scope, List<String> subnets, List<SubnetMapping> mappings, boolean application, String scheme) {
        if (subnets.isEmpty() == mappings.isEmpty()) {
            throw ElbFaults.validation(
                    subnets.isEmpty()
                            ? "At least one subnet must be specified"
                            : "You cannot specify both subnets and subnet mappings");
        }
        List<SubnetMapping> wanted = mappings.isEmpty()
                ? subnets.stream()
                        .map(each -> new SubnetMapping().subnetId(each))
                        .toList()
                : mappings;
        List<String> names =
                wanted.stream().map(each -> String.valueOf(each.subnetId())).toList();
        List<Subnet> found = neighbours.subnets(scope, names);
        Set<String> zones = new HashSet<>();
        List<Place> places = new ArrayList<>();
        for (int i = 0; i < found.size(); i++) {
            Subnet subnet = found.get(i);
            SubnetMapping mapping = wanted.get(i);
            if (!zones.add(String.valueOf(subnet.availabilityZone()))) {
                throw ElbFaults.configuration(
                        "A load balancer cannot be attached to multiple subnets in the same Availability Zone");
            }
            if (!Objects.equals(subnet.vpcId(), found.getFirst().vpcId())) {
                throw Fault.of(
                        new InvalidSubnetException(),
                        "All subnets must belong to the same VPC: '"
                                + found.getFirst().vpcId() + "'");
            }
            boolean fixed = mapping.allocationId() != null || mapping.privateIpv4Address() != null;
            if (application && fixed) {
                throw ElbFaults.configuration(
                        "Subnet mappings with addresses are not supported for Application Load Balancers");
            }
            if (mapping.allocationId() != null && scheme.equals("internal")) {
                throw ElbFaults.configuration(
                        "Elastic IP addresses are only supported for internet-facing load balancers");
            }
            if (mapping.allocationId() != null && !neighbours.hasAllocation(scope, mapping.allocationId())) {
                throw Fault.of(
                        new AllocationIdNotFoundException(),
                        "The allocation IDs '" + mapping.allocationId() + "' are not available for use");
            }
            places.add(Place.of(
                    String.valueOf(subnet.subnetId()),
                    String.valueOf(subnet.availabilityZone()),
                    mapping.allocationId(),
                    mapping.privateIpv4Address()));
        }
        if (application && places.size() < 2) {
            throw ElbFaults.validation("At least two subnets in two different Availability Zones must be specified");
        }
        return places;
    }

    static List<BalancerRow> alive(ReadTx tx, Scope scope) {
        return Rows.all(tx, scope, ElbTables.BALANCERS).stream()
                .filter(each -> each.alive() && !each.classic())
                .toList();
    }

    DeleteLoadBalancerOutput delete(DeleteLoadBalancerInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            BalancerRow row;
            try {
                row = Rows.balancer(tx, scope, in.loadBalancerArn());
            } catch (Fault e) {
                if (e.code().equals("LoadBalancerNotFound")) {
                    return;
                }
                throw e;
            }
            if (Settings.of(row)
                    .get(row.attributes(), "deletion_protection.enabled")
                    .equals("true")) {
                throw ElbFaults.notPermitted("Load balancer '" + in.loadBalancerArn()
                        + "' cannot be deleted because deletion protection is enabled");
            }
            boolean behind = Rows.all(tx, scope, ElbTables.TARGETS).stream()
                    .anyMatch(each -> each.target().equals(in.loadBalancerArn()) && each.drainedAt() == null);
            if (behind) {
                throw ElbFaults.inUse("Load balancer '" + in.loadBalancerArn()
                        + "' cannot be deleted because it is currently registered as a target");
            }
            Rows.listeners(tx, scope, row.id()).forEach(each -> Listeners.delete(tx, scope, each));
            tx.put(ElbTables.BALANCERS, scope.key(row.id()), row.in(ElbTables.DELETING, null));
        });
        return new DeleteLoadBalancerOutput();
    }

    DescribeLoadBalancersOutput describe(DescribeLoadBalancersInput in, Call call) {
        Scope scope = Rows.scope(call);
        List<String> names = in.names();
        List<String> arns = in.loadBalancerArns();
        if (!names.isEmpty() && !arns.isEmpty()) {
            throw ElbFaults.validation(
                    "Load balancer names and load balancer ARNs cannot be specified at the same time");
        }
        List<BalancerRow> all = store.read(tx -> {
            if (!arns.isEmpty()) {
                return arns.stream().map(arn -> Rows.balancer(tx, scope, arn)).toList();
            }
            return alive(tx, scope);
        });
        if (!names.isEmpty()) {
            List<BalancerRow> every = all;
            all = all.stream().filter(each -> names.contains(each.name())).toList();
            List<String> missing = names.stream()
                    .filter(name -> every.stream().noneMatch(each -> each.name().equals(name)))
                    .toList();
            if (!missing.isEmpty()) {
                throw ElbFaults.noBalancers(missing);
            }
        }
        Page<BalancerRow> page = pager.list(
                all,
                BalancerRow::id,
                "DescribeLoadBalancers " + scope + names + arns,
                in.marker(),
                size(in.pageSize()));
        return new DescribeLoadBalancersOutput()
                .loadBalancers(
                        page.items().stream().map(each -> told(scope, each)).toList())
                .nextMarker(page.next());
    }

    static int size(@Nullable Integer wanted) {
        return wanted == null ? PAGE : Math.clamp(wanted, 1, PAGE);
    }

    static String dnsName(Scope scope, BalancerRow row) {
        return row.application()
                ? row.dnsLabel() + "." + scope.region() + ".elb.amazonaws.com"
                : row.dnsLabel() + ".elb." + scope.region() + ".amazonaws.com";
    }

    static LoadBalancer told(Scope scope, BalancerRow row) {
        return new LoadBalancer()
                .loadBalancerArn(ElbTables.balancerArn(scope, row.id()))
                .dnsName(dnsName(scope, row))
                .canonicalHostedZoneId(row.application() ? APPLICATION_ZONE : NETWORK_ZONE)
                .createdTime(row.created())
                .loadBalancerName(row.name())
                .scheme(row.scheme())
                .vpcId(row.vpc())
                .state(new LoadBalancerState().code(row.state()).reason(row.reason()))
                .type(row.application() ? "application" : "network")
                .availabilityZones(zones(row))
                .securityGroups(row.securityGroups())
                .ipAddressType(row.addressType())
                .enforceSecurityGroupInboundRulesOnPrivateLinkTraffic(row.enforcePrivateLink());
    }

    private static List<AvailabilityZone> zones(BalancerRow row) {
        return row.places().stream()
                .filter(each -> !each.leaving())
                .map(each -> {
                    AvailabilityZone zone =
                            new AvailabilityZone().zoneName(each.zone()).subnetId(each.subnet());
                    if (each.allocation() != null) {
                        zone.loadBalancerAddresses(List.of(new LoadBalancerAddress()
                                .allocationId(each.allocation())
                                .ipAddress(each.publicAddress())));
                    } else if (each.wanted() != null) {
                        zone.loadBalancerAddresses(
                                List.of(new LoadBalancerAddress().privateIpv4Address(each.wanted())));
                    } else {
                        zone.loadBalancerAddresses(List.of());
                    }
                    return zone;
                })
                .toList();
    }

    DescribeLoadBalancerAttributesOutput attributes(DescribeLoadBalancerAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        BalancerRow row = store.read(tx -> Rows.balancer(tx, scope, in.loadBalancerArn()));
        return new DescribeLoadBalancerAttributesOutput().attributes(attributes(row));
    }

    private static List<LoadBalancerAttribute> attributes(BalancerRow row) {
        return Settings.of(row).all(row.attributes()).entrySet().stream()
                .map(each -> new LoadBalancerAttribute().key(each.getKey()).value(each.getValue()))
                .toList();
    }

    ModifyLoadBalancerAttributesOutput modify(ModifyLoadBalancerAttributesInput in, Call call) {
        Scope scope = Rows.scope(call);
        Map<String, String> changes = new LinkedHashMap<>();
        in.attributes()
                .forEach(each -> changes.put(String.valueOf(each.key()), each.value() == null ? "" : each.value()));
        BalancerRow after = store.transact(tx -> {
            BalancerRow row = Rows.balancer(tx, scope, in.loadBalancerArn());
            BalancerRow now = row.attributes(Settings.of(row).changed(row.attributes(), changes, "Load balancer"));
            for (String log : List.of("access_logs", "connection_logs", "health_check_logs")) {
                boolean homeless = "true".equals(now.attributes().get(log + ".s3.enabled"))
                        && now.attributes().getOrDefault(log + ".s3.bucket", "").isEmpty();
                if (homeless) {
                    throw ElbFaults.configuration("The value of '" + log + ".s3.bucket' cannot be empty");
                }
            }
            tx.put(ElbTables.BALANCERS, scope.key(row.id()), now);
            return now;
        });
        return new ModifyLoadBalancerAttributesOutput().attributes(attributes(after));
    }

    SetSubnetsOutput setSubnets(SetSubnetsInput in, Call call) {
        Scope scope = Rows.scope(call);
        BalancerRow before = store.read(tx -> Rows.balancer(tx, scope, in.loadBalancerArn()));
        List<Place> wanted = places(scope, in.subnets(), in.subnetMappings(), before.application(), before.scheme());
        BalancerRow after = store.transact(tx -> {
            BalancerRow row = Rows.balancer(tx, scope, in.loadBalancerArn());
            List<Place> places = new ArrayList<>();
            for (Place each : wanted) {
                places.add(row.places().stream()
                        .filter(old -> old.subnet().equals(each.subnet()) && !old.leaving())
                        .findFirst()
                        .orElse(each));
            }
            for (Place old : row.places()) {
                boolean stays = places.contains(old);
                if (!stays && old.eni() != null) {
                    places.add(old.left());
                }
            }
            BalancerRow now = row.at(places);
            tx.put(ElbTables.BALANCERS, scope.key(row.id()), now);
            return now;
        });
        return new SetSubnetsOutput().availabilityZones(zones(after)).ipAddressType(after.addressType());
    }

    SetSecurityGroupsOutput setSecurityGroups(SetSecurityGroupsInput in, Call call) {
        Scope scope = Rows.scope(call);
        BalancerRow before = store.read(tx -> Rows.balancer(tx, scope, in.loadBalancerArn()));
        if (!before.application() && before.securityGroups().isEmpty()) {
            throw ElbFaults.configuration(
                    "You cannot set security groups on a load balancer that was created without any security groups");
        }
        List<String> groups = neighbours.groups(scope, before.vpc(), in.securityGroups());
        store.write(tx -> {
            BalancerRow row = Rows.balancer(tx, scope, in.loadBalancerArn());
            String enforce = in.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic();
            tx.put(
                    ElbTables.BALANCERS,
                    scope.key(row.id()),
                    row.grouped(groups, enforce == null ? row.enforcePrivateLink() : enforce));
        });
        return new SetSecurityGroupsOutput()
                .securityGroupIds(groups)
                .enforceSecurityGroupInboundRulesOnPrivateLinkTraffic(
                        in.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic());
    }

    SetIpAddressTypeOutput setAddressType(SetIpAddressTypeInput in, Call call) {
        Scope scope = Rows.scope(call);
        store.read(tx -> Rows.balancer(tx, scope, in.loadBalancerArn()));
        if (!"ipv4".equals(in.ipAddressType())) {
            throw ElbFaults.configuration(
                    "IP address type '" + in.ipAddressType() + "' is not implemented by Haneul yet");
        }
        return new SetIpAddressTypeOutput().ipAddressType("ipv4");
    }
}
