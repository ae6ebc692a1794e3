package dev.haneul.delivery;

import dev.haneul.api.Catalog;
import dev.haneul.api.runtime.Member;
import dev.haneul.api.runtime.OperationShape;
import dev.haneul.api.runtime.ServiceShape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * API actions named as {@code arn:aws:scheduler:::aws-sdk:service:action} names them: the service as the Java SDK spells
 * its package, the action in camelCase. See EventBridge Scheduler, "Using universal targets".
 */
public final class SdkActions {
    private static final String PART = ":::aws-sdk:";

    /** Services whose SDK package is spelled otherwise than their id here. */
    private static final Map<String, String> IDS = Map.ofEntries(
            Map.entry("cloudwatchlogs", "logs"),
            Map.entry("cloudwatchevents", "events"),
            Map.entry("eventbridge", "events"),
            Map.entry("sfn", "stepfunctions"),
            Map.entry("elasticloadbalancing", "elb"),
            Map.entry("elasticloadbalancingv2", "elbv2"),
            Map.entry("cognitoidentityprovider", "cognitoidp"),
            Map.entry("costexplorer", "ce"),
            Map.entry("resourcegroupstaggingapi", "tagging"));

    /** What reads and changes nothing cannot be scheduled. */
    private static final List<String> READING = List.of(
            "get",
            "describe",
            "list",
            "poll",
            "receive",
            "search",
            "scan",
            "query",
            "select",
            "read",
            "lookup",
            "discover",
            "validate",
            "batchget",
            "batchdescribe",
            "batchread",
            "transactget",
            "adminget",
            "adminlist",
            "testmigration",
            "retrieve",
            "testconnection",
            "translatedocument",
            "isauthorized",
            "invokemodel");

    private SdkActions() {}

    static boolean isOne(String arn) {
        return arn.contains(PART);
    }

    /** The operation an ARN names; empty where there is none here, or where it only reads. */
    public static Optional<OperationShape> find(String arn) {
        int at = arn.indexOf(PART);
        String[] names =
                at < 0 ? new String[0] : arn.substring(at + PART.length()).split(":", -1);
        if (names.length != 2 || names[1].isEmpty()) {
            return Optional.empty();
        }
        String action = names[1].toLowerCase(Locale.ROOT);
        if (READING.stream().anyMatch(action::startsWith)) {
            return Optional.empty();
        }
        String id = IDS.getOrDefault(names[0], names[0]);
        for (ServiceShape service : Catalog.SERVICES) {
            if (service.id().equals(id)) {
                String name = Character.toUpperCase(names[1].charAt(0)) + names[1].substring(1);
                return Optional.ofNullable(service.operation(name)).filter(SdkActions::plain);
            }
        }
        return Optional.empty();
    }

    /** Streams cannot be given as JSON. */
    private static boolean plain(OperationShape operation) {
        for (Member member : operation.inputShape().members()) {
            switch (member.shape().kind()) {
                case STREAM, EVENT_STREAM -> {
                    return false;
                }
                default -> {}
            }
        }
        return true;
    }
}
