package dev.haneul.services.sqs;

import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Queue attributes: what may be set, to what, and what holds where nothing is. See CreateQueue in the API reference. */
final class Attributes {
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\\.fifo");
    static final int LARGEST_MESSAGE = 1 << 20;

    /** What a queue has before anything is set. */
    static final Map<String, String> DEFAULTS = Map.of(
            "DelaySeconds", "0",
            "MaximumMessageSize", "" + LARGEST_MESSAGE,
            "MessageRetentionPeriod", "345600",
            "ReceiveMessageWaitTimeSeconds", "0",
            "VisibilityTimeout", "30");

    private record Range(int least, int most) {}

    private static final Map<String, Range> NUMBERS = Map.of(
            "DelaySeconds", new Range(0, 900),
            "MaximumMessageSize", new Range(1024, LARGEST_MESSAGE),
            "MessageRetentionPeriod", new Range(60, 1_209_600),
            "ReceiveMessageWaitTimeSeconds", new Range(0, 20),
            "VisibilityTimeout", new Range(0, 43_200),
            "KmsDataKeyReusePeriodSeconds", new Range(60, 86_400));
    private static final Set<String> FLAGS = Set.of("FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled");
    private static final Set<String> TEXTS = Set.of("Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId");
    private static final Map<String, Set<String>> CHOICES = Map.of(
            "DeduplicationScope", Set.of("messageGroup", "queue"),
            "FifoThroughputLimit", Set.of("perQueue", "perMessageGroupId"));
    private static final Set<String> FIFO_ONLY =
            Set.of("ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit");
    /** What GetQueueAttributes tells and nobody sets. */
    static final Set<String> COMPUTED = Set.of(
            "All",
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
            "ApproximateNumberOfMessagesDelayed",
            "CreatedTimestamp",
            "LastModifiedTimestamp",
            "QueueArn");

    private static final int LARGEST_POLICY = 8192;

    private Attributes() {}

    static boolean known(String name) {
        return COMPUTED.contains(name) || settable(name);
    }

    private static boolean settable(String name) {
        return NUMBERS.containsKey(name) || FLAGS.contains(name) || TEXTS.contains(name) || CHOICES.containsKey(name);
    }

    /**
     * What a queue has after these are set; an empty text takes a policy or key away.
     *
     * @throws dev.haneul.api.runtime.Fault naming the attribute that is not so
     */
    static Map<String, String> merged(Map<String, String> before, Map<String, String> set, boolean fifo) {
        Map<String, String> after = new LinkedHashMap<>(before);
        set.forEach((name, value) -> {
            check(name, value, fifo);
            if (value.isEmpty()) {
                after.remove(name);
            } else {
                after.put(name, value);
            }
        });
        if (set.containsKey("KmsMasterKeyId")
                && !set.getOrDefault("KmsMasterKeyId", "").isEmpty()) {
            if ("true".equals(set.get("SqsManagedSseEnabled"))) {
                throw SqsFaults.attribute("SqsManagedSseEnabled");
            }
            after.put("SqsManagedSseEnabled", "false");
        } else if ("true".equals(set.get("SqsManagedSseEnabled"))) {
            after.remove("KmsMasterKeyId");
        }
        if ("perMessageGroupId".equals(after.get("FifoThroughputLimit"))
                && !"messageGroup".equals(after.get("DeduplicationScope"))) {
            throw SqsFaults.parameter(
                    "FifoThroughputLimit",
                    "perMessageGroupId",
                    "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.");
        }
        return after;
    }

    private static void check(String name, String value, boolean fifo) {
        if (!settable(name) || (FIFO_ONLY.contains(name) && !fifo)) {
            throw SqsFaults.attributeName(name);
        }
        Range range = NUMBERS.get(name);
        Set<String> choices = CHOICES.get(name);
        boolean sound;
        if (range != null) {
            sound = value.matches("[0-9]{1,9}")
                    && Integer.parseInt(value) >= range.least
                    && Integer.parseInt(value) <= range.most;
        } else if (choices != null) {
            sound = choices.contains(value);
        } else {
            sound = !FLAGS.contains(name) || value.equals("true") || value.equals("false");
        }
        if (!sound) {
            throw SqsFaults.attribute(name);
        }
        if (TEXTS.contains(name) && !value.isEmpty()) {
            checkText(name, value);
        }
    }

    private static void checkText(String name, String value) {
        switch (name) {
            case "RedrivePolicy" -> Redrive.parse(value);
            case "RedriveAllowPolicy" -> Redrive.checkAllowPolicy(value);
            case "Policy" -> checkPolicy(value);
            default -> {}
        }
    }

    static void checkPolicy(String value) {
        try {
            if (value.length() > LARGEST_POLICY) {
                throw SqsFaults.attribute("Policy");
            }
            PolicyDocument.parse(value, PolicyKind.RESOURCE);
        } catch (MalformedPolicyException e) {
            throw SqsFaults.attribute("Policy");
        }
    }
}
