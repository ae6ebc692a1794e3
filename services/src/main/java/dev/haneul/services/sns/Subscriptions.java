package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.runtime.Faults;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.ReadTx;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.SubscriptionRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Subscriptions' lives and attributes. */
final class Subscriptions {
    private static final int PAGE = 100;
    private static final int CHUNK = 1000;
    private static final Set<String> FIFO_PROTOCOLS = Set.of("sqs");
    private static final Set<String> UNBUILT = Set.of("firehose");
    private static final Pattern WEB = Pattern.compile("https?://[^\\s]{1,2000}");
    private static final Pattern ADDRESS = Pattern.compile("[^@\\s]{1,64}@[^@\\s]{1,255}");
    static final Pattern PHONE = Pattern.compile("\\+?[0-9]{5,15}");
    /** Who does not confirm for so long is forgotten. */
    static final long PENDING_MILLIS = Duration.ofHours(48).toMillis();

    private static final String TOKEN = "subscription";
    private static final Set<String> ATTRIBUTES = Set.of(
            "DeliveryPolicy",
            "FilterPolicy",
            "FilterPolicyScope",
            "RawMessageDelivery",
            "RedrivePolicy",
            "SubscriptionRoleArn");

    private final Store store;
    private final Tokens tokens;
    private final Clock clock;
    private final Messages messages;
    private final DeliveryQueue queue;

    Subscriptions(Store store, Tokens tokens, Clock clock, Messages messages, DeliveryQueue queue) {
        this.clock = clock;
        this.messages = messages;
        this.queue = queue;
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
        checkEndpoint(protocol, endpoint);
        in.attributes().forEach(Subscriptions::check);
        String arn = SnsTables.arn(topic) + ":" + UUID.randomUUID();
        SubscriptionRow fresh = new SubscriptionRow(
                arn,
                SnsTables.arn(topic),
                call.account(),
                protocol,
                endpoint,
                new LinkedHashMap<>(in.attributes()),
                call.origin().endpoint(),
                asksFirst(protocol, endpoint, call) ? clock.instant().toEpochMilli() : 0,
                false);
        TopicRow known = store.read(tx -> Topics.row(tx, topic));
        Parcel question = fresh.pending() ? question(true, fresh, known) : null;
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
            tx.put(SnsTables.SUBSCRIPTIONS, SnsTables.subscription(arn), fresh);
            return fresh;
        });
        Parcel again = made.arn().equals(arn) ? question : made.pending() ? question(true, made, known) : null;
        if (again != null) {
            queue.add(topic.scope(), again, Parcels.policy(known, made));
        }
        boolean told = !made.pending() || Boolean.TRUE.equals(in.returnSubscriptionArn());
        return new SubscribeResponse().subscriptionArn(told ? made.arn() : "pending confirmation");
    }

    private static void checkEndpoint(String protocol, String endpoint) {
        boolean sound = switch (protocol) {
            case "sqs", "lambda" ->
                Arn.parse(endpoint)
                        .filter(each -> each.service().equals(protocol))
                        .isPresent();
            case "http", "https" -> WEB.matcher(endpoint).matches() && endpoint.startsWith(protocol + "://");
            case "email", "email-json" -> ADDRESS.matcher(endpoint).matches();
            case "sms" -> PHONE.matcher(endpoint).matches();
            case "application" -> Platforms.names(endpoint);
            default -> throw SnsFaults.invalid("Does not support this protocol string: " + protocol);
        };
        if (!sound) {
            throw SnsFaults.invalid(
                    switch (protocol) {
                        case "sqs" -> "SQS endpoint ARN";
                        case "lambda" -> "Lambda endpoint ARN";
                        case "http", "https" -> "Endpoint must match the specified protocol";
                        case "email", "email-json" -> "Email address";
                        case "application" -> "Application endpoint arn invalid:" + endpoint;
                        default -> "Endpoint Reason: Invalid SMS endpoint: " + endpoint;
                    });
        }
    }

    /** Owners of queues and functions need not be asked, if they subscribe them themselves; phones and apps are not. */
    private static boolean asksFirst(String protocol, String endpoint, Call call) {
        return switch (protocol) {
            case "sqs", "lambda" ->
                !call.account().equals(Arn.parse(endpoint).map(Arn::account).orElse(""));
            case "sms", "application" -> false;
            default -> true;
        };
    }

    /** What an endpoint is asked or told. */
    private Parcel question(boolean wanted, SubscriptionRow subscription, TopicRow topic) {
        String token = tokens.seal(TOKEN, subscription.arn());
        String document = messages.confirmation(wanted, subscription, topic, token, clock.instant());
        boolean mail = subscription.protocol().equals("email");
        String payload = mail
                ? (wanted
                                ? "You have chosen to subscribe to the topic:\n"
                                : "Your subscription to this topic has ended:\n")
                        + subscription.topicArn() + "\n\nTo confirm this subscription, click or visit the link below:\n"
                        + Messages.confirm(subscription, token) + "\n"
                : document;
        Parcel.Manner manner = Parcel.Manner.PLAIN.about(
                wanted
                        ? "AWS Notification - Subscription Confirmation"
                        : "AWS Notification - Unsubscribe Confirmation");
        if (Parcels.web(subscription)) {
            manner = manner.requesting(Parcels.headers(
                    subscription,
                    wanted ? "SubscriptionConfirmation" : "UnsubscribeConfirmation",
                    UUID.randomUUID().toString(),
                    false));
        }
        return Parcel.of(Parcels.target(subscription), payload, Parcels.sender(subscription))
                .in(manner);
    }

    /** Confirms, with the token that the endpoint was sent; the same token again confirms nothing more. */
    String confirm(ConfirmSubscriptionInput in) {
        String arn = tokens.open(TOKEN, in.token()).orElseThrow(() -> SnsFaults.invalid("Token"));
        if (!arn.startsWith(in.topicArn() + ":")) {
            throw SnsFaults.invalid("Token");
        }
        Key key = SnsTables.subscription(arn);
        store.write(tx -> {
            SubscriptionRow row =
                    tx.get(SnsTables.SUBSCRIPTIONS, key).map(Row::value).orElseThrow(() -> SnsFaults.invalid("Token"));
            if (row.pending()) {
                tx.put(
                        SnsTables.SUBSCRIPTIONS,
                        key,
                        row.confirmed("true".equalsIgnoreCase(in.authenticateOnUnsubscribe())));
            }
        });
        return arn;
    }

    /** Ends a subscription for somebody who only knows its link. */
    void leave(String arn) {
        SubscriptionRow row = store.read(tx -> row(tx, SnsTables.subscription(arn)));
        if (row.authenticated()) {
            throw Fault.of(new AuthorizationErrorException(), "The subscription can only be ended by its owners");
        }
        unsubscribe(arn);
    }

    /** Forgets subscriptions nobody has confirmed in time. */
    void forgetPending() {
        long before = clock.instant().toEpochMilli() - PENDING_MILLIS;
        Key after = null;
        List<Row<SubscriptionRow>> page;
        do {
            Key from = after;
            page = store.read(tx -> tx.all(SnsTables.SUBSCRIPTIONS, from, CHUNK));
            for (Row<SubscriptionRow> each : page) {
                after = each.key();
                if (each.value().pending() && each.value().pendingSince() < before) {
                    store.write(tx -> tx.delete(SnsTables.SUBSCRIPTIONS, each.key()));
                }
            }
        } while (page.size() == CHUNK);
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
            case "DeliveryPolicy" -> text.isEmpty() || delivery(text);
            default -> true;
        };
        if (!sound) {
            throw SnsFaults.invalid(name);
        }
        if (name.equals("FilterPolicy")) {
            FilterPolicy.check(text);
        }
    }

    private static boolean delivery(String text) {
        Map<String, @Nullable Object> policy = Json.object(text).orElse(null);
        if (policy != null && policy.get("healthyRetryPolicy") instanceof Map<?, ?> retries) {
            Parcels.check(retries);
        }
        return policy != null;
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
        Key key = SnsTables.subscription(arn);
        SubscriptionRow gone = store.transact(tx -> {
            SubscriptionRow row =
                    tx.get(SnsTables.SUBSCRIPTIONS, key).map(Row::value).orElse(null);
            boolean unused = tx.delete(SnsTables.SUBSCRIPTIONS, key);
            return row;
        });
        boolean tells = gone != null
                && !gone.pending()
                && (Parcels.web(gone) || gone.protocol().startsWith("email"));
        TopicRow topic = store.read(tx -> tx.get(SnsTables.TOPICS, SnsTables.topic(arn)))
                .map(Row::value)
                .orElse(null);
        if (tells && topic != null) {
            queue.add(key.scope(), question(false, gone, topic), Parcels.policy(topic, gone));
        }
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
        all.put("PendingConfirmation", "" + row.pending());
        all.put("ConfirmationWasAuthenticated", "" + (row.owner().equals(ownerOf(row)) || row.authenticated()));
        all.put(
                "EffectiveDeliveryPolicy",
                Parcels.web(row) ? Parcels.told(store.read(tx -> Topics.row(tx, SnsTables.topic(arn))), row) : "");
        all.values().removeIf(String::isEmpty);
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

    private static String ownerOf(SubscriptionRow row) {
        return Arn.parse(row.endpoint()).map(Arn::account).orElse("");
    }

    private static List<Subscription> told(List<Row<SubscriptionRow>> rows) {
        return rows.stream()
                .map(Row::value)
                .map(row -> new Subscription()
                        .subscriptionArn(row.pending() ? "PendingConfirmation" : row.arn())
                        .topicArn(row.topicArn())
                        .owner(row.owner())
                        .protocol(row.protocol())
                        .endpoint(row.endpoint()))
                .toList();
    }
}
