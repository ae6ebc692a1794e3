package dev.haneul.services.sqs;

import dev.haneul.kernel.checksum.ChecksumAlgorithm;
import dev.haneul.services.sqs.LiveQueue.Stored;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What was sent to a FIFO queue within the last five minutes, deleted or not. See "Exactly-once processing in Amazon
 * SQS". Remembered by deduplication id with the groups that used it, so that either scope can be asked for, before a
 * restart and after it. Ids are kept as digests: some 220 bytes each, counted with the region's messages.
 */
final class Duplicates {
    private static final long INTERVAL_MILLIS = 300_000;
    private final Bodies bodies;
    private final Map<UUID, Sent> byId = new HashMap<>();
    private final Map<UUID, Sent> byGroup = new HashMap<>();
    private final ArrayDeque<Sent> byTime = new ArrayDeque<>();

    /**
     * By what a message is told from others.
     *
     * @param id digest of its deduplication id
     * @param inGroup digest of that and its group
     * @param grouped whether only messages of the same group are its duplicates
     */
    record Scope(UUID id, UUID inGroup, boolean grouped) {
        private static final UUID NONE = new UUID(0, 0);

        static Scope of(Message message, boolean grouped) {
            String deduplication = message.deduplication();
            return deduplication == null
                    ? new Scope(NONE, NONE, grouped)
                    : new Scope(digest(deduplication), digest(message.group() + "\u0000" + deduplication), grouped);
        }

        /** A message that comes from another queue: only itself is its duplicate. */
        static Scope moved(UUID message, long origin) {
            UUID id = digest("moved\u0000" + message + "\u0000" + origin);
            return new Scope(id, id, true);
        }

        private static UUID digest(String text) {
            ByteBuffer hash = ByteBuffer.wrap(ChecksumAlgorithm.SHA256.of(text.getBytes(StandardCharsets.UTF_8)));
            return new UUID(hash.getLong(), hash.getLong());
        }

        UUID key() {
            return grouped ? inGroup : id;
        }
    }

    private record Sent(Scope scope, long millis, Stored stored) {
        boolean fresh(long now) {
            return millis + INTERVAL_MILLIS >= now;
        }
    }

    /** Messages that are to be sent, told apart: which are new, and what was sent of the others. */
    record Sorted(List<Message> fresh, Map<UUID, Integer> places, List<Scope> scopes, List<@Nullable Stored> known) {
        /** What every message is answered, once the fresh ones are stored. */
        List<Stored> answers(List<Stored> stored) {
            List<Stored> answers = new ArrayList<>();
            for (int i = 0; i < scopes.size(); i++) {
                Stored before = known.get(i);
                Integer place = places.get(scopes.get(i).key());
                answers.add(before != null || place == null ? Objects.requireNonNull(before) : stored.get(place));
            }
            return answers;
        }
    }

    Duplicates(Bodies bodies) {
        this.bodies = bodies;
    }

    /** Tells duplicates apart, of what was sent before and in the batch itself. */
    synchronized Sorted sort(List<Message> messages, List<Scope> scopes, long now) {
        forget(now);
        Sorted sorted = new Sorted(new ArrayList<>(), new HashMap<>(), scopes, new ArrayList<>());
        for (int i = 0; i < messages.size(); i++) {
            Scope scope = scopes.get(i);
            Sent before = (scope.grouped ? byGroup : byId).get(scope.key());
            sorted.known.add(before == null ? null : before.stored);
            if (before == null && sorted.places.putIfAbsent(scope.key(), sorted.fresh.size()) == null) {
                sorted.fresh.add(messages.get(i));
            }
        }
        return sorted;
    }

    /** The fresh ones are stored. */
    synchronized void remember(Sorted sorted, List<Stored> stored, long now) {
        for (Scope scope : sorted.scopes) {
            Integer place = sorted.places.get(scope.key());
            if (place != null) {
                add(scope, now, stored.get(place));
            }
        }
    }

    /** From the log; copies stand there with the age of what they copy. */
    synchronized void remember(Message message, long origin, long now) {
        if (message.deduplication() != null && message.sentMillis() + INTERVAL_MILLIS >= now) {
            add(Scope.of(message, true), message.sentMillis(), new Stored(message.id(), origin));
        }
    }

    private void add(Scope scope, long millis, Stored stored) {
        Sent one = new Sent(scope, millis, stored);
        if (byGroup.putIfAbsent(scope.inGroup, one) == null) {
            byId.putIfAbsent(scope.id, one);
            byTime.add(one);
            bodies.count(Bodies.DUPLICATE_BYTES);
        }
    }

    private void forget(long now) {
        while (!byTime.isEmpty() && !byTime.element().fresh(now)) {
            Sent old = byTime.remove();
            byGroup.remove(old.scope.inGroup, old);
            byId.remove(old.scope.id, old);
            bodies.count(-Bodies.DUPLICATE_BYTES);
        }
    }

    /** The log is needed from this position on, if not from an earlier one. */
    synchronized long floor(long end, long now) {
        forget(now);
        return byTime.stream().mapToLong(each -> each.stored.origin()).min().orElse(end);
    }

    /** Forgets everything: the queue is gone. */
    synchronized void clear() {
        bodies.count(-(long) byTime.size() * Bodies.DUPLICATE_BYTES);
        byTime.clear();
        byId.clear();
        byGroup.clear();
    }
}
