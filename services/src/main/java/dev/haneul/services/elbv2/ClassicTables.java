package dev.haneul.services.elbv2;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a Classic Load Balancer is besides what all load balancers are: its row stands under the same id as theirs. */
final class ClassicTables {
    static final Table<ClassicRow> CLASSICS = Table.of("elbv2.classic", RecordCodecs.of(ClassicRow.class));

    private ClassicTables() {}

    /** The id of the load balancer with this name. */
    static String id(String name) {
        return ElbTables.CLASSIC + name;
    }

    /** The id of the target group behind a port of its instances. */
    static String group(Scope scope, String name, PortRow port) {
        return ElbTables.balancerArn(scope, id(name)) + "/" + port.instanceProtocol() + "-" + port.instancePort();
    }

    /**
     * A port.
     *
     * @param protocol {@code HTTP}, {@code HTTPS}, {@code TCP} or {@code SSL}
     * @param policies by name
     */
    record PortRow(
            int port,
            String protocol,
            int instancePort,
            String instanceProtocol,
            @Nullable String certificate,
            List<String> policies) {
        PortRow certified(String arn) {
            return new PortRow(port, protocol, instancePort, instanceProtocol, arn, policies);
        }

        PortRow following(List<String> names) {
            return new PortRow(port, protocol, instancePort, instanceProtocol, certificate, names);
        }
    }

    /** A policy and its attributes. */
    record PolicyRow(String name, String type, Map<String, String> attributes) {}

    /**
     * How instances are checked.
     *
     * @param target {@code TCP:80}, {@code HTTP:80/path} and the like
     */
    record HealthRow(String target, int interval, int timeout, int unhealthy, int healthy) {}

    /**
     * What it does.
     *
     * @param instances in the order in which they were registered
     * @param backend policies of instances' ports
     */
    record ClassicRow(
            String name,
            List<PortRow> ports,
            List<String> instances,
            HealthRow check,
            Map<String, PolicyRow> policies,
            Map<String, List<String>> backend) {
        ClassicRow listening(List<PortRow> now) {
            return new ClassicRow(name, now, instances, check, policies, backend);
        }

        ClassicRow serving(List<String> now) {
            return new ClassicRow(name, ports, now, check, policies, backend);
        }

        ClassicRow checked(HealthRow now) {
            return new ClassicRow(name, ports, instances, now, policies, backend);
        }

        ClassicRow following(PolicyRow policy) {
            Map<String, PolicyRow> now = new LinkedHashMap<>(policies);
            now.put(policy.name(), policy);
            return new ClassicRow(name, ports, instances, check, now, backend);
        }

        ClassicRow without(String policy) {
            Map<String, PolicyRow> now = new LinkedHashMap<>(policies);
            now.remove(policy);
            return new ClassicRow(name, ports, instances, check, now, backend);
        }

        ClassicRow behind(int port, List<String> names) {
            Map<String, List<String>> now = new HashMap<>(backend);
            if (names.isEmpty()) {
                now.remove(String.valueOf(port));
            } else {
                now.put(String.valueOf(port), List.copyOf(names));
            }
            return new ClassicRow(name, ports, instances, check, policies, now);
        }

        /** Whether a policy is in use. */
        boolean uses(String policy) {
            List<String> used = new ArrayList<>();
            ports.forEach(each -> used.addAll(each.policies()));
            backend.values().forEach(used::addAll);
            return used.contains(policy);
        }

        /** A policy of a port by its type; null where it has none. */
        @Nullable
        PolicyRow policy(List<String> names, String type) {
            return names.stream()
                    .map(policies::get)
                    .filter(each -> each != null && each.type().equals(type))
                    .findFirst()
                    .orElse(null);
        }
    }
}
