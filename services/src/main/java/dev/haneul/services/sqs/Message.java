package dev.haneul.services.sqs;

import dev.haneul.api.sqs.MessageAttributeValue;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A message as it stands in its queue's log.
 *
 * @param visibleMillis when its delay ends
 * @param deadSource the ARN of the queue it failed in
 * @param origin by which position receipt handles know it; -1 for its own
 */
record Message(
        UUID id,
        String sender,
        long sentMillis,
        long visibleMillis,
        String body,
        Map<String, MessageAttributeValue> attributes,
        @Nullable String trace,
        @Nullable String group,
        @Nullable String deduplication,
        @Nullable String deadSource,
        long origin,
        int receives,
        long firstMillis) {
    /** The same message, as it stands now, to be written again further on in the log. */
    Message copy(Entry entry) {
        return new Message(
                id,
                sender,
                sentMillis,
                entry.visibleMillis,
                body,
                attributes,
                trace,
                group,
                deduplication,
                deadSource,
                entry.origin,
                entry.receives,
                entry.firstMillis);
    }

    /** The same message for another queue; counted anew there. */
    Message moved(long nowMillis, @Nullable String failedIn, boolean anew) {
        return new Message(
                id,
                sender,
                anew ? nowMillis : sentMillis,
                nowMillis,
                body,
                attributes,
                trace,
                group,
                deduplication,
                failedIn,
                -1,
                0,
                0);
    }
}
