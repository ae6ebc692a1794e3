package dev.haneul.services.sqs;

import dev.haneul.kernel.store.StoreException;
import dev.haneul.kernel.store.json.JsonTrees;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A queue's redrive policy. See "Using dead-letter queues in Amazon SQS".
 *
 * @param maxReceiveCount a message received more often than this moves to the target
 */
record Redrive(String targetArn, int maxReceiveCount) {
    private static final int MOST_RECEIVES = 1000;
    private static final int MOST_SOURCES = 10;

    /** The policy a queue has; empty where it has none. */
    static Optional<Redrive> of(QueueRow queue) {
        String policy = queue.attributes().get("RedrivePolicy");
        return policy == null || policy.isEmpty() ? Optional.empty() : Optional.of(parse(policy));
    }

    static Redrive parse(String policy) {
        Map<String, @Nullable Object> tree = object("RedrivePolicy", policy);
        Object target = tree.get("deadLetterTargetArn");
        Object count = tree.get("maxReceiveCount");
        if (!(target instanceof String arn) || SqsTables.ofArn(arn).isEmpty()) {
            throw bad(
                    "RedrivePolicy",
                    policy,
                    target == null
                            ? "Redrive policy does not contain mandatory attribute: deadLetterTargetArn."
                            : "Invalid value for deadLetterTargetArn.");
        }
        if (count == null) {
            throw bad("RedrivePolicy", policy, "Redrive policy does not contain mandatory attribute: maxReceiveCount.");
        }
        String digits = count.toString();
        int most = digits.matches("[0-9]{1,4}") ? Integer.parseInt(digits) : 0;
        if (most < 1 || most > MOST_RECEIVES) {
            throw bad(
                    "RedrivePolicy",
                    policy,
                    "Invalid value for maxReceiveCount: " + digits
                            + ", valid values are from 1 to 1000 both inclusive.");
        }
        return new Redrive(arn, most);
    }

    /** Whether a queue lets another have it as its dead-letter queue. */
    static boolean allows(QueueRow target, String sourceArn) {
        String policy = target.attributes().get("RedriveAllowPolicy");
        if (policy == null || policy.isEmpty()) {
            return true;
        }
        Map<String, @Nullable Object> tree = object("RedriveAllowPolicy", policy);
        return switch (String.valueOf(tree.get("redrivePermission"))) {
            case "denyAll" -> false;
            case "byQueue" -> tree.get("sourceQueueArns") instanceof List<?> arns && arns.contains(sourceArn);
            default -> true;
        };
    }

    static void checkAllowPolicy(String policy) {
        Map<String, @Nullable Object> tree = object("RedriveAllowPolicy", policy);
        String permission = String.valueOf(tree.get("redrivePermission"));
        Object arns = tree.get("sourceQueueArns");
        boolean known = List.of("allowAll", "denyAll", "byQueue").contains(permission);
        boolean byQueue = permission.equals("byQueue");
        boolean listed = arns instanceof List<?> list && !list.isEmpty() && list.size() <= MOST_SOURCES;
        if (!known || (byQueue ? !listed : arns != null)) {
            throw bad(
                    "RedriveAllowPolicy",
                    policy,
                    "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.");
        }
    }

    private static Map<String, @Nullable Object> object(String name, String json) {
        try {
            return JsonTrees.readObject(json.getBytes(StandardCharsets.UTF_8));
        } catch (StoreException e) {
            throw bad(
                    name,
                    json,
                    name.equals("RedrivePolicy")
                            ? "Redrive policy is not a valid JSON map."
                            : "Amazon SQS can't create the redrive allow policy, as it’s in an unsupported format.");
        }
    }

    static RuntimeException bad(String name, String value, String reason) {
        return SqsFaults.parameter(name, value, reason);
    }
}
