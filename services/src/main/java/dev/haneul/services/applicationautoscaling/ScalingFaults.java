package dev.haneul.services.applicationautoscaling;

import dev.haneul.api.applicationautoscaling.InvalidNextTokenException;
import dev.haneul.api.applicationautoscaling.LimitExceededException;
import dev.haneul.api.applicationautoscaling.ObjectNotFoundException;
import dev.haneul.api.applicationautoscaling.ResourceNotFoundException;
import dev.haneul.api.applicationautoscaling.TooManyTagsException;
import dev.haneul.api.applicationautoscaling.ValidationException;
import dev.haneul.api.runtime.Fault;
import dev.haneul.services.applicationautoscaling.ScalingTables.Resource;

/** The errors of Application Auto Scaling. */
final class ScalingFaults {
    private ScalingFaults() {}

    static Fault validation(String message) {
        return Fault.of(new ValidationException(), message);
    }

    static Fault noTarget(Resource resource) {
        return Fault.of(
                new ObjectNotFoundException(),
                "No scalable target found for service namespace: " + resource.namespace() + ", resource ID: "
                        + resource.id() + ", scalable dimension: " + resource.dimension());
    }

    static Fault noPolicy(Resource resource, String name) {
        return Fault.of(
                new ObjectNotFoundException(),
                "No scaling policy found for service namespace: " + resource.namespace() + ", resource ID: "
                        + resource.id() + ", scalable dimension: " + resource.dimension() + ", policy name: " + name);
    }

    static Fault noAction(Resource resource, String name) {
        return Fault.of(
                new ObjectNotFoundException(),
                "No scheduled action found for service namespace: " + resource.namespace() + ", resource ID: "
                        + resource.id() + ", scalable dimension: " + resource.dimension() + ", scheduled action name: "
                        + name);
    }

    static Fault limit(String message) {
        return Fault.of(new LimitExceededException(), message);
    }

    static Fault noResource(String arn) {
        return Fault.of(new ResourceNotFoundException(), "No resource found for ARN: " + arn)
                .with("ResourceName", arn);
    }

    static Fault tooManyTags(int most) {
        return Fault.of(new TooManyTagsException(), "The number of tags exceeds the limit of " + most);
    }

    static Fault badToken() {
        return Fault.of(new InvalidNextTokenException(), "The next token is not valid");
    }
}
