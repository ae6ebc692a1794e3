package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.InvalidAttributeName;
import dev.haneul.api.sqs.InvalidAttributeValue;
import dev.haneul.api.sqs.KmsAccessDenied;
import dev.haneul.api.sqs.KmsDisabled;
import dev.haneul.api.sqs.KmsInvalidKeyUsage;
import dev.haneul.api.sqs.KmsInvalidState;
import dev.haneul.api.sqs.KmsNotFound;
import dev.haneul.api.sqs.KmsThrottled;
import dev.haneul.api.sqs.MessageNotInflight;
import dev.haneul.api.sqs.OverLimit;
import dev.haneul.api.sqs.QueueDoesNotExist;
import dev.haneul.api.sqs.ReceiptHandleIsInvalid;
import dev.haneul.api.sqs.RequestThrottled;
import dev.haneul.api.sqs.ResourceNotFoundException;
import dev.haneul.api.sqs.UnsupportedOperation;

/** The errors of SQS. */
final class SqsFaults {
    private static final int BAD_REQUEST = 400;

    private SqsFaults() {}

    static Fault noQueue() {
        return Fault.of(new QueueDoesNotExist(), "The specified queue does not exist.");
    }

    static Fault noSource() {
        return Fault.of(
                new ResourceNotFoundException(),
                "The resource that you specified for the SourceArn parameter doesn't exist.");
    }

    static Fault noTask() {
        return Fault.of(new ResourceNotFoundException(), "The task handle provided doesn't exist.");
    }

    static Fault parameter(String name, Object value, String reason) {
        return Fault.client(
                "InvalidParameterValue",
                BAD_REQUEST,
                "Value " + value + " for parameter " + name + " is invalid. Reason: " + reason);
    }

    static Fault invalid(String message) {
        return Fault.client("InvalidParameterValue", BAD_REQUEST, message);
    }

    static Fault missing(String name) {
        return Fault.client("MissingParameter", BAD_REQUEST, "The request must contain the parameter " + name + ".");
    }

    static Fault attribute(String name) {
        return Fault.of(new InvalidAttributeValue(), "Invalid value for the parameter " + name + ".");
    }

    static Fault attributeName(String name) {
        return Fault.of(new InvalidAttributeName(), "Unknown Attribute " + name + ".");
    }

    static Fault receipt(String handle) {
        return Fault.of(
                new ReceiptHandleIsInvalid(),
                "The input receipt handle \"" + handle + "\" is not a valid receipt handle.");
    }

    static Fault expiredReceipt(String handle) {
        return parameter("ReceiptHandle", handle, "The receipt handle has expired.");
    }

    static Fault notInFlight(String handle) {
        return Fault.of(
                new MessageNotInflight(),
                "Value " + handle
                        + " for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available"
                        + " for visibility timeout change.");
    }

    static Fault overLimit(String message) {
        return Fault.of(new OverLimit(), message);
    }

    /** More than the region keeps in mind at once. */
    static Fault throttled() {
        return Fault.of(
                new RequestThrottled(),
                "The request was denied due to request throttling: the region holds as many messages as it can.");
    }

    static Fault unsupported(String message) {
        return Fault.of(new UnsupportedOperation(), message);
    }

    /** What KMS answers, as SQS passes it on. */
    static Fault ofKms(Fault kms) {
        return switch (kms.code()) {
            case "AccessDeniedException", "AccessDenied" -> Fault.of(new KmsAccessDenied(), kms.message());
            case "DisabledException" -> Fault.of(new KmsDisabled(), kms.message());
            case "NotFoundException" -> Fault.of(new KmsNotFound(), kms.message());
            case "KMSInvalidStateException" -> Fault.of(new KmsInvalidState(), kms.message());
            case "InvalidKeyUsageException" -> Fault.of(new KmsInvalidKeyUsage(), kms.message());
            case "LimitExceededException", "ThrottlingException" -> Fault.of(new KmsThrottled(), kms.message());
            default -> kms;
        };
    }
}
