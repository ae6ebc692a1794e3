package dev.haneul.services.organizations;

import dev.haneul.api.runtime.Fault;

/** The API's errors. All of them are the client's, with status 400. */
final class OrganizationFaults {
    private OrganizationFaults() {}

    static Fault of(String code, String message) {
        return Fault.client(code, 400, message);
    }

    static Fault notInUse() {
        return of("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.");
    }

    static Fault denied() {
        return of("AccessDeniedException", "You don't have permissions to access this resource.");
    }

    static Fault constraint(String reason, String message) {
        return of("ConstraintViolationException", message).with("Reason", reason);
    }

    static Fault invalid(String reason, String message) {
        return of("InvalidInputException", message).with("Reason", reason);
    }

    static Fault noAccount() {
        return of("AccountNotFoundException", "You specified an account that doesn't exist.");
    }

    static Fault noPolicy() {
        return of("PolicyNotFoundException", "You specified a policy that doesn't exist.");
    }

    static Fault noTarget() {
        return of("TargetNotFoundException", "You specified a target that doesn't exist.");
    }

    static Fault noParent() {
        return of("ParentNotFoundException", "You specified a parent that doesn't exist.");
    }

    static Fault noUnit() {
        return of("OrganizationalUnitNotFoundException", "You specified an organizational unit that doesn't exist.");
    }

    static Fault noHandshake() {
        return of("HandshakeNotFoundException", "You specified a handshake that doesn't exist.");
    }
}
