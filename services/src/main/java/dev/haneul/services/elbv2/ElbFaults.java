package dev.haneul.services.elbv2;

import dev.haneul.api.elbv2.*;
import dev.haneul.api.runtime.Fault;
import java.util.Collection;

/** Elastic Load Balancing's errors, in AWS's words. */
final class ElbFaults {
    private ElbFaults() {}

    /** A parameter that does not do. */
    static Fault validation(String message) {
        return Fault.client("ValidationError", 400, message);
    }

    static Fault configuration(String message) {
        return Fault.of(new InvalidConfigurationRequestException(), message);
    }

    static Fault notPermitted(String message) {
        return Fault.of(new OperationNotPermittedException(), message);
    }

    static Fault inUse(String message) {
        return Fault.of(new ResourceInUseException(), message);
    }

    static Fault noBalancer(String arn) {
        return Fault.of(new LoadBalancerNotFoundException(), "Load balancer '" + arn + "' not found");
    }

    static Fault noBalancers(Collection<String> names) {
        return Fault.of(
                new LoadBalancerNotFoundException(), "Load balancers '[" + String.join(", ", names) + "]' not found");
    }

    static Fault noListener(String arn) {
        return Fault.of(new ListenerNotFoundException(), "Listener '" + arn + "' not found");
    }

    static Fault noListeners() {
        return Fault.of(new ListenerNotFoundException(), "One or more listeners not found");
    }

    static Fault noRule(String arn) {
        return Fault.of(new RuleNotFoundException(), "One or more rules not found");
    }

    static Fault noGroup(String arn) {
        return Fault.of(new TargetGroupNotFoundException(), "Target groups '" + arn + "' not found");
    }

    static Fault noGroups() {
        return Fault.of(new TargetGroupNotFoundException(), "One or more target groups not found");
    }

    static Fault noStore(String arn) {
        return Fault.of(new TrustStoreNotFoundException(), "Trust store '" + arn + "' not found");
    }

    static Fault target(String message) {
        return Fault.of(new InvalidTargetException(), message);
    }

    static Fault action(String message) {
        return Fault.of(new InvalidLoadBalancerActionException(), message);
    }
}
