package dev.haneul.services.route53;

import dev.haneul.api.route53.*;
import dev.haneul.api.runtime.Fault;
import java.util.List;

/** The errors of Route 53. */
final class Route53Faults {
    private Route53Faults() {}

    static Fault noZone(String id) {
        return Fault.of(new NoSuchHostedZone(), "No hosted zone found with ID: " + id);
    }

    static Fault invalid(String message) {
        return Fault.of(new InvalidInput(), message);
    }

    static Fault domain(String name) {
        return Fault.of(new InvalidDomainName(), "The domain name " + name + " is not valid.");
    }

    static Fault batch(List<String> messages) {
        return Fault.of(new InvalidChangeBatch(), "[" + String.join(", ", messages) + "]");
    }

    static Fault vpc(String id) {
        return Fault.of(
                new InvalidVPCId(),
                "The VPC ID " + id + " that you specified either isn't a valid ID or the current account is not"
                        + " authorized to access this VPC.");
    }

    static Fault unbuilt(String what) {
        return Fault.server("NotImplemented", 501, what + " is not implemented by Haneul yet.");
    }
}
