package dev.haneul.services.sns;

import dev.haneul.api.logs.CreateLogGroupRequest;
import dev.haneul.api.logs.CreateLogStreamRequest;
import dev.haneul.api.logs.InputLogEvent;
import dev.haneul.api.logs.LogsClient;
import dev.haneul.api.logs.PutLogEventsRequest;
import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * How it ended with what was published: AWS/SNS's metrics, and delivery status logs for topics, platform applications and
 * text messages that name a role for them. What cannot be logged is told in the server's log and missed.
 *
 * @see <a href="https://docs.aws.amazon.com/sns/latest/dg/sns-topic-attributes.html">Message delivery status</a>
 * @see <a href="https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html">Monitoring topics</a>
 */
final class Receipts implements DeliveryQueue.Watcher {
    private static final System.Logger LOG = System.getLogger(Receipts.class.getName());
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneOffset.UTC);
    private static final String NAMESPACE = "AWS/SNS";
    private static final int ALL_PERCENT = 100;
    private static final int OK = 200;

    private final Store store;
    private final Clock clock;
    private final LogsClient logs;
    private final Targets targets;
    private final Phones phones;
    private volatile Metrics metrics = Metrics.NONE;

    /** Where somebody wants to read how deliveries end. */
    private record Wanted(
            String group,
            @Nullable String successRole,
            @Nullable String failureRole,
            int percent) {}

    Receipts(Store store, Clock clock, Caller neighbours, Targets targets, Phones phones) {
        this.store = store;
        this.clock = clock;
        this.logs = new LogsClient(neighbours);
        this.targets = targets;
        this.phones = phones;
    }

    void measure(Metrics measured) {
        metrics = measured;
    }

    /** A topic has taken a message of so many bytes, which so many subscriptions did not want. */
    void published(Key topic, int bytes, int filteredOut) {
        Map<String, String> dimensions = Map.of("TopicName", topic.id());
        count(topic.scope(), "NumberOfMessagesPublished", dimensions, "Count", 1);
        count(topic.scope(), "PublishSize", dimensions, "Bytes", bytes);
        if (filteredOut > 0) {
            count(topic.scope(), "NumberOfNotificationsFilteredOut", dimensions, "Count", filteredOut);
        }
    }

    private void count(Scope scope, String name, Map<String, String> dimensions, String unit, double value) {
        metrics.add(new Metrics.What(scope, NAMESPACE, name, dimensions, unit), clock.instant(), value);
    }

    @Override
    public void ended(Scope scope, DeliveryQueue.Waiting tried, @Nullable String trouble) {
        Parcel parcel = tried.parcel();
        if (!parcel.sender().host().equals("sns.amazonaws.com")
                || parcel.manner().name() == null) {
            return; // a dead letter, or a question to an endpoint
        }
        count(
                scope,
                trouble == null ? "NumberOfNotificationsDelivered" : "NumberOfNotificationsFailed",
                dimensions(parcel),
                "Count",
                1);
        Wanted wanted = wanted(scope, parcel);
        String role = trouble == null ? wanted.successRole : wanted.failureRole;
        boolean sampled = trouble != null || ThreadLocalRandom.current().nextInt(ALL_PERCENT) < wanted.percent;
        if (role != null && !role.isEmpty() && sampled) {
            log(scope, wanted.group + (trouble == null ? "" : "/Failure"), role, tried, trouble);
        }
    }

    private static Map<String, String> dimensions(Parcel parcel) {
        String topic = parcel.sender().sourceArn();
        if (!topic.isEmpty()) {
            return Map.of("TopicName", SnsTables.topic(topic).id());
        }
        if (parcel.arn().startsWith(Handing.PHONE)) {
            return Map.of("PhoneNumber", "PhoneNumberDirect");
        }
        String[] steps = parcel.arn().split("/", -1);
        return Map.of("Application", steps[2], "Platform", steps[1]);
    }

    private Wanted wanted(Scope scope, Parcel parcel) {
        String prefix = "sns/" + scope.region() + "/" + scope.account() + "/";
        String to = parcel.arn();
        if (to.startsWith(Handing.PHONE)) {
            Map<String, String> sms = phones.attributes(scope);
            String role = sms.get("DeliveryStatusIAMRole");
            return new Wanted(
                    prefix + "DirectPublishToPhoneNumber",
                    role,
                    role,
                    percent(sms.get("DeliveryStatusSuccessSamplingRate")));
        }
        String topic = parcel.sender().sourceArn();
        if (to.startsWith(Handing.PUSH) && topic.isEmpty()) {
            String[] steps = to.split("/", -1);
            Map<String, String> application = store.read(
                            tx -> tx.get(SnsTables.PLATFORMS, scope.key(steps[1] + "/" + steps[2])))
                    .map(row -> row.value().attributes())
                    .orElse(Map.of());
            return wanted(prefix + "app/" + steps[1] + "/" + steps[2], "", application);
        }
        Key key = SnsTables.topic(topic);
        Map<String, String> attributes = store.read(tx -> tx.get(SnsTables.TOPICS, key))
                .map(row -> row.value().attributes())
                .orElse(Map.of());
        return wanted(prefix + key.id(), kind(to), attributes);
    }

    private static Wanted wanted(String group, String kind, Map<String, String> attributes) {
        return new Wanted(
                group,
                attributes.get(kind + "SuccessFeedbackRoleArn"),
                attributes.get(kind + "FailureFeedbackRoleArn"),
                percent(attributes.get(kind + "SuccessFeedbackSampleRate")));
    }

    private static int percent(@Nullable String text) {
        return text == null || !text.matches("[0-9]{1,3}") ? ALL_PERCENT : Integer.parseInt(text);
    }

    /** What attributes for such a target begin with. */
    private static String kind(String target) {
        if (target.startsWith("http")) {
            return "HTTP";
        }
        if (target.startsWith(Handing.PUSH)) {
            return "Application";
        }
        return target.startsWith("arn:aws:lambda:") ? "Lambda" : "SQS";
    }

    private void log(Scope scope, String group, String role, DeliveryQueue.Waiting tried, @Nullable String trouble) {
        Instant now = clock.instant();
        String stream = LocalDate.ofInstant(now, ZoneOffset.UTC) + "-" + scope.account();
        try {
            Call call = targets.call(tried.parcel().sender().under(role), scope.account(), scope.region());
            PutLogEventsRequest put = new PutLogEventsRequest()
                    .logGroupName(group)
                    .logStreamName(stream)
                    .logEvents(List.of(
                            new InputLogEvent().timestamp(now.toEpochMilli()).message(entry(tried, trouble, now))));
            try {
                logs.putLogEvents(put, call);
            } catch (Fault missing) {
                if (!missing.code().equals("ResourceNotFoundException")) {
                    throw missing;
                }
                make(() -> logs.createLogGroup(new CreateLogGroupRequest().logGroupName(group), call));
                make(() -> logs.createLogStream(
                        new CreateLogStreamRequest().logGroupName(group).logStreamName(stream), call));
                logs.putLogEvents(put, call);
            }
        } catch (Fault fault) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "a delivery status is not logged in " + group + ": " + fault.message());
        }
    }

    private static void make(Runnable making) {
        try {
            making.run();
        } catch (Fault fault) {
            if (!fault.code().equals("ResourceAlreadyExistsException")) {
                throw fault;
            }
        }
    }

    private static String entry(DeliveryQueue.Waiting tried, @Nullable String trouble, Instant now) {
        Parcel parcel = tried.parcel();
        String name = String.valueOf(parcel.manner().name());
        String topic = parcel.sender().sourceArn();
        Map<String, @Nullable Object> notification = new LinkedHashMap<>();
        notification.put(
                "messageMD5Sum",
                HexFormat.of()
                        .formatHex(ChecksumAlgorithm.MD5.of(parcel.payload().getBytes(StandardCharsets.UTF_8))));
        notification.put("messageId", name.substring(name.lastIndexOf(' ') + 1));
        if (!topic.isEmpty()) {
            notification.put("topicArn", topic);
        }
        notification.put("timestamp", TIME.format(tried.since()));
        Map<String, @Nullable Object> delivery = new LinkedHashMap<>();
        delivery.put("deliveryId", UUID.randomUUID().toString());
        delivery.put("destination", destination(parcel.arn()));
        delivery.put("providerResponse", trouble == null ? "OK" : trouble);
        delivery.put("dwellTimeMs", Duration.between(tried.since(), now).toMillis());
        delivery.put("attempts", tried.attempts());
        if (trouble == null) {
            delivery.put("statusCode", OK);
        }
        Map<String, @Nullable Object> all = new LinkedHashMap<>();
        all.put("notification", notification);
        all.put("delivery", delivery);
        all.put("status", trouble == null ? "SUCCESS" : "FAILURE");
        return Json.write(all);
    }

    private static String destination(String target) {
        return Arn.parse(target).isPresent() || !target.contains(":") || target.startsWith("http")
                ? target
                : target.substring(target.indexOf(':') + 1);
    }
}
