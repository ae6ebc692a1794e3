package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.sqs.AddPermissionRequest;
import dev.haneul.api.sqs.RemovePermissionRequest;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.json.JsonTrees;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Queues' policies, statement by statement and as the authorizer asks for them. */
final class QueuePolicies implements ResourcePolicies {
    private static final Set<String> ACTIONS = Set.of(
            "*",
            "ChangeMessageVisibility",
            "DeleteMessage",
            "GetQueueAttributes",
            "GetQueueUrl",
            "ListDeadLetterSourceQueues",
            "PurgeQueue",
            "ReceiveMessage",
            "SendMessage");
    private static final int MOST_ACTIONS = 7;
    private static final int MOST_STATEMENTS = 20;

    private final SqsContext sqs;

    QueuePolicies(SqsContext sqs) {
        this.sqs = sqs;
    }

    void add(AddPermissionRequest in, Call call) {
        Key key = SqsTables.ofUrl(in.queueUrl(), call);
        if (!in.label().matches("[A-Za-z0-9_-]{1,80}")) {
            throw SqsFaults.parameter(
                    "Label",
                    in.label(),
                    "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
        }
        check(in);
        Map<String, @Nullable Object> statement = new LinkedHashMap<>();
        statement.put("Sid", in.label());
        statement.put("Effect", "Allow");
        statement.put(
                "Principal",
                Map.of(
                        "AWS",
                        one(in.awsAccountIds().stream()
                                .map(account -> "arn:aws:iam::" + account + ":root")
                                .toList())));
        statement.put(
                "Action",
                one(in.actions().stream().map(action -> "SQS:" + action).toList()));
        statement.put("Resource", SqsTables.arn(key));
        change(key, (policy, statements) -> {
            if (statements.stream().anyMatch(each -> in.label().equals(sid(each)))) {
                throw SqsFaults.parameter("Label", in.label(), "Already exists.");
            }
            statements.add(statement);
            if (statements.size() > MOST_STATEMENTS) {
                throw SqsFaults.overLimit(MOST_STATEMENTS + " statements are the most that a policy may have.");
            }
        });
    }

    private static void check(AddPermissionRequest in) {
        if (in.awsAccountIds().isEmpty()) {
            throw SqsFaults.missing("AWSAccountIds");
        }
        if (in.actions().isEmpty()) {
            throw SqsFaults.missing("Actions");
        }
        if (in.actions().size() > MOST_ACTIONS) {
            throw SqsFaults.overLimit(in.actions().size() + " Actions were found, maximum allowed is 7.");
        }
        for (String account : in.awsAccountIds()) {
            if (!account.matches("[0-9]{12}")) {
                throw SqsFaults.parameter("PrincipalId", "[" + account + "]", "Unable to verify.");
            }
        }
        for (String action : in.actions()) {
            if (!ACTIONS.contains(action)) {
                throw SqsFaults.parameter(
                        "ActionName",
                        "SQS:" + action,
                        "Please refer to the appropriate WSDL for a list of valid actions.");
            }
        }
    }

    void remove(RemovePermissionRequest in, Call call) {
        change(SqsTables.ofUrl(in.queueUrl(), call), (policy, statements) -> {
            if (!statements.removeIf(each -> in.label().equals(sid(each)))) {
                throw SqsFaults.parameter("Label", in.label(), "can't find label on existing policy.");
            }
        });
    }

    private static @Nullable Object sid(Object statement) {
        return statement instanceof Map<?, ?> map ? map.get("Sid") : null;
    }

    private static Object one(List<String> values) {
        return values.size() == 1 ? values.getFirst() : values;
    }

    @FunctionalInterface
    private interface Change {
        void of(Map<String, @Nullable Object> policy, List<Object> statements);
    }

    private void change(Key key, Change change) {
        sqs.queues().change(tx -> {
            QueueRow row = SqsContext.row(tx, key);
            String before = row.attributes().get("Policy");
            Map<String, @Nullable Object> policy = before == null
                    ? new LinkedHashMap<>(
                            Map.of("Version", "2012-10-17", "Id", SqsTables.arn(key) + "/SQSDefaultPolicy"))
                    : JsonTrees.readObject(before.getBytes(StandardCharsets.UTF_8));
            List<Object> statements = new ArrayList<>();
            switch (policy.get("Statement")) {
                case List<?> list -> statements.addAll(list);
                case null -> {}
                case Object single -> statements.add(single);
            }
            change.of(policy, statements);
            policy.put("Statement", statements);
            String after = statements.isEmpty() ? "" : new String(JsonTrees.write(policy), StandardCharsets.UTF_8);
            tx.put(
                    SqsTables.QUEUES,
                    key,
                    row.withAttributes(
                            Attributes.merged(row.attributes(), Map.of("Policy", after), row.fifo()), sqs.nowMillis()));
            return row;
        });
    }

    @Override
    public Optional<Owned> find(String resourceArn) {
        return SqsTables.ofArn(resourceArn)
                .flatMap(sqs::find)
                .map(queue -> new Owned(
                        queue.key().account(),
                        queue.row().attributes().get("Policy"),
                        queue.row().tags()));
    }
}
