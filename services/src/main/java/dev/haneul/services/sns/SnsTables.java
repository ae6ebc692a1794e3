package dev.haneul.services.sns;

import dev.haneul.kernel.Arn;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Table;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The durable state of topics and subscriptions. */
final class SnsTables {
    static final Table<TopicRow> TOPICS = Table.of("sns.topic", RecordCodecs.of(TopicRow.class));
    static final Table<SubscriptionRow> SUBSCRIPTIONS = Table.of(
            "sns.subscription",
            RecordCodecs.of(SubscriptionRow.class),
            new Table.Index<>("topic", row -> List.of(row.topicArn())),
            new Table.Index<>("owner", row -> List.of(row.owner())));
    static final Table<SentRow> SENT = Table.of("sns.sent", RecordCodecs.of(SentRow.class));
    static final Table<SignerRow> SIGNER = Table.of("sns.signer", RecordCodecs.of(SignerRow.class));
    static final Table<PlatformRow> PLATFORMS = Table.of("sns.platform", RecordCodecs.of(PlatformRow.class));
    static final Table<EndpointRow> ENDPOINTS = Table.of(
            "sns.endpoint",
            RecordCodecs.of(EndpointRow.class),
            new Table.Index<>("application", row -> List.of(row.application())),
            new Table.Index<>(
                    "token",
                    row -> List.of(row.application() + "\n" + row.attributes().get("Token"))));
    static final Table<PhoneRow> PHONES = Table.of("sns.phone", RecordCodecs.of(PhoneRow.class));
    static final Table<SmsRow> SMS = Table.of("sns.sms", RecordCodecs.of(SmsRow.class));
    static final List<Table<?>> ALL = List.of(TOPICS, SUBSCRIPTIONS, SENT, SIGNER, PLATFORMS, ENDPOINTS, PHONES, SMS);

    private SnsTables() {}

    /**
     * A topic.
     *
     * @param attributes what was set, by the API's names
     * @param published how many messages a FIFO topic has numbered
     */
    record TopicRow(
            String name,
            Map<String, String> attributes,
            Map<String, String> tags,
            String dataProtection,
            long published) {
        boolean fifo() {
            return "true".equals(attributes.get("FifoTopic"));
        }

        TopicRow withAttributes(Map<String, String> changed) {
            return new TopicRow(name, changed, tags, dataProtection, published);
        }

        TopicRow withTags(Map<String, String> changed) {
            return new TopicRow(name, attributes, changed, dataProtection, published);
        }

        TopicRow protectedBy(String policy) {
            return new TopicRow(name, attributes, tags, policy, published);
        }

        TopicRow counted(long number) {
            return new TopicRow(name, attributes, tags, dataProtection, number);
        }
    }

    /**
     * A subscription.
     *
     * @param owner the account that made it
     * @param base the region's endpoint as whoever subscribed calls it: what links begin with
     * @param pendingSince when its endpoint was asked; 0 for confirmed ones
     * @param authenticated whether only its owners may end it
     */
    record SubscriptionRow(
            String arn,
            String topicArn,
            String owner,
            String protocol,
            String endpoint,
            Map<String, String> attributes,
            String base,
            long pendingSince,
            boolean authenticated) {
        SubscriptionRow withAttributes(Map<String, String> changed) {
            return new SubscriptionRow(
                    arn, topicArn, owner, protocol, endpoint, changed, base, pendingSince, authenticated);
        }

        SubscriptionRow confirmed(boolean onlyOwners) {
            return new SubscriptionRow(arn, topicArn, owner, protocol, endpoint, attributes, base, 0, onlyOwners);
        }

        boolean pending() {
            return pendingSince != 0;
        }
    }

    /** The key that signs messages, sealed, and its certificate in PEM. */
    record SignerRow(String id, String sealedKey, String certificate) {}

    /** What was published to a FIFO topic under a deduplication id. */
    record SentRow(String messageId, String sequence, long sentMillis) {}

    /** A platform application, by its platform and name; credentials among its attributes. */
    record PlatformRow(Map<String, String> attributes) {}

    /** An app on a device, by its application's id and its own; its token among its attributes. */
    record EndpointRow(String application, Map<String, String> attributes) {}

    /**
     * A phone number.
     *
     * @param sandbox its verification's status; null where it is not in the sandbox
     * @param password by which it is verified
     * @param optedInMillis when it was last opted in; 0 for never
     */
    record PhoneRow(@Nullable String sandbox, String password, int tries, long optedInMillis) {
        static final PhoneRow UNKNOWN = new PhoneRow(null, "", 0, 0);

        PhoneRow sandboxed(@Nullable String status, String code, int tried) {
            return new PhoneRow(status, code, tried, optedInMillis);
        }

        PhoneRow optedIn(long millis) {
            return new PhoneRow(sandbox, password, tries, millis);
        }
    }

    /** What an account has said of its text messages. */
    record SmsRow(Map<String, String> attributes) {}

    /** The key of a topic's ARN, or of the topic in a subscription's. */
    static Key topic(String arn) {
        Arn parsed = Arn.parse(arn)
                .filter(found -> found.service().equals("sns")
                        && found.account().length() == 12
                        && found.resource().split(":", -1)[0].length() > 0)
                .orElseThrow(() -> SnsFaults.invalid(
                        "TopicArn Reason: An ARN must have at least 6 elements, not " + arn.split(":", -1).length));
        return new Key(parsed.account(), parsed.region(), parsed.resource().split(":", -1)[0]);
    }

    static String arn(Key topic) {
        return Arn.of("sns", topic.region(), topic.account(), topic.id()).toString();
    }

    /** Where a subscription is: by its topic's account and region. */
    static Key subscription(String arn) {
        Arn parsed = Arn.parse(arn)
                .filter(found ->
                        found.service().equals("sns") && found.resource().contains(":"))
                .orElseThrow(
                        () -> SnsFaults.invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not "
                                + arn.split(":", -1).length));
        return new Key(parsed.account(), parsed.region(), parsed.resource());
    }
}
