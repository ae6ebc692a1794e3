package dev.haneul.kernel.events;

import dev.haneul.kernel.store.RecordCodecs;
import dev.haneul.kernel.store.Scope;
import dev.haneul.kernel.store.Store;
import dev.haneul.kernel.store.Topic;
import dev.haneul.kernel.store.WriteTx;
import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * Something a service of the region tells whoever cares, as AWS services tell EventBridge's default bus. A room emits it
 * in the transaction that makes it true; it is a fact of the change feed, and nobody has to listen.
 *
 * @param id a UUID
 * @param source e.g. {@code aws.s3}
 * @param detailType e.g. {@code Object Created}
 * @param time when it happened
 * @param resources ARNs of what it happened to
 * @param detail a JSON object
 */
public record ServiceEvent(
        String id, String source, String detailType, Instant time, List<String> resources, String detail) {
    /** Where such events stand in the feed; a change's key tells account and region. */
    public static final Topic<ServiceEvent> TOPIC =
            new Topic<>("events.service_event", RecordCodecs.of(ServiceEvent.class));

    public ServiceEvent {
        resources = List.copyOf(resources);
    }

    /** An event with an id of its own. */
    public static ServiceEvent of(
            String source, String detailType, Instant time, List<String> resources, String detail) {
        return new ServiceEvent(UUID.randomUUID().toString(), source, detailType, time, resources, detail);
    }

    /** Declares the topic, once in a region and before any room emits. */
    public static void open(Store store) {
        store.open(List.of(), List.of(TOPIC));
    }

    /** Tells it, in the order of this commit. */
    public void emit(WriteTx tx, Scope scope) {
        tx.emit(TOPIC, scope.key(id), this);
    }
}
