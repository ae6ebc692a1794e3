package dev.haneul.services.sns;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.sns.*;
import dev.haneul.delivery.DeliveryQueue;
import dev.haneul.delivery.Targets;
import dev.haneul.envelope.DataKeys;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.plane.DataPlane;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.reconcile.Reconciler;
import dev.haneul.kernel.store.DataFolder;
import dev.haneul.kernel.store.Key;
import dev.haneul.kernel.store.Row;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sns.SnsTables.SentRow;
import dev.haneul.services.sns.SnsTables.TopicRow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Amazon SNS. See the package for what is built. */
public final class SnsService implements SnsApi {
    private static final int DELIVERIES_AT_ONCE = 16;
    private static final int SLOTS = 4;

    private final Store store;
    private final Clock clock;
    private final Topics topics;
    private final Subscriptions subscriptions;
    private final Publishing publishing;
    private final DeliveryQueue standard;
    private final DeliveryQueue ordered;
    private final Visits visits;
    private final Platforms platforms;
    private final Phones phones;
    private final Receipts receipts;

    /**
     * Makes the service and opens its tables.
     *
     * @param neighbours carries calls to SQS, KMS and CloudWatch Logs
     * @param targets hands messages to other subscribers
     * @param folder the data folder: mails and text messages lie below it
     */
    public SnsService(Store store, Clock clock, Caller neighbours, Targets targets, DataFolder folder) {
        store.open(SnsTables.ALL, List.of());
        this.store = store;
        this.clock = clock;
        Tokens tokens = new Tokens(Tokens.derive(folder.key(), "sns tokens"));
        Mailbox mailbox = new Mailbox(folder.path().resolve("mail"), clock);
        Handing handing = new Handing(targets, neighbours, mailbox);
        platforms = new Platforms(store, tokens);
        phones = new Phones(store, clock, tokens, mailbox);
        receipts = new Receipts(store, clock, neighbours, targets, phones);
        standard = new DeliveryQueue("sns.delivery", store, clock, handing, SLOTS);
        ordered = new DeliveryQueue("sns.ordered", store, clock, handing, 1);
        standard.watch(receipts);
        ordered.watch(receipts);
        topics = new Topics(store, tokens);
        Signer signer = new Signer(store, clock, tokens);
        Messages messages = new Messages(signer);
        subscriptions = new Subscriptions(store, tokens, clock, messages, standard);
        publishing = new Publishing(
                store,
                clock,
                standard,
                ordered,
                messages,
                receipts,
                new DataKeys(neighbours, "sns.amazonaws.com", clock));
        visits = new Visits(signer, subscriptions);
    }

    /** Tells AWS/SNS's metrics; before the driver starts. */
    public void measure(Metrics metrics) {
        receipts.measure(metrics);
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        standard.join(driver, DELIVERIES_AT_ONCE);
        ordered.join(driver, DELIVERIES_AT_ONCE);
        driver.add(new Forgetting(), 1).wake("sweep");
    }

    /** Forgets deduplication ids whose five minutes are over, and subscriptions nobody confirmed. */
    private final class Forgetting implements Reconciler<String> {
        private static final int CHUNK = 500;

        @Override
        public String name() {
            return "sns.forgetting";
        }

        @Override
        public Next reconcile(String key) {
            subscriptions.forgetPending();
            long before = clock.instant().toEpochMilli() - Publishing.DUPLICATE_MILLIS;
            Key after = null;
            while (true) {
                Key from = after;
                List<Row<SentRow>> page = store.read(tx -> tx.all(SnsTables.SENT, from, CHUNK));
                List<Row<SentRow>> old = page.stream()
                        .filter(row -> row.value().sentMillis() < before)
                        .toList();
                if (!old.isEmpty()) {
                    store.write(tx -> old.forEach(row -> tx.delete(SnsTables.SENT, row.key())));
                }
                if (page.size() < CHUNK) {
                    return Next.after(Duration.ofMinutes(5));
                }
                after = page.getLast().key();
            }
        }
    }

    /** The signing certificate and the links that end subscriptions. */
    public DataPlane visits() {
        return visits;
    }

    /** Topics' owners and policies, for the authorizer. */
    public ResourcePolicies resourcePolicies() {
        return topics;
    }

    @Override
    public CreateTopicResponse createTopic(CreateTopicInput in, Call call) {
        return topics.create(in, call);
    }

    @Override
    public DeleteTopicResponse deleteTopic(DeleteTopicInput in, Call call) {
        topics.delete(in.topicArn());
        return new DeleteTopicResponse();
    }

    @Override
    public ListTopicsResponse listTopics(ListTopicsInput in, Call call) {
        return topics.list(in.nextToken(), call);
    }

    @Override
    public GetTopicAttributesResponse getTopicAttributes(GetTopicAttributesInput in, Call call) {
        return new GetTopicAttributesResponse().attributes(topics.attributes(in.topicArn()));
    }

    @Override
    public SetTopicAttributesResponse setTopicAttributes(SetTopicAttributesInput in, Call call) {
        topics.set(in);
        return new SetTopicAttributesResponse();
    }

    @Override
    public AddPermissionResponse addPermission(AddPermissionInput in, Call call) {
        topics.permit(in);
        return new AddPermissionResponse();
    }

    @Override
    public RemovePermissionResponse removePermission(RemovePermissionInput in, Call call) {
        topics.forbid(in);
        return new RemovePermissionResponse();
    }

    @Override
    public GetDataProtectionPolicyResponse getDataProtectionPolicy(GetDataProtectionPolicyInput in, Call call) {
        TopicRow row = store.read(tx -> Topics.row(tx, SnsTables.topic(in.resourceArn())));
        return new GetDataProtectionPolicyResponse().dataProtectionPolicy(row.dataProtection());
    }

    @Override
    public PutDataProtectionPolicyResponse putDataProtectionPolicy(PutDataProtectionPolicyInput in, Call call) {
        topics.change(in.resourceArn(), topic -> topic.protectedBy(in.dataProtectionPolicy()));
        return new PutDataProtectionPolicyResponse();
    }

    @Override
    public TagResourceResponse tagResource(TagResourceRequest in, Call call) {
        topics.change(in.resourceArn(), topic -> topic.withTags(Topics.tags(topic.tags(), in.tags())));
        return new TagResourceResponse();
    }

    @Override
    public UntagResourceResponse untagResource(UntagResourceRequest in, Call call) {
        topics.change(in.resourceArn(), topic -> {
            Map<String, String> tags = new LinkedHashMap<>(topic.tags());
            in.tagKeys().forEach(tags::remove);
            return topic.withTags(tags);
        });
        return new UntagResourceResponse();
    }

    @Override
    public ListTagsForResourceResponse listTagsForResource(ListTagsForResourceRequest in, Call call) {
        return new ListTagsForResourceResponse().tags(topics.tags(in.resourceArn()));
    }

    @Override
    public SubscribeResponse subscribe(SubscribeInput in, Call call) {
        return subscriptions.subscribe(in, call);
    }

    @Override
    public ConfirmSubscriptionResponse confirmSubscription(ConfirmSubscriptionInput in, Call call) {
        return new ConfirmSubscriptionResponse().subscriptionArn(subscriptions.confirm(in));
    }

    @Override
    public UnsubscribeResponse unsubscribe(UnsubscribeInput in, Call call) {
        subscriptions.unsubscribe(in.subscriptionArn());
        return new UnsubscribeResponse();
    }

    @Override
    public ListSubscriptionsResponse listSubscriptions(ListSubscriptionsInput in, Call call) {
        return subscriptions.list(in.nextToken(), call);
    }

    @Override
    public ListSubscriptionsByTopicResponse listSubscriptionsByTopic(ListSubscriptionsByTopicInput in, Call call) {
        return subscriptions.list(in);
    }

    @Override
    public GetSubscriptionAttributesResponse getSubscriptionAttributes(GetSubscriptionAttributesInput in, Call call) {
        return new GetSubscriptionAttributesResponse().attributes(subscriptions.attributes(in.subscriptionArn()));
    }

    @Override
    public SetSubscriptionAttributesResponse setSubscriptionAttributes(SetSubscriptionAttributesInput in, Call call) {
        subscriptions.set(in);
        return new SetSubscriptionAttributesResponse();
    }

    @Override
    public PublishResponse publish(PublishInput in, Call call) {
        return publishing.publish(in, call);
    }

    @Override
    public PublishBatchResponse publishBatch(PublishBatchInput in, Call call) {
        return publishing.batch(in, call);
    }

    @Override
    public CreatePlatformApplicationResponse createPlatformApplication(CreatePlatformApplicationInput in, Call call) {
        return platforms.create(in, call);
    }

    @Override
    public DeletePlatformApplicationResponse deletePlatformApplication(DeletePlatformApplicationInput in, Call call) {
        platforms.delete(in.platformApplicationArn());
        return new DeletePlatformApplicationResponse();
    }

    @Override
    public GetPlatformApplicationAttributesResponse getPlatformApplicationAttributes(
            GetPlatformApplicationAttributesInput in, Call call) {
        return new GetPlatformApplicationAttributesResponse()
                .attributes(platforms.attributes(in.platformApplicationArn()));
    }

    @Override
    public SetPlatformApplicationAttributesResponse setPlatformApplicationAttributes(
            SetPlatformApplicationAttributesInput in, Call call) {
        platforms.set(in);
        return new SetPlatformApplicationAttributesResponse();
    }

    @Override
    public ListPlatformApplicationsResponse listPlatformApplications(ListPlatformApplicationsInput in, Call call) {
        return platforms.list(in.nextToken(), call);
    }

    @Override
    public CreateEndpointResponse createPlatformEndpoint(CreatePlatformEndpointInput in, Call call) {
        return platforms.register(in);
    }

    @Override
    public DeleteEndpointResponse deleteEndpoint(DeleteEndpointInput in, Call call) {
        platforms.unregister(in.endpointArn());
        return new DeleteEndpointResponse();
    }

    @Override
    public GetEndpointAttributesResponse getEndpointAttributes(GetEndpointAttributesInput in, Call call) {
        return new GetEndpointAttributesResponse().attributes(platforms.endpoint(in.endpointArn()));
    }

    @Override
    public SetEndpointAttributesResponse setEndpointAttributes(SetEndpointAttributesInput in, Call call) {
        platforms.set(in);
        return new SetEndpointAttributesResponse();
    }

    @Override
    public ListEndpointsByPlatformApplicationResponse listEndpointsByPlatformApplication(
            ListEndpointsByPlatformApplicationInput in, Call call) {
        return platforms.endpoints(in);
    }

    @Override
    public CheckIfPhoneNumberIsOptedOutResponse checkIfPhoneNumberIsOptedOut(
            CheckIfPhoneNumberIsOptedOutInput in, Call call) {
        return new CheckIfPhoneNumberIsOptedOutResponse().isOptedOut(phones.optedOut(in.phoneNumber()));
    }

    @Override
    public ListPhoneNumbersOptedOutResponse listPhoneNumbersOptedOut(ListPhoneNumbersOptedOutInput in, Call call) {
        return phones.optedOut(in, call);
    }

    @Override
    public OptInPhoneNumberResponse optInPhoneNumber(OptInPhoneNumberInput in, Call call) {
        phones.optIn(in.phoneNumber(), call);
        return new OptInPhoneNumberResponse();
    }

    @Override
    public GetSMSAttributesResponse getSMSAttributes(GetSMSAttributesInput in, Call call) {
        return new GetSMSAttributesResponse().attributes(phones.attributes(in.attributes(), call));
    }

    @Override
    public SetSMSAttributesResponse setSMSAttributes(SetSMSAttributesInput in, Call call) {
        phones.set(in.attributes(), call);
        return new SetSMSAttributesResponse();
    }

    /** Accounts here have left the sandbox: any number may be written to. */
    @Override
    public GetSMSSandboxAccountStatusResult getSMSSandboxAccountStatus(GetSMSSandboxAccountStatusInput in, Call call) {
        return new GetSMSSandboxAccountStatusResult().isInSandbox(false);
    }

    @Override
    public CreateSMSSandboxPhoneNumberResult createSMSSandboxPhoneNumber(
            CreateSMSSandboxPhoneNumberInput in, Call call) {
        phones.sandbox(in.phoneNumber(), call);
        return new CreateSMSSandboxPhoneNumberResult();
    }

    @Override
    public VerifySMSSandboxPhoneNumberResult verifySMSSandboxPhoneNumber(
            VerifySMSSandboxPhoneNumberInput in, Call call) {
        phones.verify(in.phoneNumber(), in.oneTimePassword(), call);
        return new VerifySMSSandboxPhoneNumberResult();
    }

    @Override
    public DeleteSMSSandboxPhoneNumberResult deleteSMSSandboxPhoneNumber(
            DeleteSMSSandboxPhoneNumberInput in, Call call) {
        phones.release(in.phoneNumber(), call);
        return new DeleteSMSSandboxPhoneNumberResult();
    }

    @Override
    public ListSMSSandboxPhoneNumbersResult listSMSSandboxPhoneNumbers(ListSMSSandboxPhoneNumbersInput in, Call call) {
        return phones.sandboxed(in, call);
    }

    /** Numbers are rented from AWS End User Messaging, which is not here. */
    @Override
    public ListOriginationNumbersResult listOriginationNumbers(ListOriginationNumbersRequest in, Call call) {
        return new ListOriginationNumbersResult().phoneNumbers(List.of());
    }
}
