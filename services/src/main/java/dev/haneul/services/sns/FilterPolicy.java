package dev.haneul.services.sns;

import dev.haneul.api.sns.MessageAttributeValue;
import dev.haneul.delivery.Json;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.event.ruler.RuleCompiler;
import software.amazon.event.ruler.Ruler;

/** A subscription's filter policy. See "Amazon SNS subscription filter policies". */
final class FilterPolicy {
    private static final int LARGEST_BYTES = 256 << 10;

    private FilterPolicy() {}

    /**
     * Checks a policy.
     *
     * @throws dev.haneul.api.runtime.Fault InvalidParameter where it is none
     */
    static void check(String policy) {
        if (policy.isEmpty()) {
            return;
        }
        if (policy.length() > LARGEST_BYTES || Json.object(policy).isEmpty()) {
            throw SnsFaults.invalid("FilterPolicy: failed to parse JSON.");
        }
        if (policy.replace(" ", "").equals("{}")) {
            return;
        }
        String problem = RuleCompiler.check(policy);
        if (problem != null) {
            throw SnsFaults.invalid(
                    "FilterPolicy: " + problem.lines().findFirst().orElse("not valid"));
        }
    }

    /** Whether a subscription wants a message. */
    static boolean wants(SubscriptionRow subscription, String body, Map<String, MessageAttributeValue> attributes) {
        String policy = subscription.attributes().getOrDefault("FilterPolicy", "");
        if (policy.isEmpty() || policy.replace(" ", "").equals("{}")) {
            return true;
        }
        boolean onBody = "MessageBody".equals(subscription.attributes().get("FilterPolicyScope"));
        String event = onBody ? body : Json.write(tree(attributes));
        if (onBody && Json.object(body).isEmpty()) {
            return false;
        }
        try {
            return Ruler.matchesRule(event, policy);
        } catch (Exception e) {
            // The library declares nothing narrower; what it cannot read, the policy does not want.
            System.getLogger(FilterPolicy.class.getName())
                    .log(System.Logger.Level.DEBUG, "a message is not matched by " + policy, e);
            return false;
        }
    }

    private static Map<String, @Nullable Object> tree(Map<String, MessageAttributeValue> attributes) {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        attributes.forEach((name, value) -> {
            String text = value.stringValue();
            if (text == null) {
                return;
            }
            boolean literal =
                    value.dataType().startsWith("Number") || value.dataType().equals("String.Array");
            tree.put(
                    name,
                    literal
                            ? Json.read(text)
                                    .map(Json.Document::root)
                                    .map(FilterPolicy::flat)
                                    .orElse(text)
                            : text);
        });
        return tree;
    }

    private static Object flat(Object value) {
        return value instanceof List<?> list ? new ArrayList<>(list) : value;
    }
}
