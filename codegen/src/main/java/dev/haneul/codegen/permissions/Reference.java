package dev.haneul.codegen.permissions;

import dev.haneul.codegen.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The service authorization reference's facts. */
final class Reference {
    /** Models whose actions have another prefix than the model's name. */
    private static final Map<String, String> PREFIXES = Map.ofEntries(
            Map.entry("apigatewayv2", "apigateway"),
            Map.entry("applicationautoscaling", "application-autoscaling"),
            Map.entry("cloudcontrol", "cloudformation"),
            Map.entry("cognitoidp", "cognito-idp"),
            Map.entry("dynamodbstreams", "dynamodb"),
            Map.entry("ec2instanceconnect", "ec2-instance-connect"),
            Map.entry("elb", "elasticloadbalancing"),
            Map.entry("elbv2", "elasticloadbalancing"),
            Map.entry("stepfunctions", "states"),
            Map.entry("tagging", "tag"));

    private final Map<String, @Nullable Object> services;

    Reference(Map<String, @Nullable Object> tree) {
        services = Json.object(tree, "services");
    }

    /** A kind of resource an action knows. */
    record ResourceType(String name, String arn, List<String> keys) {}

    /** The prefix of a service's actions, e.g. {@code elasticloadbalancing}. */
    static String prefix(String serviceId) {
        return PREFIXES.getOrDefault(serviceId, serviceId);
    }

    boolean knows(String prefix, String action) {
        return Json.object(Json.object(services, prefix), "Actions").containsKey(action.toLowerCase(Locale.ROOT));
    }

    /** What an action may name: empty for one that stands for all resources, or that nobody knows. */
    List<ResourceType> types(String prefix, String action) {
        Map<String, @Nullable Object> service = Json.object(services, prefix);
        Map<String, @Nullable Object> found =
                Json.object(Json.object(service, "Actions"), action.toLowerCase(Locale.ROOT));
        Map<String, @Nullable Object> all = Json.object(service, "Resources");
        List<ResourceType> types = new ArrayList<>();
        Set<String> arns = new HashSet<>();
        for (String written : Json.strings(found, "Resources")) {
            String name = written.toLowerCase(Locale.ROOT);
            Map<String, @Nullable Object> type = Json.object(all, name);
            List<String> formats = Json.strings(type, "ARNFormats");
            if (!formats.isEmpty() && arns.add(formats.getFirst())) {
                types.add(new ResourceType(name, formats.getFirst(), Json.strings(type, "ConditionKeys")));
            }
        }
        return types;
    }
}
