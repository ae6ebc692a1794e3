package dev.haneul.services.sqs;

import dev.haneul.api.runtime.Fault;
import dev.haneul.api.sqs.BatchEntryIdsNotDistinct;
import dev.haneul.api.sqs.BatchResultErrorEntry;
import dev.haneul.api.sqs.EmptyBatchRequest;
import dev.haneul.api.sqs.InvalidBatchEntryId;
import dev.haneul.api.sqs.TooManyEntriesInBatchRequest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What all batches have in common. */
final class Batch {
    private static final int MOST = 10;
    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,80}");

    private Batch() {}

    /**
     * Checks the ids of a batch's entries.
     *
     * @param entry the entries' name, as the message tells it
     */
    static void check(List<String> ids, String entry) {
        if (ids.isEmpty()) {
            throw Fault.of(new EmptyBatchRequest(), "There should be at least one " + entry + " in the request.");
        }
        if (ids.size() > MOST) {
            throw Fault.of(
                    new TooManyEntriesInBatchRequest(),
                    "Maximum number of entries per request are " + MOST + ". You have sent " + ids.size() + ".");
        }
        Set<String> seen = new HashSet<>();
        for (String id : ids) {
            if (!ID.matcher(id).matches()) {
                throw Fault.of(
                        new InvalidBatchEntryId(),
                        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be"
                                + " at most 80 letters long.");
            }
            if (!seen.add(id)) {
                throw Fault.of(new BatchEntryIdsNotDistinct(), "Id " + id + " repeated.");
            }
        }
    }

    /** A list as it is told: not at all where there is nothing in it. */
    static <T> @Nullable List<T> some(List<T> list) {
        return list.isEmpty() ? null : list;
    }

    /** How an entry that failed is told. */
    static BatchResultErrorEntry failed(String id, Fault fault) {
        return new BatchResultErrorEntry()
                .id(id)
                .code(fault.code())
                .message(fault.message())
                .senderFault(fault.sender());
    }
}
