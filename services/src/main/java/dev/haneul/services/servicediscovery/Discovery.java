package dev.haneul.services.servicediscovery;

import dev.haneul.api.servicediscovery.*;
import dev.haneul.fabric.vpc.NameSource;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.servicediscovery.CloudMapTables.InstanceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.NamespaceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.ServiceRow;
import dev.haneul.services.servicediscovery.CloudMapTables.Stage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Where the instances of a service are: for who asks by API, and for who asks by name. */
final class Discovery implements NameSource {
    private static final int MOST_NAMESPACES = 1000;
    private static final int MOST_ANSWERS = 8;
    private static final int USUAL_RESULTS = 100;

    private final Store store;
    private final RandomGenerator random;

    Discovery(Store store, RandomGenerator random) {
        this.store = store;
        this.random = random;
    }

    DiscoverInstancesResponse discover(DiscoverInstancesRequest in, Scope scope) {
        return store.read(tx -> {
            NamespaceRow namespace = Namespaces.named(tx, scope, in.namespaceName());
            ServiceRow service = service(tx, scope, namespace, in.serviceName());
            List<InstanceRow> all = new ArrayList<>(Instances.of(tx, scope, service.id()));
            all.removeIf(row -> !has(row, in.queryParameters()));
            List<InstanceRow> preferred = all.stream()
                    .filter(row -> has(row, in.optionalParameters()))
                    .toList();
            List<InstanceRow> wanted = healthy(preferred.isEmpty() ? all : preferred, in.healthStatus());
            int most = in.maxResults() == null ? USUAL_RESULTS : in.maxResults();
            return new DiscoverInstancesResponse()
                    .instances(wanted.stream()
                            .limit(most)
                            .map(row -> new HttpInstanceSummary()
                                    .instanceId(row.id())
                                    .namespaceName(namespace.name())
                                    .serviceName(service.name())
                                    .healthStatus(row.health())
                                    .attributes(row.attributes()))
                            .toList())
                    .instancesRevision(service.revision());
        });
    }

    long revision(String namespace, String service, Scope scope) {
        return store.read(tx -> service(tx, scope, Namespaces.named(tx, scope, namespace), service)
                .revision());
    }

    private static ServiceRow service(ReadTx tx, Scope scope, NamespaceRow namespace, String name) {
        return Services.named(tx, scope, namespace.id(), name).orElseThrow(() -> CloudMapFaults.noService(name));
    }

    private static boolean has(InstanceRow row, Map<String, String> wanted) {
        return wanted.entrySet().stream()
                .allMatch(each -> each.getValue().equals(row.attributes().get(each.getKey())));
    }

    /** Who is in this state of health. Instances nobody watches count as healthy. */
    private static List<InstanceRow> healthy(List<InstanceRow> all, @Nullable String filter) {
        String wanted = filter == null ? HealthStatusFilter.HEALTHY_OR_ELSE_ALL : filter;
        List<InstanceRow> well = all.stream()
                .filter(row -> !row.health().equals(HealthStatus.UNHEALTHY))
                .toList();
        return switch (wanted) {
            case HealthStatusFilter.ALL -> all;
            case HealthStatusFilter.HEALTHY -> well;
            case HealthStatusFilter.UNHEALTHY ->
                all.stream()
                        .filter(row -> row.health().equals(HealthStatus.UNHEALTHY))
                        .toList();
            default -> well.isEmpty() ? all : well;
        };
    }

    @Override
    public Optional<Answer> find(@Nullable String vpcId, String name) {
        return store.read(tx -> namespaces(tx, vpcId, name)
                .filter(row -> row.value().stage() != Stage.CREATING)
                .filter(row -> name.endsWith("." + zone(row.value())))
                .max(Comparator.comparing(row -> row.value().name().length()))
                .map(row -> answer(tx, row.key().scope(), row.value(), name)));
    }

    private static Stream<Row<NamespaceRow>> namespaces(ReadTx tx, @Nullable String vpcId, String name) {
        List<Row<NamespaceRow>> found = new ArrayList<>();
        if (vpcId != null) {
            found.addAll(tx.findAnywhere(CloudMapTables.NAMESPACES, CloudMapTables.VPC, vpcId, null, MOST_NAMESPACES));
        }
        for (int dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
            found.addAll(tx.findAnywhere(
                    CloudMapTables.NAMESPACES, CloudMapTables.PUBLIC, name.substring(dot + 1), null, 1));
        }
        return found.stream();
    }

    private static String zone(NamespaceRow row) {
        return row.name().toLowerCase(Locale.ROOT);
    }

    private Answer answer(ReadTx tx, Scope scope, NamespaceRow namespace, String name) {
        String zone = zone(namespace);
        String below = name.substring(0, name.length() - zone.length() - 1);
        ServiceRow service = Services.named(tx, scope, namespace.id(), below).orElse(null);
        if (service != null && service.dns() != null) {
            List<Entry> entries = new ArrayList<>();
            pick(Instances.of(tx, scope, service.id()), service.dns())
                    .forEach(row -> entries(row, service.dns(), name, entries));
            return new Answer(zone, true, entries);
        }
        // An instance, as records of type SRV name it.
        for (int dot = below.indexOf('.'); dot > 0; dot = below.indexOf('.', dot + 1)) {
            Optional<ServiceRow> its = Services.named(tx, scope, namespace.id(), below.substring(dot + 1));
            String id = below.substring(0, dot);
            Optional<InstanceRow> found = its.flatMap(row -> Instances.of(tx, scope, row.id()).stream()
                    .filter(each -> each.id().equalsIgnoreCase(id))
                    .findFirst());
            if (found.isPresent() && its.get().dns() != null) {
                return new Answer(
                        zone, true, addresses(found.get(), ttl(its.get().dns())));
            }
        }
        return Answer.noSuchName(zone);
    }

    /** Up to eight of those that are well, or one by chance; all count where none is well. */
    private List<InstanceRow> pick(List<InstanceRow> all, DnsConfig dns) {
        List<InstanceRow> some = new ArrayList<>(healthy(all, HealthStatusFilter.HEALTHY_OR_ELSE_ALL));
        Collections.shuffle(some, java.util.Random.from(random));
        boolean one = RoutingPolicy.WEIGHTED.equals(dns.routingPolicy());
        return some.stream().limit(one ? 1 : MOST_ANSWERS).toList();
    }

    private static void entries(InstanceRow row, DnsConfig dns, String name, List<Entry> entries) {
        Map<String, String> attributes = row.attributes();
        String alias = attributes.get(Instances.ALIAS);
        if (alias != null) {
            entries.add(new Entry(Entry.ALIAS, ttl(dns), alias));
            return;
        }
        for (DnsRecord each : dns.dnsRecords()) {
            String data = switch (each.type()) {
                case RecordType.A -> attributes.get(Instances.IPV4);
                case RecordType.AAAA -> attributes.get(Instances.IPV6);
                case RecordType.CNAME -> attributes.get(Instances.CNAME);
                default -> "1 1 " + attributes.get(Instances.PORT) + " " + row.id() + "." + name;
            };
            if (data != null) {
                entries.add(new Entry(each.type(), seconds(each), data));
            }
        }
    }

    private static List<Entry> addresses(InstanceRow row, int ttl) {
        String four = row.attributes().get(Instances.IPV4);
        String six = row.attributes().get(Instances.IPV6);
        return Stream.of(
                        four == null ? null : new Entry("A", ttl, four),
                        six == null ? null : new Entry("AAAA", ttl, six))
                .filter(Objects::nonNull)
                .toList();
    }

    private static int ttl(DnsConfig dns) {
        return seconds(dns.dnsRecords().getFirst());
    }

    private static int seconds(DnsRecord record) {
        return (int) Math.min(Integer.MAX_VALUE, record.ttl());
    }
}
