package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Call;
import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.*;
import dev.haneul.services.sqs.SqsContext.Queue;
import dev.haneul.services.sqs.SqsContext.Receipt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What receivers say of messages they hold: done with, or how long they stay invisible. */
final class Settling {
    private static final int LONGEST_SECONDS = 43_200;
    private final SqsContext sqs;

    Settling(SqsContext sqs) {
        this.sqs = sqs;
    }

    void delete(DeleteMessageRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        delete(queue, List.of(sqs.receipt(queue.row(), in.receiptHandle())));
    }

    DeleteMessageBatchResult delete(DeleteMessageBatchRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        Batch.check(
                in.entries().stream().map(DeleteMessageBatchRequestEntry::id).toList(),
                "DeleteMessageBatchRequestEntry");
        List<Receipt> receipts = new ArrayList<>();
        List<DeleteMessageBatchResultEntry> done = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (DeleteMessageBatchRequestEntry each : in.entries()) {
            try {
                receipts.add(sqs.receipt(queue.row(), each.receiptHandle()));
                done.add(new DeleteMessageBatchResultEntry().id(each.id()));
            } catch (Fault fault) {
                failed.add(Batch.failed(each.id(), fault));
            }
        }
        delete(queue, receipts);
        return new DeleteMessageBatchResult().successful(Batch.some(done)).failed(Batch.some(failed));
    }

    /**
     * An older receipt than the last deletes nothing, and says nothing. After a power failure the last may be one that is
     * not remembered.
     */
    private void delete(Queue queue, List<Receipt> receipts) {
        Map<Long, Integer> last = new HashMap<>();
        receipts.forEach(each -> last.put(each.origin(), each.receives()));
        if (!last.isEmpty()) {
            sqs.live()
                    .of(queue.row())
                    .delete(List.copyOf(last.keySet()), entry -> last.getOrDefault(entry.origin, 0) >= entry.receives);
        }
    }

    void change(ChangeMessageVisibilityRequest in, Call call) {
        change(sqs.queue(in.queueUrl(), call), in.receiptHandle(), in.visibilityTimeout());
    }

    ChangeMessageVisibilityBatchResult change(ChangeMessageVisibilityBatchRequest in, Call call) {
        Queue queue = sqs.queue(in.queueUrl(), call);
        Batch.check(
                in.entries().stream()
                        .map(ChangeMessageVisibilityBatchRequestEntry::id)
                        .toList(),
                "ChangeMessageVisibilityBatchRequestEntry");
        List<ChangeMessageVisibilityBatchResultEntry> done = new ArrayList<>();
        List<BatchResultErrorEntry> failed = new ArrayList<>();
        for (ChangeMessageVisibilityBatchRequestEntry each : in.entries()) {
            try {
                change(queue, each.receiptHandle(), each.visibilityTimeout());
                done.add(new ChangeMessageVisibilityBatchResultEntry().id(each.id()));
            } catch (Fault fault) {
                failed.add(Batch.failed(each.id(), fault));
            }
        }
        return new ChangeMessageVisibilityBatchResult()
                .successful(Batch.some(done))
                .failed(Batch.some(failed));
    }

    private void change(Queue queue, String handle, @Nullable Integer seconds) {
        if (seconds == null) {
            throw SqsFaults.missing("VisibilityTimeout");
        }
        if (seconds < 0 || seconds > LONGEST_SECONDS) {
            throw SqsFaults.parameter("VisibilityTimeout", seconds, "VisibilityTimeout must be >= 0 and <= 43200.");
        }
        Receipt receipt = sqs.receipt(queue.row(), handle);
        long now = sqs.nowMillis();
        sqs.live().of(queue.row()).change(receipt.origin(), seconds * 1000L, entry -> {
            if (!entry.inFlight || entry.leaving || entry.receives != receipt.receives()) {
                throw SqsFaults.notInFlight(handle);
            }
            if (now + seconds * 1000L > entry.receivedMillis + LONGEST_SECONDS * 1000L) {
                throw SqsFaults.parameter(
                        "VisibilityTimeout",
                        seconds,
                        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]");
            }
            return true;
        });
    }
}
