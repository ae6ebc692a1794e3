package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Caller;
import dev.haneul.api.sqs.*;
import dev.haneul.envelope.DataKeys;
import dev.haneul.kernel.Tokens;
import dev.haneul.kernel.call.ResourcePolicies;
import dev.haneul.kernel.metrics.Metrics;
import dev.haneul.kernel.reconcile.Driver;
import dev.haneul.kernel.store.Change;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.time.Clock;
import dev.haneul.services.sqs.SqsTables.QueueRow;
import dev.haneul.storage.Segments;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Amazon SQS. See the package for what is built. */
public final class SqsService implements SqsApi {
    private final SqsContext sqs;
    private final Queues queues;
    private final QueuePolicies policies;
    private final Sending sending;
    private final Receiving receiving;
    private final Settling settling;
    private final MoveTasks moves;
    private volatile @Nullable SqsMetrics metrics;

    /**
     * Makes the service and opens its tables.
     *
     * @param neighbours carries calls to KMS
     * @param folderKey the data folder's key, under which receipt handles and page tokens are sealed
     */
    public SqsService(Store store, Segments segments, Clock clock, Caller neighbours, byte[] folderKey) {
        store.open(SqsTables.ALL, List.of());
        sqs = new SqsContext(
                store,
                new KnownQueues(store),
                new LiveQueues(segments, clock, new Seal(Tokens.derive(folderKey, "sqs messages"))),
                clock,
                new Tokens(Tokens.derive(folderKey, "sqs tokens")),
                new QueueKeys(new DataKeys(neighbours, "sqs.amazonaws.com", clock)));
        queues = new Queues(sqs);
        policies = new QueuePolicies(sqs);
        sending = new Sending(sqs);
        receiving = new Receiving(sqs);
        settling = new Settling(sqs);
        moves = new MoveTasks(sqs, receiving);
    }

    /** Joins the driver, before it starts. */
    public void join(Driver driver) {
        driver.follow("sqs.upkeep", Set.of(SqsTables.QUEUES.name()), this::removed);
        moves.join(driver);
    }

    /** Tells AWS/SQS's metrics; before the driver starts. */
    public void measure(Driver driver, Metrics measured) {
        SqsMetrics measuring = new SqsMetrics(sqs, measured);
        driver.add(measuring, 1).wake("minute");
        metrics = measuring;
    }

    private void count(String name, @Nullable String url, Call call, double value) {
        SqsMetrics measuring = metrics;
        if (measuring != null && url != null && value > 0) {
            measuring.count(name, url, call, value);
        }
    }

    /** A queue that is gone leaves its messages behind, if the server died just then. */
    private void removed(Change change) {
        if (change.after(SqsTables.QUEUES.codec()).isEmpty()) {
            change.before(SqsTables.QUEUES.codec()).map(QueueRow::log).ifPresent(sqs.live()::remove);
        }
    }

    /** Queues' owners and policies, for the authorizer. */
    public ResourcePolicies resourcePolicies() {
        return policies;
    }

    /** Removes the messages of an account (of all accounts for null) whose records the store has just been emptied of. */
    public void reset(@Nullable String account) {
        sqs.queues().forget();
        sqs.live().reset(account);
    }

    @Override
    public CreateQueueResult createQueue(CreateQueueRequest in, Call call) {
        return queues.create(in, call);
    }

    @Override
    public DeleteQueueResult deleteQueue(DeleteQueueRequest in, Call call) {
        queues.delete(in.queueUrl(), call);
        return new DeleteQueueResult();
    }

    @Override
    public GetQueueUrlResult getQueueUrl(GetQueueUrlRequest in, Call call) {
        return queues.url(in, call);
    }

    @Override
    public ListQueuesResult listQueues(ListQueuesRequest in, Call call) {
        return queues.list(in, call);
    }

    @Override
    public ListDeadLetterSourceQueuesResult listDeadLetterSourceQueues(
            ListDeadLetterSourceQueuesRequest in, Call call) {
        return queues.sources(in, call);
    }

    @Override
    public GetQueueAttributesResult getQueueAttributes(GetQueueAttributesRequest in, Call call) {
        return queues.attributes(in, call);
    }

    @Override
    public SetQueueAttributesResult setQueueAttributes(SetQueueAttributesRequest in, Call call) {
        queues.set(in, call);
        return new SetQueueAttributesResult();
    }

    @Override
    public PurgeQueueResult purgeQueue(PurgeQueueRequest in, Call call) {
        queues.purge(in.queueUrl(), call);
        return new PurgeQueueResult();
    }

    @Override
    public TagQueueResult tagQueue(TagQueueRequest in, Call call) {
        queues.tag(in.queueUrl(), in.tags(), call);
        return new TagQueueResult();
    }

    @Override
    public UntagQueueResult untagQueue(UntagQueueRequest in, Call call) {
        queues.untag(in.queueUrl(), in.tagKeys(), call);
        return new UntagQueueResult();
    }

    @Override
    public ListQueueTagsResult listQueueTags(ListQueueTagsRequest in, Call call) {
        return new ListQueueTagsResult()
                .tags(sqs.queue(in.queueUrl(), call).row().tags());
    }

    @Override
    public AddPermissionResult addPermission(AddPermissionRequest in, Call call) {
        policies.add(in, call);
        return new AddPermissionResult();
    }

    @Override
    public RemovePermissionResult removePermission(RemovePermissionRequest in, Call call) {
        policies.remove(in, call);
        return new RemovePermissionResult();
    }

    @Override
    public SendMessageResult sendMessage(SendMessageRequest in, Call call) {
        SendMessageResult sent = sending.send(in, call);
        count("NumberOfMessagesSent", in.queueUrl(), call, 1);
        return sent;
    }

    @Override
    public SendMessageBatchResult sendMessageBatch(SendMessageBatchRequest in, Call call) {
        SendMessageBatchResult sent = sending.batch(in, call);
        count("NumberOfMessagesSent", in.queueUrl(), call, sent.successful().size());
        return sent;
    }

    @Override
    public ReceiveMessageResult receiveMessage(ReceiveMessageRequest in, Call call) {
        ReceiveMessageResult received = receiving.receive(in, call);
        int messages = received.messages().size();
        count("NumberOfMessagesReceived", in.queueUrl(), call, messages);
        count("NumberOfEmptyReceives", in.queueUrl(), call, messages == 0 ? 1 : 0);
        return received;
    }

    @Override
    public DeleteMessageResult deleteMessage(DeleteMessageRequest in, Call call) {
        settling.delete(in, call);
        count("NumberOfMessagesDeleted", in.queueUrl(), call, 1);
        return new DeleteMessageResult();
    }

    @Override
    public DeleteMessageBatchResult deleteMessageBatch(DeleteMessageBatchRequest in, Call call) {
        DeleteMessageBatchResult deleted = settling.delete(in, call);
        count(
                "NumberOfMessagesDeleted",
                in.queueUrl(),
                call,
                deleted.successful().size());
        return deleted;
    }

    @Override
    public ChangeMessageVisibilityResult changeMessageVisibility(ChangeMessageVisibilityRequest in, Call call) {
        settling.change(in, call);
        return new ChangeMessageVisibilityResult();
    }

    @Override
    public ChangeMessageVisibilityBatchResult changeMessageVisibilityBatch(
            ChangeMessageVisibilityBatchRequest in, Call call) {
        return settling.change(in, call);
    }

    @Override
    public StartMessageMoveTaskResult startMessageMoveTask(StartMessageMoveTaskRequest in, Call call) {
        return moves.start(in, call);
    }

    @Override
    public CancelMessageMoveTaskResult cancelMessageMoveTask(CancelMessageMoveTaskRequest in, Call call) {
        return moves.cancel(in, call);
    }

    @Override
    public ListMessageMoveTasksResult listMessageMoveTasks(ListMessageMoveTasksRequest in, Call call) {
        return moves.list(in, call);
    }
}
