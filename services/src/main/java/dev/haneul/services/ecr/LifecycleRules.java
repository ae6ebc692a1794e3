package dev.haneul.services.ecr;

import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.Json;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lifecycle policies, read and checked. See AWS, "Lifecycle policy properties in Amazon ECR".
 *
 * @param tagStatus {@code tagged}, {@code untagged} or {@code any}
 * @param prefixes what tags must begin with: an image needs a tag for each; empty where patterns are given
 * @param patterns what tags must look like: an image needs a tag for each
 * @param countType {@code sinceImagePushed}, {@code sinceImagePulled} or {@code imageCountMoreThan}
 */
record LifecycleRules(
        int priority, String tagStatus, List<String> prefixes, List<String> patterns, String countType, long count) {
    static final String TAGGED = "tagged";
    static final String UNTAGGED = "untagged";
    static final String ANY = "any";
    static final String PUSHED = "sinceImagePushed";
    static final String PULLED = "sinceImagePulled";
    static final String MORE_THAN = "imageCountMoreThan";

    private static final int MOST_RULES = 50;
    private static final Set<String> RULE = Set.of("rulePriority", "description", "selection", "action");
    private static final Set<String> SELECTION = Set.of(
            "tagStatus", "tagPrefixList", "tagPatternList", "storageClass", "countType", "countUnit", "countNumber");

    private static Fault bad(String why) {
        return EcrFaults.parameter("Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle"
                + " policy validation failure: " + why + "'");
    }

    /**
     * Reads a policy; its rules in order of priority.
     *
     * @throws Fault InvalidParameterException that says what is wrong
     */
    static List<LifecycleRules> read(String text) {
        Map<String, @Nullable Object> root = Json.object(text).orElseThrow(() -> bad("the policy is no JSON object"));
        if (!(root.get("rules") instanceof List<?> list) || list.isEmpty() || root.size() != 1) {
            throw bad("object has missing or unknown properties, it needs 'rules'");
        }
        if (list.size() > MOST_RULES) {
            throw bad("a policy has at most " + MOST_RULES + " rules");
        }
        List<LifecycleRules> rules = new ArrayList<>();
        Set<Integer> priorities = new HashSet<>();
        for (Object each : list) {
            LifecycleRules rule = rule(map(each, "rule", RULE));
            if (!priorities.add(rule.priority())) {
                throw bad("rule priorities must be unique, " + rule.priority() + " is not");
            }
            rules.add(rule);
        }
        rules.sort((one, other) -> Integer.compare(one.priority(), other.priority()));
        List<LifecycleRules> any =
                rules.stream().filter(each -> each.tagStatus().equals(ANY)).toList();
        if (any.size() > 1) {
            throw bad("only one rule may have the tagStatus any");
        }
        if (any.size() == 1 && !rules.getLast().equals(any.getFirst())) {
            throw bad("the rule with the tagStatus any must have the highest priority number");
        }
        return List.copyOf(rules);
    }

    private static Map<?, ?> map(@Nullable Object value, String what, Set<String> known) {
        if (!(value instanceof Map<?, ?> map)) {
            throw bad("a " + what + " must be an object");
        }
        map.keySet().stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw bad("object instance has properties which are not allowed by the schema: [\"" + name + "\"]");
        });
        return map;
    }

    private static LifecycleRules rule(Map<?, ?> rule) {
        long priority = Manifest.number(rule.get("rulePriority"));
        if (priority < 1 || priority > Integer.MAX_VALUE) {
            throw bad("rulePriority must be an integer of at least 1");
        }
        Map<?, ?> selection = map(rule.get("selection"), "selection", SELECTION);
        Map<?, ?> action = map(rule.get("action"), "action", Set.of("type", "targetStorageClass"));
        if ("transition".equals(action.get("type"))
                || "archive".equals(selection.get("storageClass"))
                || "sinceImageTransitioned".equals(selection.get("countType"))) {
            throw Fault.server("NotImplemented", 501, "ecr: the archive storage class is not implemented by Haneul.");
        }
        if (!"expire".equals(action.get("type"))) {
            throw bad("action type must be expire or transition");
        }
        String status = String.valueOf(selection.get("tagStatus"));
        if (!Set.of(TAGGED, UNTAGGED, ANY).contains(status)) {
            throw bad("tagStatus must be one of tagged, untagged and any");
        }
        List<String> prefixes = texts(selection.get("tagPrefixList"), "tagPrefixList");
        List<String> patterns = texts(selection.get("tagPatternList"), "tagPatternList");
        checkTags(status, prefixes, patterns);
        return new LifecycleRules((int) priority, status, prefixes, patterns, countType(selection), count(selection));
    }

    private static void checkTags(String status, List<String> prefixes, List<String> patterns) {
        if (!prefixes.isEmpty() && !patterns.isEmpty()) {
            throw bad("tagPrefixList and tagPatternList exclude each other");
        }
        boolean named = !prefixes.isEmpty() || !patterns.isEmpty();
        if (status.equals(TAGGED) != named) {
            throw bad("tagPrefixList or tagPatternList is needed with, and only with, the tagStatus tagged");
        }
        if (patterns.stream()
                .anyMatch(each -> each.chars().filter(c -> c == '*').count() > 4)) {
            throw bad("a pattern has at most four wildcards");
        }
    }

    private static String countType(Map<?, ?> selection) {
        String type = String.valueOf(selection.get("countType"));
        if (!Set.of(PUSHED, PULLED, MORE_THAN).contains(type)) {
            throw bad("countType must be one of imageCountMoreThan, sinceImagePushed, sinceImagePulled and"
                    + " sinceImageTransitioned");
        }
        boolean days = "days".equals(selection.get("countUnit"));
        if (type.equals(MORE_THAN) ? selection.get("countUnit") != null : !days) {
            throw bad("countUnit must be days where images are counted by time, and is not allowed else");
        }
        return type;
    }

    private static long count(Map<?, ?> selection) {
        long count = Manifest.number(selection.get("countNumber"));
        if (count < 1 || count > Integer.MAX_VALUE) {
            throw bad("countNumber must be an integer of at least 1");
        }
        return count;
    }

    private static List<String> texts(@Nullable Object value, String what) {
        if (value == null) {
            return List.of();
        }
        List<String> found = new ArrayList<>();
        for (Object each : value instanceof List<?> list ? list : List.of(value)) {
            if (!(value instanceof List<?>) || !(each instanceof String text) || text.isEmpty()) {
                throw bad(what + " must be a list of texts");
            }
            found.add(text);
        }
        return found;
    }

    /** Whether an image's tags are what the rule speaks of. */
    boolean selects(List<String> tags) {
        return switch (tagStatus) {
            case ANY -> true;
            case UNTAGGED -> tags.isEmpty();
            default ->
                prefixes.stream().allMatch(each -> tags.stream().anyMatch(tag -> tag.startsWith(each)))
                        && patterns.stream()
                                .allMatch(each -> tags.stream().anyMatch(tag -> Wildcards.matches(each, tag)));
        };
    }
}
