package dev.haneul.services.kms;

import dev.haneul.api.kms.*;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;

/** The errors of KMS. */
final class KmsFaults {
    private KmsFaults() {}

    static Fault noKey(String arn) {
        return Fault.of(new NotFoundException(), "Key '" + arn + "' does not exist");
    }

    static Fault badKeyId(String id) {
        return Fault.of(new NotFoundException(), "Invalid keyId '" + id + "'");
    }

    static Fault noAlias(String arn) {
        return Fault.of(new NotFoundException(), "Alias " + arn + " is not found.");
    }

    static Fault badArn(String arn) {
        return Fault.of(new InvalidArnException(), "Invalid arn " + arn);
    }

    static Fault disabled(String arn) {
        return Fault.of(new DisabledException(), arn + " is disabled.");
    }

    static Fault state(String arn, String why) {
        return Fault.of(new KMSInvalidStateException(), arn + " " + why);
    }

    static Fault usage(String arn, String usage, String operation) {
        return Fault.of(
                new InvalidKeyUsageException(),
                arn + " key usage is " + usage + " which is not valid for " + operation + ".");
    }

    static Fault algorithm(String algorithm, String spec) {
        return Fault.of(
                new InvalidKeyUsageException(),
                "Algorithm " + algorithm + " and key spec " + spec + " are incompatible.");
    }

    static Fault unsupported(String message) {
        return Fault.of(new KmsUnsupportedOperationException(), message);
    }

    static Fault badCiphertext() {
        return Fault.client("InvalidCiphertextException", 400, "");
    }

    static Fault otherKey() {
        return Fault.of(
                new IncorrectKeyException(),
                "The key ID in the request does not identify a CMK that can perform this operation.");
    }

    static Fault badMarker() {
        return Fault.of(new InvalidMarkerException(), "Invalid marker.");
    }

    static Fault dryRun() {
        return Fault.of(
                new DryRunOperationException(), "The request would have succeeded, but the DryRun option is set.");
    }

    static Fault denied(String message) {
        return Faults.accessDenied(message);
    }

    static Fault validation(String message) {
        return Faults.validation(message);
    }

    static Fault managed(String arn) {
        return Fault.client("AccessDeniedException", 400, "The AWS managed key " + arn + " cannot be changed.");
    }
}
