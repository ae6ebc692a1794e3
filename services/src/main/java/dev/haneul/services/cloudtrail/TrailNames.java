package dev.haneul.services.cloudtrail;

import dev.haneul.api.cloudtrail.InvalidSnsTopicNameException;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import org.jspecify.annotations.Nullable;

/** Names of trails: their rules, and the ARNs that hold them. */
final class TrailNames {
    private static final int SHORTEST = 3;
    private static final int LONGEST = 128;

    private TrailNames() {}

    /** Refuses a name no trail can have. */
    static void check(String name) {
        if (name.length() < SHORTEST) {
            throw TrailFaults.badName("Trail name too short. Minimum allowed length: " + SHORTEST
                    + " characters. Specified name length: " + name.length() + " characters.");
        }
        if (name.length() > LONGEST) {
            throw TrailFaults.badName("Trail name too long. Maximum allowed length: " + LONGEST
                    + " characters. Specified name length: " + name.length() + " characters.");
        }
        if (!name.matches("[A-Za-z0-9._-]+")) {
            throw TrailFaults.badName(
                    "Trail name or ARN can only contain uppercase letters, lowercase letters, numbers, periods (.),"
                            + " hyphens (-), and underscores (_).");
        }
        if (!name.matches("[A-Za-z0-9].*")) {
            throw TrailFaults.badName("Trail name must starts with a letter or number.");
        }
        if (!name.matches(".*[A-Za-z0-9]")) {
            throw TrailFaults.badName("Trail name must ends with a letter or number.");
        }
        if (name.matches(".*[._-]{2}.*")) {
            throw TrailFaults.badName("Trail name cannot have consecutive periods, hyphens or underscores.");
        }
    }

    /** Where the trail of this name or ARN is kept. */
    static Key key(String name, Call call) {
        if (!name.startsWith("arn:")) {
            check(name);
            return new Key(call.account(), call.region(), name);
        }
        Arn arn = Arn.parse(name)
                .filter(each -> each.service().equals("cloudtrail")
                        && each.resource().startsWith("trail/")
                        && each.resource().length() > "trail/".length())
                .orElseThrow(() -> TrailFaults.badArn("Invalid trail ARN: " + name));
        return new Key(arn.account(), arn.region(), arn.resourceId());
    }

    /** The ARN of a topic given by name or ARN; null for none. */
    static @Nullable String topicArn(@Nullable String topic, Call call) {
        if (topic == null || topic.isEmpty()) {
            return null;
        }
        if (topic.startsWith("arn:")) {
            if (Arn.parse(topic).filter(arn -> arn.service().equals("sns")).isEmpty()) {
                throw Fault.of(new InvalidSnsTopicNameException(), "SNS topic name is invalid: " + topic);
            }
            return topic;
        }
        if (!topic.matches("[A-Za-z0-9_-]{1,256}")) {
            throw Fault.of(new InvalidSnsTopicNameException(), "SNS topic name is invalid: " + topic);
        }
        return Arn.of("sns", call.region(), call.account(), topic).toString();
    }
}
