package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.*;
import dev.haneul.api.runtime.Fault;

/** The errors of CloudTrail. */
final class TrailFaults {
    private TrailFaults() {}

    static Fault noTrail(String arn, String account) {
        return Fault.of(new TrailNotFoundException(), "Unknown trail: " + arn + " for the user: " + account);
    }

    static Fault exists(String arn, String account) {
        return Fault.of(
                new TrailAlreadyExistsException(),
                "Trail " + arn.substring(arn.lastIndexOf('/') + 1) + " already exists for customer: " + account);
    }

    static Fault badName(String why) {
        return Fault.of(new InvalidTrailNameException(), why);
    }

    static Fault badArn(String message) {
        return Fault.of(new CloudTrailARNInvalidException(), message);
    }

    static Fault badSelectors(String message) {
        return Fault.of(new InvalidEventSelectorsException(), message);
    }

    static Fault badCombination(String message) {
        return Fault.of(new InvalidParameterCombinationException(), message);
    }

    static Fault badTag(String message) {
        return Fault.of(new InvalidTagParameterException(), message);
    }

    static Fault bucketPolicy(String bucket) {
        return Fault.of(
                new InsufficientS3BucketPolicyException(),
                "Incorrect S3 bucket policy is detected for bucket: " + bucket);
    }

    static Fault noBucket(String bucket) {
        return Fault.of(new S3BucketDoesNotExistException(), "S3 bucket " + bucket + " does not exist!");
    }

    static Fault badHome(String region) {
        return Fault.of(new InvalidHomeRegionException(), "The trail belongs to another region: " + region);
    }

    static Fault badToken() {
        return Fault.of(new InvalidNextTokenException(), "Invalid next token.");
    }
}
