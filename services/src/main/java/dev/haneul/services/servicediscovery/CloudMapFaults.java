package dev.haneul.services.servicediscovery;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.servicediscovery.*;

/** The errors of Cloud Map. */
final class CloudMapFaults {
    private CloudMapFaults() {}

    static Fault invalid(String message) {
        return Fault.of(new InvalidInput(), message);
    }

    static Fault noNamespace(String id) {
        return Fault.of(new NamespaceNotFound(), "Can't find namespace " + id);
    }

    static Fault noService(String id) {
        return Fault.of(new ServiceNotFound(), "Service not found: " + id);
    }

    static Fault noInstance(String id) {
        return Fault.of(new InstanceNotFound(), "Instance not found: " + id);
    }

    static Fault inUse(String message) {
        return Fault.of(new ResourceInUse(), message);
    }

    static Fault limit(String message) {
        return Fault.of(new ResourceLimitExceeded(), message);
    }

    static Fault badToken() {
        return invalid("Invalid NextToken.");
    }
}
