package dev.haneul.services.iam;

import dev.haneul.api.iam.DeleteConflictException;
import dev.haneul.api.iam.EntityAlreadyExistsException;
import dev.haneul.api.iam.InvalidInputException;
import dev.haneul.api.iam.LimitExceededException;
import dev.haneul.api.iam.MalformedPolicyDocumentException;
import dev.haneul.api.iam.NoSuchEntityException;
import dev.haneul.api.iam.UnmodifiableEntityException;
import dev.haneul.api.runtime.Fault;

/** IAM's errors. */
final class IamFaults {
    private IamFaults() {}

    static Fault noSuchEntity(String message) {
        return Fault.of(new NoSuchEntityException(), message);
    }

    static Fault alreadyExists(String message) {
        return Fault.of(new EntityAlreadyExistsException(), message);
    }

    static Fault deleteConflict(String message) {
        return Fault.of(new DeleteConflictException(), message);
    }

    static Fault quota(String name, int limit) {
        return limit("Cannot exceed quota for " + name + ": " + limit);
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    static Fault invalidInput(String message) {
        return Fault.of(new InvalidInputException(), message);
    }

    static Fault malformedPolicy(String message) {
        return Fault.of(new MalformedPolicyDocumentException(), message);
    }

    static Fault unmodifiable(String message) {
        return Fault.of(new UnmodifiableEntityException(), message);
    }

    /** Input the model allows and IAM does not. */
    static Fault validation(String message) {
        return Fault.client("ValidationError", 400, message);
    }
}
