package dev.haneul.services.ecs.service;

import dev.haneul.api.ecs.PortMapping;
import dev.haneul.api.ecs.ServiceConnectClientAlias;
import dev.haneul.api.ecs.ServiceConnectConfiguration;
import dev.haneul.api.ecs.ServiceConnectService;
import dev.haneul.api.ecs.TaskDefinition;
import dev.haneul.services.ecs.Copies;
import dev.haneul.services.ecs.EcsFaults;
import dev.haneul.services.ecs.definition.Definitions;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** What a service may say of Service Connect. Pure. */
final class ConnectSpec {
    private static final Pattern DISCOVERY = Pattern.compile("[a-z0-9][a-z0-9_.-]{0,63}");
    private static final Pattern DNS = Pattern.compile("[a-z0-9_]([a-z0-9_.-]{0,125}[a-z0-9_])?");
    private static final int MOST_PORT = 65_535;

    private ConnectSpec() {}

    /**
     * Refuses what cannot be, and fills in what was left out.
     *
     * @param namespace the namespace's ARN
     * @param name the namespace's name
     */
    static ServiceConnectConfiguration resolve(
            ServiceConnectConfiguration asked, String namespace, String name, TaskDefinition definition) {
        if (!"awsvpc".equals(Definitions.network(definition))) {
            throw EcsFaults.unbuilt("Service Connect for tasks without a network of their own");
        }
        if (asked.accessLogConfiguration() != null) {
            throw EcsFaults.unbuilt("Service Connect's accessLogConfiguration");
        }
        Set<String> names = new HashSet<>();
        Set<String> places = new HashSet<>();
        List<ServiceConnectService> services = asked.services().stream()
                .map(each -> service(each, name, definition))
                .toList();
        for (ServiceConnectService each : services) {
            if (!names.add(each.discoveryName())) {
                throw EcsFaults.invalid("serviceConnectConfiguration discoveryName must be unique.");
            }
            for (ServiceConnectClientAlias alias : each.clientAliases()) {
                if (!places.add(alias.dnsName() + ":" + alias.port())) {
                    throw EcsFaults.invalid(
                            "serviceConnectConfiguration clientAliases must have unique dnsName and port pairs.");
                }
            }
        }
        return Copies.of(asked).namespace(namespace).services(services);
    }

    private static ServiceConnectService service(
            ServiceConnectService asked, String namespace, TaskDefinition definition) {
        if (asked.tls() != null) {
            throw EcsFaults.unbuilt("Service Connect's TLS");
        }
        if (asked.ingressPortOverride() != null) {
            throw EcsFaults.unbuilt("Service Connect's ingressPortOverride");
        }
        PortMapping port = port(definition, asked.portName())
                .orElseThrow(() -> EcsFaults.invalid("serviceConnectConfiguration portName does not refer to any named "
                        + "PortMapping in the task definition."));
        if ("udp".equals(port.protocol())) {
            throw EcsFaults.invalid(
                    "serviceConnectConfiguration portName must refer to a PortMapping with the protocol " + "tcp.");
        }
        String discovery = Objects.requireNonNullElse(asked.discoveryName(), asked.portName());
        if (!DISCOVERY.matcher(discovery).matches()) {
            throw EcsFaults.invalid("Invalid discoveryName in serviceConnectConfiguration: " + discovery
                    + ". Up to 64 lowercase letters, numbers, underscores, hyphens and periods are allowed.");
        }
        if (asked.clientAliases().size() > 1) {
            throw EcsFaults.invalid("clientAliases can have at most 1 items.");
        }
        ServiceConnectService whole = Copies.of(asked).discoveryName(discovery);
        return whole.clientAliases(whole.clientAliases().stream()
                .map(alias -> alias(whole, alias, namespace))
                .toList());
    }

    private static ServiceConnectClientAlias alias(
            ServiceConnectService service, ServiceConnectClientAlias asked, String namespace) {
        if (asked.testTrafficRules() != null) {
            throw EcsFaults.unbuilt("Service Connect's testTrafficRules");
        }
        if (asked.port() < 1 || asked.port() > MOST_PORT) {
            throw EcsFaults.invalid("clientAliases port must be between 1 and " + MOST_PORT + ".");
        }
        String name = name(service, asked, namespace);
        if (!DNS.matcher(name).matches()) {
            throw EcsFaults.invalid("Invalid dnsName in serviceConnectConfiguration: " + name
                    + ". Up to 127 lowercase letters, numbers, underscores, hyphens and periods are allowed.");
        }
        return Copies.of(asked).dnsName(name);
    }

    /** What clients call an endpoint; {@code discoveryName.namespace} where it says nothing else. */
    private static String name(ServiceConnectService service, ServiceConnectClientAlias alias, String namespace) {
        String given = alias.dnsName();
        return given == null || given.isEmpty() ? service.discoveryName() + "." + namespace : given;
    }

    /** The port mapping of a name. */
    static Optional<PortMapping> port(TaskDefinition definition, String name) {
        return definition.containerDefinitions().stream()
                .flatMap(container -> container.portMappings().stream())
                .filter(port -> name.equals(port.name()))
                .findFirst();
    }
}
