package dev.haneul.services.sns;

import dev.haneul.api.runtime.Caller;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.MessageAttributeValue;
import dev.haneul.api.sqs.SendMessageRequest;
import dev.haneul.api.sqs.SqsClient;
import dev.haneul.delivery.Json;
import dev.haneul.delivery.Outcome;
import dev.haneul.delivery.Parcel;
import dev.haneul.delivery.Targets;
import dev.haneul.kernel.Arn;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Hands parcels over: raw messages for queues with their attributes and types; to web endpoints, mailboxes and phones;
 * all else as any service does.
 */
final class Handing implements Function<Parcel, Outcome> {
    /** Begins the name of a parcel whose payload is a raw message: a JSON object of its body and attributes. */
    static final String RAW = "raw";

    /** What mail addresses begin with as targets of parcels. */
    static final String MAIL = "mailto:";

    /** What phone numbers begin with as targets of parcels. */
    static final String PHONE = "tel:";

    /** What platform endpoints begin with as targets of parcels. */
    static final String PUSH = "push:";

    private final Targets targets;
    private final SqsClient sqs;
    private final WebEndpoints web = new WebEndpoints();
    private final Mailbox mailbox;

    Handing(Targets targets, Caller neighbours, Mailbox mailbox) {
        this.mailbox = mailbox;
        this.targets = targets;
        this.sqs = new SqsClient(neighbours);
    }

    @Override
    public Outcome apply(Parcel parcel) {
        String to = parcel.arn();
        if (to.startsWith("http://") || to.startsWith("https://")) {
            return web.post(parcel);
        }
        if (to.startsWith(MAIL)) {
            return mailbox.mail(to.substring(MAIL.length()), parcel.manner().subject(), parcel.payload());
        }
        if (to.startsWith(PHONE)) {
            String number = to.substring(PHONE.length());
            return mailbox.stopped(number)
                    ? new Outcome.Never("OptedOut", "Phone number is opted out")
                    : mailbox.text(number, parcel.payload());
        }
        if (to.startsWith(PUSH)) {
            return mailbox.push(to.substring(PUSH.length()), parcel.payload());
        }
        String name = parcel.manner().name();
        if (name == null || !name.startsWith(RAW)) {
            return targets.send(parcel);
        }
        try {
            return raw(parcel);
        } catch (Fault fault) {
            return Outcome.of(fault);
        }
    }

    private Outcome raw(Parcel parcel) {
        Arn arn = Arn.parse(parcel.arn()).orElseThrow();
        Map<String, @Nullable Object> tree = Json.object(parcel.payload()).orElseThrow();
        Map<String, MessageAttributeValue> attributes = new LinkedHashMap<>();
        if (tree.get("attributes") instanceof Map<?, ?> all) {
            all.forEach((name, value) -> {
                if (value instanceof Map<?, ?> one) {
                    String type = String.valueOf(one.get("Type"));
                    String text = String.valueOf(one.get("Value"));
                    boolean binary = type.startsWith("Binary");
                    attributes.put(
                            String.valueOf(name),
                            new MessageAttributeValue()
                                    .dataType(type)
                                    .stringValue(binary ? null : text)
                                    .binaryValue(binary ? Base64.getDecoder().decode(text) : null));
                }
            });
        }
        sqs.sendMessage(
                new SendMessageRequest()
                        .queueUrl("https://sqs." + arn.region() + ".amazonaws.com/" + arn.account() + "/"
                                + arn.resource())
                        .messageBody(String.valueOf(tree.get("body")))
                        .messageAttributes(attributes.isEmpty() ? null : attributes)
                        .messageGroupId(parcel.manner().groupId())
                        .messageDeduplicationId(parcel.manner().deduplicationId()),
                targets.call(parcel.sender(), arn.account(), arn.region()));
        return new Outcome.Done("");
    }
}
