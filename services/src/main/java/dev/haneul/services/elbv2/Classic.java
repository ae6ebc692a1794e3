package dev.haneul.services.elbv2;

import dev.haneul.api.elb.*;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Ids;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.WriteTx;
import dev.haneul.services.elbv2.ClassicTables.ClassicRow;
import dev.haneul.services.elbv2.ClassicTables.HealthRow;
import dev.haneul.services.elbv2.ClassicTables.PortRow;
import dev.haneul.services.elbv2.ElbTables.BalancerRow;
import dev.haneul.services.elbv2.ElbTables.Place;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Classic Load Balancers: made, changed, removed. */
final class Classic {
    static final String IDLE = "idle_timeout";
    static final String CROSS_ZONE = "cross_zone";
    static final String DRAINING = "draining";
    static final String DRAINING_SECONDS = "draining_seconds";
    static final String DESYNC = "elb.http.desyncmitigationmode";
    /** What attributes are before anybody sets them. */
    static final Map<String, String> INITIAL =
            Map.of(IDLE, "60", CROSS_ZONE, "false", DRAINING, "false", DRAINING_SECONDS, "300", DESYNC, "defensive");

    private static final int MOST = 20;
    private static final int MOST_PORTS = 100;
    private static final int MOST_INSTANCES = 1000;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?");
    private static final Set<String> PROTOCOLS = Set.of("HTTP", "HTTPS", "TCP", "SSL");
    private static final Pattern CHECK =
            Pattern.compile("(TCP|SSL):([1-9][0-9]{0,4})|(HTTP|HTTPS):([1-9][0-9]{0,4})/[!-~]{0,1023}");

    private final Store store;
    private final InstantSource clock;
    private final Ids ids;
    private final Neighbours neighbours;
    private final Certificates certificates;

    Classic(Store store, InstantSource clock, Ids ids, Neighbours neighbours, Certificates certificates) {
        this.store = store;
        this.clock = clock;
        this.ids = ids;
        this.neighbours = neighbours;
        this.certificates = certificates;
    }

    /** A load balancer's both rows. */
    record Both(BalancerRow balancer, ClassicRow classic) {}

    static Fault invalid(String message) {
        return Fault.of(new InvalidConfigurationRequestException(), message);
    }

    static Fault validation(String message) {
        return Fault.client("ValidationError", 400, message);
    }

    private static Fault missing(String name) {
        return Fault.of(new AccessPointNotFoundException(), "There is no ACTIVE Load Balancer named '" + name + "'");
    }

    static Both require(ReadTx tx, Scope scope, String name) {
        Both found = find(tx, scope, name);
        if (found == null) {
            throw missing(name);
        }
        return found;
    }

    private static @Nullable Both find(ReadTx tx, Scope scope, String name) {
        BalancerRow balancer = tx.get(ElbTables.BALANCERS, scope.key(ClassicTables.id(name)))
                .map(Row::value)
                .filter(BalancerRow::alive)
                .orElse(null);
        ClassicRow classic = tx.get(ClassicTables.CLASSICS, scope.key(ClassicTables.id(name)))
                .map(Row::value)
                .orElse(null);
        return balancer == null || classic == null ? null : new Both(balancer, classic);
    }

    static List<Both> all(ReadTx tx, Scope scope) {
        return Rows.all(tx, scope, ElbTables.BALANCERS).stream()
                .filter(each -> each.classic() && each.alive())
                .map(each -> find(tx, scope, each.name()))
                .filter(each -> each != null)
                .toList();
    }

    /** Changes what it does. */
    ClassicRow change(Call call, String name, UnaryOperator<ClassicRow> how) {
        Scope scope = Rows.scope(call);
        return store.transact(tx -> {
            ClassicRow now = how.apply(require(tx, scope, name).classic());
            tx.put(ClassicTables.CLASSICS, scope.key(ClassicTables.id(name)), now);
            return now;
        });
    }

    /** Changes what it is. */
    BalancerRow alter(Call call, String name, BiFunction<WriteTx, BalancerRow, BalancerRow> how) {
        Scope scope = Rows.scope(call);
        return store.transact(tx -> {
            BalancerRow now = how.apply(tx, require(tx, scope, name).balancer());
            tx.put(ElbTables.BALANCERS, scope.key(now.id()), now);
            return now;
        });
    }

    CreateAccessPointOutput create(CreateAccessPointInput in, Call call) {
        Scope scope = Rows.scope(call);
        String name = in.loadBalancerName();
        if (!NAME.matcher(name).matches() || name.startsWith("internal-")) {
            throw validation("LoadBalancer name '" + name + "' must contain only alphanumeric characters or hyphens,"
                    + " at most 32, and must not begin or end with a hyphen");
        }
        List<PortRow> ports = merged(List.of(), ports(scope, in.listeners()));
        if (ports.isEmpty()) {
            throw validation("Listeners cannot be empty");
        }
        String scheme = in.scheme() == null ? "internet-facing" : in.scheme();
        if (!Set.of("internet-facing", "internal").contains(scheme)) {
            throw Fault.of(new InvalidSchemeException(), "Invalid scheme: " + scheme);
        }
        List<Place> places = places(scope, in.subnets(), in.availabilityZones());
        String vpc = String.valueOf(neighbours
                .subnets(scope, List.of(places.getFirst().subnet()))
                .getFirst()
                .vpcId());
        List<String> groups = groups(scope, vpc, in.securityGroups());
        Map<String, String> tags = ClassicTags.checked(in.tags());
        String number = ids.hex(7);
        String label = ((scheme.equals("internal") ? "internal-" : "") + name + "-"
                        + (1_000_000_000L + Long.parseLong(number, 16) * 4))
                .toLowerCase(Locale.ROOT);
        BalancerRow row = new BalancerRow(
                ClassicTables.id(name),
                name,
                scheme,
                vpc,
                "ipv4",
                places,
                groups,
                label,
                clock.instant(),
                ElbTables.PROVISIONING,
                null,
                Map.of(),
                tags,
                null);
        ClassicRow does = new ClassicRow(
                name,
                ports,
                List.of(),
                new HealthRow("TCP:" + ports.getFirst().instancePort(), 30, 5, 2, 10),
                Map.of(),
                Map.of());
        return new CreateAccessPointOutput().dnsName(dns(scope, put(scope, row, does)));
    }

    /** Puts both rows; the same asked for again is what there is. */
    private BalancerRow put(Scope scope, BalancerRow row, ClassicRow does) {
        return store.transact(tx -> {
            Both same = find(tx, scope, row.name());
            if (same != null) {
                if (!same.classic().ports().equals(does.ports())
                        || !same.balancer().scheme().equals(row.scheme())
                        || !new HashSet<>(same.balancer().securityGroups())
                                .equals(new HashSet<>(row.securityGroups()))) {
                    throw Fault.of(
                            new DuplicateAccessPointNameException(),
                            "Load Balancer named '" + row.name() + "' already exists and it is configured with"
                                    + " different parameters.");
                }
                return same.balancer();
            }
            if (tx.get(ElbTables.BALANCERS, scope.key(row.id())).isPresent()) {
                throw Fault.of(
                        new OperationNotPermittedException(),
                        "Load Balancer '" + row.name() + "' is being deleted still");
            }
            if (all(tx, scope).size() >= MOST) {
                throw Fault.of(new TooManyAccessPointsException(), "Exceeded quota of account " + scope.account());
            }
            tx.put(ClassicTables.CLASSICS, scope.key(row.id()), does);
            tx.put(ElbTables.BALANCERS, scope.key(row.id()), row);
            return row;
        });
    }

    static String dns(Scope scope, BalancerRow row) {
        return row.dnsLabel() + "." + scope.region() + ".elb.amazonaws.com";
    }

    private List<String> groups(Scope scope, String vpc, List<String> named) {
        try {
            return neighbours.groups(scope, vpc, named);
        } catch (Fault e) {
            throw Fault.of(new InvalidSecurityGroupException(), "One or more security groups are invalid");
        }
    }

    /** The subnets named, or the default one of each zone named. */
    private List<Place> places(Scope scope, List<String> subnets, List<String> zones) {
        if (subnets.isEmpty() == zones.isEmpty()) {
            throw validation(
                    subnets.isEmpty()
                            ? "Either AvailabilityZones or SubnetIds must be specified"
                            : "Only one of SubnetIds or AvailabilityZones may be specified");
        }
        List<dev.haneul.api.ec2.Subnet> found;
        if (subnets.isEmpty()) {
            found = neighbours.defaultSubnets(scope, zones);
            if (found.size() != new HashSet<>(zones).size()) {
                throw validation("Invalid availability zone(s): " + String.join(", ", zones));
            }
        } else {
            try {
                found = neighbours.subnets(scope, subnets);
            } catch (Fault e) {
                throw Fault.of(new SubnetNotFoundException(), e.message());
            }
        }
        Set<String> seen = new HashSet<>();
        List<Place> places = new ArrayList<>();
        for (dev.haneul.api.ec2.Subnet each : found) {
            String zone = String.valueOf(each.availabilityZone());
            if (!seen.add(zone)) {
                throw invalid("ELB cannot be attached to multiple subnets in the same AZ.");
            }
            places.add(Place.of(String.valueOf(each.subnetId()), zone, null, null));
        }
        return places;
    }

    /** Ports as they were asked for, looked at; not within a transaction, for certificates are looked up. */
    List<PortRow> ports(Scope scope, List<Listener> asked) {
        return asked.stream().map(each -> port(scope, each)).toList();
    }

    /** Ports as they are with these added. */
    static List<PortRow> merged(List<PortRow> before, List<PortRow> added) {
        List<PortRow> after = new ArrayList<>(before);
        for (PortRow row : added) {
            PortRow same = after.stream()
                    .filter(other -> other.port() == row.port())
                    .findFirst()
                    .orElse(null);
            if (same != null && !same.following(List.of()).equals(row)) {
                throw Fault.of(
                        new DuplicateListenerException(),
                        "A listener already exists for " + row.port() + ", but with a different configuration");
            }
            if (same == null) {
                after.add(row);
            }
        }
        if (after.size() > MOST_PORTS) {
            throw invalid("A load balancer can have at most " + MOST_PORTS + " listeners");
        }
        return List.copyOf(after);
    }

    private PortRow port(Scope scope, Listener in) {
        String protocol = in.protocol().toUpperCase(Locale.ROOT);
        boolean http = protocol.startsWith("HTTP");
        String behind = in.instanceProtocol() == null
                ? (http ? "HTTP" : "TCP")
                : in.instanceProtocol().toUpperCase(Locale.ROOT);
        if (!PROTOCOLS.contains(protocol) || !PROTOCOLS.contains(behind)) {
            throw Fault.of(
                    new UnsupportedProtocolException(),
                    "Protocol must be one of HTTP, HTTPS, TCP, SSL, and was " + in.protocol());
        }
        if (http != behind.startsWith("HTTP")) {
            throw invalid("InstanceProtocol " + behind + " and protocol " + protocol + " are of different layers");
        }
        if (in.loadBalancerPort() < 1 || in.loadBalancerPort() > 65_535) {
            throw validation("LoadBalancerPort must be between 1 and 65535, and was " + in.loadBalancerPort());
        }
        String certificate = in.sslCertificateId();
        if (!ClassicTable.encrypted(protocol)) {
            certificate = null;
        } else if (certificate == null) {
            throw invalid("SSLCertificateId is required for the protocol " + protocol);
        } else {
            certificate(scope, certificate);
        }
        return new PortRow(in.loadBalancerPort(), protocol, in.instancePort(), behind, certificate, List.of());
    }

    void certificate(Scope scope, String arn) {
        if (certificates.find(scope, arn).isEmpty()) {
            throw Fault.of(new CertificateNotFoundException(), "Server Certificate not found for the key: " + arn);
        }
    }

    /** Removes it; one that is gone is well. */
    void delete(String name, Call call) {
        Scope scope = Rows.scope(call);
        store.write(tx -> {
            Both found = find(tx, scope, name);
            if (found != null) {
                tx.delete(ClassicTables.CLASSICS, scope.key(found.balancer().id()));
                tx.put(
                        ElbTables.BALANCERS,
                        scope.key(found.balancer().id()),
                        found.balancer().in(ElbTables.DELETING, null));
            }
        });
    }

    static HealthRow check(HealthCheck in) {
        if (!CHECK.matcher(in.target()).matches()) {
            throw validation("HealthCheck Target '" + in.target()
                    + "' must be TCP:port, SSL:port, HTTP:port/path or HTTPS:port/path");
        }
        if (in.timeout() >= in.interval()) {
            throw validation("HealthCheck timeout must be less than interval.");
        }
        return new HealthRow(in.target(), in.interval(), in.timeout(), in.unhealthyThreshold(), in.healthyThreshold());
    }

    List<String> register(String name, List<Instance> added, Call call) {
        Scope scope = Rows.scope(call);
        Set<String> wanted = new LinkedHashSet<>();
        added.forEach(each -> wanted.add(String.valueOf(each.instanceId())));
        Map<String, Neighbours.Found> found = neighbours.instances(scope, wanted);
        for (String id : wanted) {
            if (!found.containsKey(id)) {
                throw Fault.of(new InvalidEndPointException(), "Could not find EC2 instance " + id + ".");
            }
        }
        String vpc = store.read(tx -> require(tx, scope, name)).balancer().vpc();
        found.forEach((id, each) -> {
            if (!vpc.equals(each.vpc())) {
                throw Fault.of(
                        new InvalidEndPointException(), "EC2 instance " + id + " is not in the same VPC as ELB.");
            }
        });
        return change(call, name, row -> {
                    Set<String> all = new LinkedHashSet<>(row.instances());
                    all.addAll(wanted);
                    if (all.size() > MOST_INSTANCES) {
                        throw invalid("A load balancer can have at most " + MOST_INSTANCES + " instances");
                    }
                    return row.serving(List.copyOf(all));
                })
                .instances();
    }

    BalancerRow places(String name, List<String> subnets, List<String> zones, boolean adding, Call call) {
        Scope scope = Rows.scope(call);
        List<Place> wanted = adding ? places(scope, subnets, zones) : List.of();
        return alter(call, name, (tx, row) -> {
            List<Place> now = new ArrayList<>();
            for (Place each : row.places()) {
                boolean goes = !adding && (subnets.contains(each.subnet()) || zones.contains(each.zone()));
                now.add(goes ? each.left() : each);
            }
            for (Place each : wanted) {
                if (now.stream()
                        .noneMatch(other -> !other.leaving() && other.zone().equals(each.zone()))) {
                    now.add(each);
                }
            }
            if (now.stream().allMatch(Place::leaving)) {
                throw invalid("At least one Availability Zone must remain enabled");
            }
            return row.at(now);
        });
    }

    BalancerRow secure(String name, List<String> named, Call call) {
        Scope scope = Rows.scope(call);
        String vpc = store.read(tx -> require(tx, scope, name)).balancer().vpc();
        List<String> groups = groups(scope, vpc, named);
        return alter(call, name, (tx, row) -> row.grouped(groups, row.enforcePrivateLink()));
    }
}
