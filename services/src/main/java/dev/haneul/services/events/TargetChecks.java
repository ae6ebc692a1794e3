package dev.haneul.services.events;

import dev.haneul.api.events.InputTransformer;
import dev.haneul.api.events.Target;
import dev.haneul.delivery.InputTemplate;
import dev.haneul.delivery.JsonPath;
import dev.haneul.kernel.Arn;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What PutTargets refuses. */
final class TargetChecks {
    static final int MOST_TARGETS = 5;
    private static final int MOST_VARIABLES = 100;

    /** Targets that EventBridge reaches under a role only. */
    private static final Set<String> WITH_ROLE = Set.of("ecs", "states", "kinesis", "batch");

    private TargetChecks() {}

    static void check(Target target) {
        Arn arn = Arn.parse(target.arn())
                .orElseThrow(() -> EventsFaults.parameter(target.arn(), "Provided Arn is not in correct format."));
        long inputs = Stream.of(target.input(), target.inputPath(), target.inputTransformer())
                .filter(each -> each != null)
                .count();
        if (inputs > 1) {
            throw EventsFaults.validation(
                    "Only one of Input, InputPath, or InputTransformer must be provided for target " + target.id()
                            + ".");
        }
        if (target.input() != null
                && dev.haneul.delivery.Json.read(target.input()).isEmpty()) {
            throw EventsFaults.validation("JSON text in Input for target " + target.id() + " is not valid.");
        }
        if (target.inputPath() != null && JsonPath.parse(target.inputPath()).isEmpty()) {
            throw EventsFaults.validation("InputPath for target " + target.id() + " is not valid.");
        }
        InputTransformer transformer = target.inputTransformer();
        if (transformer != null) {
            check(transformer, target.id());
        }
        if (arn.service().equals("sqs") && arn.resource().endsWith(".fifo")) {
            if (target.sqsParameters() == null || target.sqsParameters().messageGroupId() == null) {
                throw EventsFaults.validation(
                        "Parameter(s) SqsParameters must be specified for target: " + target.id() + ".");
            }
        }
        if (arn.service().equals("ecs") && target.ecsParameters() == null) {
            throw EventsFaults.validation(
                    "Parameter(s) EcsParameters must be specified for target: " + target.id() + ".");
        }
        if ((WITH_ROLE.contains(arn.service()) || arn.resourceType().equals("api-destination"))
                && target.roleArn() == null) {
            throw EventsFaults.validation("RoleArn is required for target " + target.arn() + ".");
        }
    }

    private static void check(InputTransformer transformer, String id) {
        Map<String, String> paths = transformer.inputPathsMap();
        if (paths.size() > MOST_VARIABLES) {
            throw EventsFaults.validation(
                    "InputPathsMap for target " + id + " has more than " + MOST_VARIABLES + " entries.");
        }
        paths.forEach((name, path) -> {
            if (name.startsWith("aws.") || name.startsWith("AWS.")) {
                throw EventsFaults.validation("InputPathsMap key " + name + " for target " + id
                        + " is not valid: keys cannot start with \"AWS\".");
            }
            if (JsonPath.parse(path).isEmpty()) {
                throw EventsFaults.validation(
                        "Invalid InputPathsMap for target " + id + ": " + path + " is no JSON path.");
            }
        });
        for (String variable : InputTemplate.variables(transformer.inputTemplate())) {
            if (!paths.containsKey(variable) && !InputTemplate.RESERVED.contains(variable)) {
                throw EventsFaults.validation("Invalid InputTemplate for target " + id + " : variable <" + variable
                        + "> is not in the InputPathsMap.");
            }
        }
    }
}
