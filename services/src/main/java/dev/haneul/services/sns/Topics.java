package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.policy.MalformedPolicyException;
import dev.haneul.kernel.policy.PolicyDocument;
import dev.haneul.kernel.policy.PolicyKind;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Topics' lives, attributes, policies and tags. */
final class Topics implements ResourcePolicies {
    private static final int PAGE = 100;
    private static final int MOST_TAGS = 50;
    private static final Set<String> SETTABLE = Set.of(
            "ArchivePolicy",
            "ContentBasedDeduplication",
            "DeliveryPolicy",
            "DisplayName",
            "FifoThroughputScope",
            "KmsMasterKeyId",
            "Policy",
            "SignatureVersion",
            "TracingConfig");

    private final Store store;
    private final Tokens tokens;

    Topics(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    CreateTopicResponse create(CreateTopicInput in, Call call) {
        String name = in.name();
        boolean fifo = "true".equals(in.attributes().get("FifoTopic"));
        if (!name.matches(fifo ? "[A-Za-z0-9_-]{1,251}\\.fifo" : "[A-Za-z0-9_-]{1,256}")) {
            throw SnsFaults.invalid("Topic Name");
        }
        Map<String, String> attributes = new LinkedHashMap<>();
        in.attributes().forEach((key, value) -> {
            if (!key.equals("FifoTopic")) {
                check(key, value, fifo);
            }
            attributes.put(key, value);
        });
        Key key = new Key(call.account(), call.region(), name);
        Map<String, String> tags = tags(Map.of(), in.tags());
        String protection = in.dataProtectionPolicy() == null ? "" : in.dataProtectionPolicy();
        store.write(tx -> {
            TopicRow there = tx.get(SnsTables.TOPICS, key).map(Row::value).orElse(null);
            if (there == null) {
                tx.put(SnsTables.TOPICS, key, new TopicRow(name, attributes, tags, protection, 0));
                return;
            }
            if (!there.attributes().entrySet().containsAll(attributes.entrySet())) {
                throw SnsFaults.invalid("Attributes Reason: Topic already exists with different attributes");
            }
            if (!in.tags().isEmpty() && !there.tags().equals(tags)) {
                throw SnsFaults.invalid("Tags Reason: Topic already exists with different tags");
            }
        });
        return new CreateTopicResponse().topicArn(SnsTables.arn(key));
    }

    private static void check(String name, @Nullable String value, boolean fifo) {
        boolean feedback =
                name.matches("(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)Feedback(RoleArn|SampleRate)");
        boolean fifoOnly = Set.of("ContentBasedDeduplication", "FifoThroughputScope", "ArchivePolicy")
                .contains(name);
        if (!(SETTABLE.contains(name) || feedback) || (fifoOnly && !fifo)) {
            throw SnsFaults.invalid("AttributeName");
        }
        if (value == null || value.isEmpty()) {
            return;
        }
        boolean sound = switch (name) {
            case "ContentBasedDeduplication" -> value.equals("true") || value.equals("false");
            case "FifoThroughputScope" -> value.equals("Topic") || value.equals("MessageGroup");
            case "SignatureVersion" -> value.equals("1") || value.equals("2");
            case "TracingConfig" -> value.equals("PassThrough") || value.equals("Active");
            case "DeliveryPolicy", "ArchivePolicy" -> Json.object(value).isPresent();
            case "DisplayName" -> value.length() <= 100;
            case "Policy" -> policy(value);
            default -> true;
        };
        if (!sound) {
            throw SnsFaults.invalid(name.equals("Policy") ? "Policy Error: null" : name);
        }
    }

    private static boolean policy(String value) {
        try {
            PolicyDocument.parse(value, PolicyKind.RESOURCE);
            return true;
        } catch (MalformedPolicyException e) {
            return false;
        }
    }

    static TopicRow row(ReadTx tx, Key key) {
        return tx.get(SnsTables.TOPICS, key).map(Row::value).orElseThrow(SnsFaults::noTopic);
    }

    void change(String arn, UnaryOperator<TopicRow> change) {
        Key key = SnsTables.topic(arn);
        store.write(tx -> tx.put(SnsTables.TOPICS, key, change.apply(row(tx, key))));
    }

    /** Deleting a topic that is not there succeeds, as on AWS; its subscriptions go with it. */
    void delete(String arn) {
        Key key = SnsTables.topic(arn);
        store.write(tx -> {
            tx.delete(SnsTables.TOPICS, key);
            for (Row<SubscriptionRow> row : Subscriptions.of(tx, key)) {
                tx.delete(SnsTables.SUBSCRIPTIONS, row.key());
            }
        });
    }

    ListTopicsResponse list(@Nullable String token, Call call) {
        Scope scope = new Scope(call.account(), call.region());
        String context = "ListTopics/" + scope;
        String from = token == null ? "" : opened(context, token);
        List<Row<TopicRow>> rows = store.read(tx -> tx.range(SnsTables.TOPICS, scope, from, null, PAGE + 1));
        List<Topic> topics = new ArrayList<>();
        rows.stream().limit(PAGE).forEach(row -> topics.add(new Topic().topicArn(SnsTables.arn(row.key()))));
        String next = rows.size() <= PAGE
                ? null
                : tokens.seal(context, rows.getLast().key().id());
        return new ListTopicsResponse().topics(topics).nextToken(next);
    }

    private String opened(String context, String token) {
        return tokens.open(context, token).orElseThrow(() -> SnsFaults.invalid("NextToken"));
    }

    Map<String, String> attributes(String arn) {
        Key key = SnsTables.topic(arn);
        return store.read(tx -> {
            TopicRow topic = row(tx, key);
            Map<String, String> all = new LinkedHashMap<>();
            all.put("TopicArn", SnsTables.arn(key));
            all.put("Owner", key.account());
            all.put("DisplayName", "");
            all.put("Policy", defaultPolicy(key));
            all.putAll(topic.attributes());
            List<Row<SubscriptionRow>> subscriptions = Subscriptions.of(tx, key);
            long pending = subscriptions.stream()
                    .filter(each -> each.value().pending())
                    .count();
            all.put("SubscriptionsConfirmed", "" + (subscriptions.size() - pending));
            all.put("SubscriptionsPending", "" + pending);
            all.put("SubscriptionsDeleted", "0");
            return all;
        });
    }

    /** What a topic's policy is until one is set: its own account may do everything. */
    private static String defaultPolicy(Key key) {
        Map<String, @Nullable Object> statement = new LinkedHashMap<>();
        statement.put("Sid", "__default_statement_ID");
        statement.put("Effect", "Allow");
        statement.put("Principal", Map.of("AWS", "*"));
        statement.put(
                "Action",
                List.of(
                        "SNS:GetTopicAttributes",
                        "SNS:SetTopicAttributes",
                        "SNS:AddPermission",
                        "SNS:RemovePermission",
                        "SNS:DeleteTopic",
                        "SNS:Subscribe",
                        "SNS:ListSubscriptionsByTopic",
                        "SNS:Publish"));
        statement.put("Resource", SnsTables.arn(key));
        statement.put("Condition", Map.of("StringEquals", Map.of("AWS:SourceOwner", key.account())));
        Map<String, @Nullable Object> policy = new LinkedHashMap<>();
        policy.put("Version", "2008-10-17");
        policy.put("Id", "__default_policy_ID");
        policy.put("Statement", List.of(statement));
        return Json.write(policy);
    }

    void set(SetTopicAttributesInput in) {
        change(in.topicArn(), topic -> {
            check(in.attributeName(), in.attributeValue(), topic.fifo());
            return topic.withAttributes(with(topic.attributes(), in.attributeName(), in.attributeValue()));
        });
    }

    private static Map<String, String> with(Map<String, String> before, String name, @Nullable String value) {
        Map<String, String> after = new LinkedHashMap<>(before);
        if (value == null || value.isEmpty()) {
            after.remove(name);
        } else {
            after.put(name, value);
        }
        return after;
    }

    void permit(AddPermissionInput in) {
        Key key = SnsTables.topic(in.topicArn());
        Map<String, @Nullable Object> statement = new LinkedHashMap<>();
        statement.put("Sid", in.label());
        statement.put("Effect", "Allow");
        statement.put(
                "Principal",
                Map.of(
                        "AWS",
                        in.awsAccountId().stream()
                                .map(each -> each.matches("[0-9]{12}") ? "arn:aws:iam::" + each + ":root" : each)
                                .toList()));
        statement.put(
                "Action", in.actionName().stream().map(each -> "SNS:" + each).toList());
        statement.put("Resource", SnsTables.arn(key));
        statements(in.topicArn(), statements -> {
            if (statements.stream().anyMatch(each -> in.label().equals(sid(each)))) {
                throw SnsFaults.invalid("Statement already exists");
            }
            statements.add(statement);
        });
    }

    void forbid(RemovePermissionInput in) {
        statements(in.topicArn(), statements -> {
            if (!statements.removeIf(each -> in.label().equals(sid(each)))) {
                throw Fault.of(new NotFoundException(), "Statement does not exist");
            }
        });
    }

    private static @Nullable Object sid(Object statement) {
        return statement instanceof Map<?, ?> map ? map.get("Sid") : null;
    }

    private void statements(String arn, java.util.function.Consumer<List<Object>> change) {
        Key key = SnsTables.topic(arn);
        change(arn, topic -> {
            String before = topic.attributes().getOrDefault("Policy", defaultPolicy(key));
            Map<String, @Nullable Object> policy = Json.object(before).orElseThrow(() -> SnsFaults.invalid("Policy"));
            List<Object> statements = new ArrayList<>();
            switch (policy.get("Statement")) {
                case List<?> list -> statements.addAll(list);
                case null -> {}
                case Object single -> statements.add(single);
            }
            change.accept(statements);
            policy.put("Statement", statements);
            String after = Json.write(policy);
            check("Policy", after, topic.fifo());
            return topic.withAttributes(with(topic.attributes(), "Policy", after));
        });
    }

    static Map<String, String> tags(Map<String, String> before, List<Tag> more) {
        Map<String, String> tags = new LinkedHashMap<>(before);
        more.forEach(each -> tags.put(each.key(), each.value()));
        if (tags.size() > MOST_TAGS) {
            throw Fault.of(
                    new TagLimitExceededException(), "Could not complete request: tag quota of per resource exceeded");
        }
        return tags;
    }

    List<Tag> tags(String arn) {
        List<Tag> tags = new ArrayList<>();
        store.read(tx -> tx.get(SnsTables.TOPICS, SnsTables.topic(arn)))
                .orElseThrow(SnsFaults::noResource)
                .value()
                .tags()
                .forEach((key, value) -> tags.add(new Tag().key(key).value(value)));
        return tags;
    }

    @Override
    public Optional<Owned> find(String resourceArn) {
        if (!resourceArn.matches("arn:[^:]+:sns:[^:]+:[0-9]{12}:[A-Za-z0-9_.-]+(:.*)?")) {
            return Optional.empty();
        }
        Key key = SnsTables.topic(resourceArn);
        return store.read(tx -> tx.get(SnsTables.TOPICS, key))
                .map(row -> new Owned(
                        key.account(),
                        row.value().attributes().getOrDefault("Policy", defaultPolicy(key)),
                        row.value().tags()));
    }
}
