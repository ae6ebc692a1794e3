package dev.haneul.services.events;

import dev.haneul.api.events.InputTransformer;
import dev.haneul.api.events.Target;
import dev.haneul.delivery.InputTemplate;
import dev.haneul.delivery.InputTemplate.Value;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.JsonPath;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a target gets of an event: the event, a constant, a part of it, or a filled template. Pure. */
final class TargetInput {
    private TargetInput() {}

    static String of(Target target, Event event, String ruleArn, String ruleName) {
        if (target.input() != null) {
            return target.input();
        }
        String path = target.inputPath();
        if (path != null) {
            JsonPath.Found found = find(path, event);
            return found.there() ? Json.write(found.value()) : "{}";
        }
        InputTransformer transformer = target.inputTransformer();
        return transformer == null
                ? event.json()
                : InputTemplate.fill(
                        transformer.inputTemplate(), name -> value(name, transformer, event, ruleArn, ruleName));
    }

    private static Value value(
            String name, InputTransformer transformer, Event event, String ruleArn, String ruleName) {
        return switch (name) {
            case "aws.events.rule-arn" -> Value.of(ruleArn);
            case "aws.events.rule-name" -> Value.of(ruleName);
            case "aws.events.event.ingestion-time" -> Value.of(event.received().toString());
            case "aws.events.event.json" -> Value.of(event.tree());
            case "aws.events.event" -> {
                Map<String, @Nullable Object> bare = new LinkedHashMap<>(event.tree());
                bare.remove("detail");
                yield Value.of(bare);
            }
            default -> {
                String path = transformer.inputPathsMap().get(name);
                JsonPath.Found found = path == null ? new JsonPath.Found(false, null) : find(path, event);
                yield new Value(found.there(), found.value());
            }
        };
    }

    static JsonPath.Found find(String path, Event event) {
        return JsonPath.parse(path).map(parsed -> parsed.in(event.tree())).orElse(new JsonPath.Found(false, null));
    }

    /** A parameter that may be a path into the event, as text. */
    static String resolved(String parameter, Event event) {
        if (!parameter.startsWith("$")) {
            return parameter;
        }
        JsonPath.Found found = find(parameter, event);
        return !found.there() ? "" : found.value() instanceof String text ? text : Json.write(found.value());
    }
}
