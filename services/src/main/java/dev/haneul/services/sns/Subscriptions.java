package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.Json;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Subscriptions' lives and attributes. */
final class Subscriptions {
    private static final int PAGE = 100;
    private static final int CHUNK = 1000;
    private static final Set<String> FIFO_PROTOCOLS = Set.of("sqs");
    private static final Set<String> UNBUILT =
            Set.of("http", "https", "email", "email-json", "sms", "application", "firehose");
    private static final Set<String> ATTRIBUTES = Set.of(
            "DeliveryPolicy",
            "FilterPolicy",
            "FilterPolicyScope",
            "RawMessageDelivery",
            "RedrivePolicy",
            "SubscriptionRoleArn");

    private final Store store;
    private final Tokens tokens;

    Subscriptions(Store store, Tokens tokens) {
        this.store = store;
        this.tokens = tokens;
    }

    /** A topic's subscriptions. */
    static List<Row<SubscriptionRow>> of(ReadTx tx, Key topic) {
        List<Row<SubscriptionRow>> all = new ArrayList<>();
        String after = "";
        while (true) {
            List<Row<SubscriptionRow>> page =
                    tx.find(SnsTables.SUBSCRIPTIONS, topic.scope(), "topic", SnsTables.arn(topic), after, CHUNK);
            all.addAll(page);
            if (page.size() < CHUNK) {
                return all;
            }
            after = page.getLast().key().id();
        }
    }

    SubscribeResponse subscribe(SubscribeInput in, Call call) {
        Key topic = SnsTables.topic(in.topicArn());
        String protocol = in.protocol();
        String endpoint = in.endpoint() == null ? "" : in.endpoint();
        if (UNBUILT.contains(protocol)) {
            throw Faults.notImplemented("sns", "Subscribe with protocol " + protocol);
        }
        Arn target = Arn.parse(endpoint).orElse(null);
        if (!protocol.equals("sqs") && !protocol.equals("lambda")) {
            throw SnsFaults.invalid("Does not support this protocol string: " + protocol);
        }
        if (target == null || !target.service().equals(protocol)) {
            throw SnsFaults.invalid(protocol.equals("sqs") ? "SQS endpoint ARN" : "Lambda endpoint ARN");
        }
        in.attributes().forEach(Subscriptions::check);
        SubscriptionRow made = store.transact(tx -> {
            TopicRow row = Topics.row(tx, topic);
            if (row.fifo() && !FIFO_PROTOCOLS.contains(protocol)) {
                throw SnsFaults.invalid("Invalid parameter: Endpoint Reason: FIFO topics deliver to SQS queues only");
            }
            if (!row.fifo() && endpoint.endsWith(".fifo")) {
                throw SnsFaults.invalid(
                        "Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
            }
            for (Row<SubscriptionRow> each : of(tx, topic)) {
                if (each.value().protocol().equals(protocol)
                        && each.value().endpoint().equals(endpoint)) {
                    if (!each.value()
                            .attributes()
                            .entrySet()
                            .containsAll(in.attributes().entrySet())) {
                        throw SnsFaults.invalid(
                                "Attributes Reason: Subscription already exists with different attributes");
                    }
                    return each.value();
                }
            }
            String arn = SnsTables.arn(topic) + ":" + UUID.randomUUID();
            SubscriptionRow fresh = new SubscriptionRow(
                    arn,
                    SnsTables.arn(topic),
                    call.account(),
                    protocol,
                    endpoint,
                    new LinkedHashMap<>(in.attributes()));
            tx.put(SnsTables.SUBSCRIPTIONS, SnsTables.subscription(arn), fresh);
            return fresh;
        });
        return new SubscribeResponse().subscriptionArn(made.arn());
    }

    private static void check(String name, @Nullable String value) {
        if (!ATTRIBUTES.contains(name)) {
            throw SnsFaults.invalid("AttributeName");
        }
        String text = value == null ? "" : value;
        boolean sound = switch (name) {
            case "RawMessageDelivery" -> text.equals("true") || text.equals("false");
            case "FilterPolicyScope" -> text.equals("MessageAttributes") || text.equals("MessageBody");
            case "RedrivePolicy" -> text.isEmpty() || deadLetter(text) != null;
            case "DeliveryPolicy" -> text.isEmpty() || Json.object(text).isPresent();
            default -> true;
        };
        if (!sound) {
            throw SnsFaults.invalid(name);
        }
        if (name.equals("FilterPolicy")) {
            FilterPolicy.check(text);
        }
    }

    /** The queue a redrive policy names; null where it names none. */
    static @Nullable String deadLetter(String policy) {
        Object arn =
                Json.object(policy).map(tree -> tree.get("deadLetterTargetArn")).orElse(null);
        return arn instanceof String text
                        && Arn.parse(text)
                                .filter(each -> each.service().equals("sqs"))
                                .isPresent()
                ? text
                : null;
    }

    private static SubscriptionRow row(ReadTx tx, Key key) {
        return tx.get(SnsTables.SUBSCRIPTIONS, key).map(Row::value).orElseThrow(SnsFaults::noSubscription);
    }

    void unsubscribe(String arn) {
        store.write(tx -> tx.delete(SnsTables.SUBSCRIPTIONS, SnsTables.subscription(arn)));
    }

    void set(SetSubscriptionAttributesInput in) {
        check(in.attributeName(), in.attributeValue());
        Key key = SnsTables.subscription(in.subscriptionArn());
        store.write(tx -> {
            SubscriptionRow row = row(tx, key);
            Map<String, String> after = new LinkedHashMap<>(row.attributes());
            String value = in.attributeValue();
            if (value == null || value.isEmpty()) {
                after.remove(in.attributeName());
            } else {
                after.put(in.attributeName(), value);
            }
            tx.put(SnsTables.SUBSCRIPTIONS, key, row.withAttributes(after));
        });
    }

    Map<String, String> attributes(String arn) {
        SubscriptionRow row = store.read(tx -> row(tx, SnsTables.subscription(arn)));
        Map<String, String> all = new LinkedHashMap<>();
        all.put("SubscriptionArn", row.arn());
        all.put("TopicArn", row.topicArn());
        all.put("Owner", row.owner());
        all.put("Protocol", row.protocol());
        all.put("Endpoint", row.endpoint());
        all.put("RawMessageDelivery", "false");
        all.put("PendingConfirmation", "false");
        all.put("ConfirmationWasAuthenticated", "true");
        all.putAll(row.attributes());
        if (all.containsKey("FilterPolicy")) {
            all.putIfAbsent("FilterPolicyScope", "MessageAttributes");
        }
        return all;
    }

    ListSubscriptionsResponse list(@Nullable String token, Call call) {
        String context = "subscriptions/" + call.account();
        Key after = token == null ? null : SnsTables.subscription(opened(context, token));
        List<Row<SubscriptionRow>> rows =
                store.read(tx -> tx.findAnywhere(SnsTables.SUBSCRIPTIONS, "owner", call.account(), after, PAGE));
        String next = rows.size() < PAGE
                ? null
                : tokens.seal(context, rows.getLast().value().arn());
        return new ListSubscriptionsResponse().subscriptions(told(rows)).nextToken(next);
    }

    ListSubscriptionsByTopicResponse list(ListSubscriptionsByTopicInput in) {
        Key topic = SnsTables.topic(in.topicArn());
        String context = "subscriptions/" + in.topicArn();
        String after = in.nextToken() == null ? "" : opened(context, in.nextToken());
        List<Row<SubscriptionRow>> rows = store.read(tx -> {
            Topics.row(tx, topic);
            return tx.find(SnsTables.SUBSCRIPTIONS, topic.scope(), "topic", SnsTables.arn(topic), after, PAGE);
        });
        String next = rows.size() < PAGE
                ? null
                : tokens.seal(context, rows.getLast().key().id());
        return new ListSubscriptionsByTopicResponse().subscriptions(told(rows)).nextToken(next);
    }

    private String opened(String context, String token) {
        return tokens.open(context, token).orElseThrow(() -> SnsFaults.invalid("NextToken"));
    }

    private static List<Subscription> told(List<Row<SubscriptionRow>> rows) {
        return rows.stream()
                .map(Row::value)
                .map(row -> new Subscription()
                        .subscriptionArn(row.arn())
                        .topicArn(row.topicArn())
                        .owner(row.owner())
                        .protocol(row.protocol())
                        .endpoint(row.endpoint()))
                .toList();
    }
}
